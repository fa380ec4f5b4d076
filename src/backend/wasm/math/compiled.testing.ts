/** Runs a vector function over arrays, for tests. */

import { FunctionBuilder, i32, ModuleBuilder, v128 } from "../assembler/index.ts";
import type { Lanes, MathOptions } from "./context.ts";
import { angleImports } from "./hugeAngle.ts";
import { emitMath, type MathFunction, vectorMath } from "./vectorMath.ts";

export type FloatArray = Float32Array | Float64Array;

/** The function of whole arrays, whose lengths are a multiple of the lanes. */
export function compileMath(
  name: MathFunction,
  lanes: Lanes,
  madd: boolean,
  { active, isShort }: Pick<MathOptions, "active" | "isShort"> = {},
): (x: FloatArray, y?: FloatArray) => FloatArray {
  const module = new ModuleBuilder(name);
  module.importMemory("env", "memory", { min: 1 });
  const f = new FunctionBuilder({ name, params: ["i32", "i32", "i32", "i32"], results: [] });
  const [x, y, result, end] = [0, 1, 2, 3].map((i) => f.param(i));
  const i = f.hold(i32.const(0));
  f.loop((again) => {
    const args = [x, y].slice(0, vectorMath[name].arity);
    const value = emitMath(
      f,
      lanes,
      name,
      args.map((base) => v128.load(i32.add(i, base))),
      { madd, module, active, isShort },
    );
    f.emit(v128.store(i32.add(i, result), 0, value));
    f.release(value);
    f.brIf(again, i32.ltS(f.tee(i, i32.add(i, i32.const(16))), end));
  });
  module.addFunction(f, { export: "main" });
  const compiled = new WebAssembly.Module(module.build());

  return (x, y = x) => {
    const bytes = x.byteLength;
    const memory = new WebAssembly.Memory({ initial: Math.ceil((3 * bytes) / 65536) });
    const instance = new WebAssembly.Instance(compiled, { env: { memory, ...angleImports() } });
    const make = lanes === "f32x4" ? Float32Array : Float64Array;
    new make(memory.buffer, 0, x.length).set(x);
    new make(memory.buffer, bytes, x.length).set(y);
    (instance.exports.main as (...offsets: number[]) => void)(0, bytes, 2 * bytes, bytes);
    return new make(memory.buffer, 2 * bytes, x.length);
  };
}
