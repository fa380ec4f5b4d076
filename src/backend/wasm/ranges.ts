/** What is known of the numbers inside a softmax, so that its elementary functions need not cover all numbers. */

import type { ScalarOp, Value } from "../../compile/index.ts";

/** Whether a fused elementary function may be computed by its short form: exp where its argument is at most 0, but in
 * rows of logits that are not all finite, where it may then be NaN; log of sums of exponentials, which are not negative
 * and, because fused exponentials are flushed, not subnormal. */
export function hasShortForm(op: ScalarOp, argument: Value): boolean {
  if (op === "exp") return isBelowMaximum(argument);
  return op === "log" && leavesOf("add", argument).every((leaf) => isOp(leaf, "exp"));
}

/** Whether a value is x − max(…, x, …), whatever stands for the maximum where that is not finite. */
function isBelowMaximum(value: Value): boolean {
  if (!isOp(value, "sub")) return false;
  const [x, shift] = value.inputs;
  return leavesOf("max", unguarded(shift)).includes(x);
}

/** m of `|m| < ∞ ? m : otherwise`; other values as they are. */
function unguarded(value: Value): Value {
  if (!isOp(value, "select")) return value;
  const [condition, m] = value.inputs;
  if (!isOp(condition, "lt")) return value;
  const [magnitude, limit] = condition.inputs;
  const isInfinite = limit.kind === "constant" && limit.value === Infinity;
  return isInfinite && isOp(magnitude, "abs") && magnitude.inputs[0] === m ? m : value;
}

/** The operands of a tree of one op. */
function leavesOf(op: ScalarOp, value: Value): Value[] {
  return isOp(value, op) ? value.inputs.flatMap((input) => leavesOf(op, input)) : [value];
}

function isOp(value: Value, op: ScalarOp): value is Value & { readonly kind: "op" } {
  return value.kind === "op" && value.op === op;
}
