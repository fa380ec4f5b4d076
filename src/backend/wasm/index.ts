export { type WasmBackendOptions, wasmBackend } from "./backend.ts";
