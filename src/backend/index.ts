/** Backends: the reference interpreter and WebAssembly. */

import type { Backend } from "./interface.ts";
import { wasmBackend } from "./wasm/index.ts";

export { printing } from "../compile/index.ts";
export type { Backend, Executable, Mode, Program, Update } from "./interface.ts";
export { referenceBackend } from "./reference/index.ts";
export {
  type CodeCache,
  measureTiles,
  startWebThreads,
  type ThreadTeam,
  type TileTimes,
  type WasmBackendOptions,
  wasmBackend,
} from "./wasm/index.ts";

let shared: Backend | undefined;

/** The backend that functions use when none is given: WebAssembly in strict mode, one for the process,
 * made at its first use, so that everything shares its memory and its compiled code.
 * @throws UsageError where the engine has no WebAssembly SIMD */
export function defaultBackend(): Backend {
  shared ??= wasmBackend();
  return shared;
}
