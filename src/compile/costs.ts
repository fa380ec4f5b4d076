/** What ops cost, very roughly. */

import type { Op } from "../ir/index.ts";

const longOps: ReadonlySet<Op> = new Set<Op>([
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tanh",
  "sigmoid",
  "erf",
  "pow",
]);

/** Whether an elementwise op takes tens of instructions. */
export function isLongOp(op: Op): boolean {
  return longOps.has(op);
}

/** Whether an elementwise op takes much longer than a load. */
export function isSlowOp(op: Op): boolean {
  return isLongOp(op) || op === "div" || op === "sqrt";
}
