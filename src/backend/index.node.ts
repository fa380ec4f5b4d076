/** What backends offer under Node.js only. */

export { cachedTiles } from "./wasm/autotune.node.ts";
export { codeCache } from "./wasm/codeCache.node.ts";
export { startThreads } from "./wasm/threads.node.ts";
