/** The backend that functions use when none is given. */

import type { Backend } from "./interface.ts";
import { wasmBackend } from "./wasm/index.ts";

let shared: Backend | undefined;

/** WebAssembly in strict mode, one for the process, made at its first use, so that everything shares its
 * memory and its compiled code.
 * @throws UsageError where the engine has no WebAssembly SIMD */
export function defaultBackend(): Backend {
  shared ??= wasmBackend();
  return shared;
}
