export { measureTiles } from "./autotune.ts";
export { type WasmBackendOptions, wasmBackend } from "./backend.ts";
export type { CodeCache } from "./codeCache.ts";
export { ThreadTeam } from "./threads.ts";
export type { TileCosts } from "./tileCosts.ts";
export { startWebThreads } from "./webThreads.ts";
