/** Backends: the reference interpreter and WebAssembly. */

export { printing } from "../compile/index.ts";
export { defaultBackend } from "./defaultBackend.ts";
export type { Backend, Executable, Mode, Program, Update } from "./interface.ts";
export { referenceBackend } from "./reference/index.ts";
export {
  type CodeCache,
  measureTiles,
  startWebThreads,
  type ThreadTeam,
  type TileCosts,
  type WasmBackendOptions,
  wasmBackend,
} from "./wasm/index.ts";
