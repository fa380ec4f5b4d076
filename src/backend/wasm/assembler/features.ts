/** Asks the engine which WebAssembly features it has, by validating tiny modules. */

import { FunctionBuilder } from "./functionBuilder.ts";
import { ModuleBuilder } from "./moduleBuilder.ts";
import { drop } from "./scalar.ts";
import { f32x4 } from "./vector.ts";

export interface Features {
  /** 128-bit vectors. */
  readonly simd: boolean;
  /** Relaxed vectors: fused multiply-add where the machine has it. */
  readonly relaxedSimd: boolean;
  /** Shared memory; in browsers only on cross-origin isolated pages. */
  readonly threads: boolean;
}

/** The features of the engine that runs this; nothing is cached. */
export function detectFeatures(): Features {
  const zero = f32x4.constant(0);
  return {
    simd: validates((f) => f.emit(drop(f32x4.add(zero, zero)))),
    relaxedSimd: validates((f) => f.emit(drop(f32x4.relaxedMadd(zero, zero, zero)))),
    threads: typeof SharedArrayBuffer !== "undefined" && validates(() => {}, true),
  };
}

function validates(body: (f: FunctionBuilder) => void, shared = false): boolean {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { min: 1, max: 1, shared });
  const f = new FunctionBuilder({ params: [], results: [] });
  body(f);
  module.addFunction(f);
  return WebAssembly.validate(module.build());
}
