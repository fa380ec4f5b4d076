/** Backends: the reference interpreter and WebAssembly. */

import type { Backend } from "./interface.ts";
import { referenceBackend } from "./reference/index.ts";

export type { Backend, Executable, Mode, Program, Update } from "./interface.ts";
export { referenceBackend } from "./reference/index.ts";

let shared: Backend | undefined;

/** The backend that functions use when none is given: one for the process, made at its first use. */
export function defaultBackend(): Backend {
  shared ??= referenceBackend();
  return shared;
}
