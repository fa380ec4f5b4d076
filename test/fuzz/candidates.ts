/** The backends that the fuzzer compares with the reference. */

import { wasmBackend } from "../../src/backend/wasm/index.ts";
import type { Candidate } from "./run.ts";

/** WebAssembly in both precisions and both modes. */
export function candidates(): Candidate[] {
  return (["strict", "fast"] as const).flatMap((mode) =>
    (["float32", "float64"] as const).map((dtype) => ({
      name: `wasm (${mode})`,
      dtype,
      backend: wasmBackend({ mode }),
    })),
  );
}
