/** The larger or smaller of a value and a number, or a multiple of the value, in one instruction. */

import type { Value } from "../../compile/index.ts";
import { f32x4, f64x2 } from "./assembler/index.ts";
import type { Vector } from "./lanes.ts";

/** The maximum or minimum of `inputs`, given as `operands`; undefined where more has to be done for NaN. */
export function emitExtreme(
  op: "max" | "min",
  dtype: "float32" | "float64",
  inputs: readonly Value[],
  operands: readonly Vector[],
): Vector | undefined {
  let limit = inputs.findIndex(isNumber);
  if (limit < 0) limit = inputs.findIndex((input, i) => isMultipleOf(input, inputs[1 - i]));
  // Where x is NaN the comparison inside pmax and pmin fails, and they return their first operand, x.
  const ops = dtype === "float32" ? f32x4 : f64x2;
  return limit < 0 ? undefined : ops[`p${op}`](operands[1 - limit], operands[limit]);
}

/** A constant other than NaN. */
function isNumber(value: Value): boolean {
  return value.kind === "constant" && !Number.isNaN(value.value);
}

/** Whether a value is another one times a number, so that it is NaN where that is. */
function isMultipleOf(value: Value, other: Value): boolean {
  if (value.kind !== "op" || value.op !== "mul" || !value.inputs.includes(other)) return false;
  return value.inputs.some(
    (factor) => factor.kind === "constant" && Number.isFinite(factor.value) && factor.value !== 0,
  );
}
