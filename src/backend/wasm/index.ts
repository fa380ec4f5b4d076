export { type WasmBackendOptions, wasmBackend } from "./backend.ts";
export { startWebThreads, ThreadTeam } from "./threads.ts";
