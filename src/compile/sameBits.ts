/** Which values must not be computed twice: where a product and a sum may be one instruction, two kernels may round
 * them differently, and then no element equals the extreme that was found among them. */

import { type Node, opKinds } from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";

/** Comparisons that ask whether two values are equal. */
export const attaining = /^(eq|[nlg]e)$/;

export const comparing = /^(eq|[nlg][et])$/;

/** Whether a value is made of a product and a sum, and a reader, behind movements too, compares it with another value
 * by an op that fits. */
export function needsSameBits(
  node: Node,
  ops: RegExp,
  consumers: ReadonlyMap<Node, readonly Node[]>,
): boolean {
  const isCompared = (value: Node): boolean =>
    consumers
      .get(value)!
      .some((reader) =>
        opKinds[reader.op] === "movement"
          ? isCompared(reader)
          : ops.test(reader.op) && reader.inputs.every((x) => uniformValue(x) === undefined),
      );
  return isCompared(node) && hasProductInSum(node);
}

function hasProductInSum({ op, inputs }: Node, seen = new Set<Node>()): boolean {
  const isSum = op === "add" || op === "sub";
  return inputs.some(
    (operand) =>
      (isSum && operand.op === "mul") ||
      (opKinds[operand.op] === "elementwise" &&
        !seen.has(operand) &&
        hasProductInSum(operand, seen.add(operand))),
  );
}
