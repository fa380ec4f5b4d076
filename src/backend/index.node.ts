/** What backends offer under Node.js only. */

export { startThreads } from "./wasm/threads.node.ts";
