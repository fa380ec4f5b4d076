/** Numbers known at compile time, in all lanes of a vector, each made once a function.
 *
 * V8 makes a non-zero vector constant anew at each use, in several instructions; the splat of a scalar
 * it keeps, in a register or in the frame, over a whole loop.
 */

import type { DType } from "../../ir/index.ts";
import { f32, f32x4, f64, f64x2, i32, i32x4 } from "./assembler/index.ts";
import type { Vector } from "./vector.ts";

/** These two V8 makes in one instruction. */
const allZeros = i32x4.constant(0);
const allOnes = i32x4.constant(-1);

export class Constants {
  readonly #keep: (value: Vector) => Vector;
  readonly #known = {
    float32: new Map<number, Vector>(),
    float64: new Map<number, Vector>(),
    int32: new Map<number, Vector>(),
  };

  /** @param keep computes a vector at the start of the function and returns how to read it. */
  constructor(keep: (value: Vector) => Vector) {
    this.#keep = keep;
  }

  of(dtype: DType, value: number): Vector {
    const isZero = value === 0 && !Object.is(value, -0);
    if (isZero || dtype === "bool") return isZero ? allZeros : allOnes;
    // Maps take −0 for 0, which is never entered.
    let known = this.#known[dtype].get(value);
    if (known === undefined) {
      known = this.#keep(splat(dtype, value));
      this.#known[dtype].set(value, known);
    }
    return known;
  }
}

function splat(dtype: "float32" | "float64" | "int32", value: number): Vector {
  switch (dtype) {
    case "float32":
      return f32x4.splat(f32.const(value));
    case "float64":
      return f64x2.splat(f64.const(value));
    case "int32":
      return i32x4.splat(i32.const(value | 0));
  }
}
