/** Which values must not be computed twice: where a product and a sum may be one instruction, two kernels may round
 * them differently, and then no element equals the extreme that was found among them. */

import { type Node, type Op, opKinds } from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";

type Consumers = ReadonlyMap<Node, readonly Node[]>;

/** Comparisons that ask whether two values are equal. */
export const attaining: ReadonlySet<Op> = new Set<Op>(["eq", "ne", "le", "ge"]);

export const comparing: ReadonlySet<Op> = new Set<Op>([...attaining, "lt", "gt"]);

/** Whether a value is made of a product and a sum, and one of some ops compares it with another value. */
export function needsSameBits(node: Node, ops: ReadonlySet<Op>, consumers: Consumers): boolean {
  return hasProductInSum(node) && isRead(node, ops, consumers);
}

function hasProductInSum({ op, inputs }: Node): boolean {
  const isSum = op === "add" || op === "sub";
  return inputs.some(
    (operand) =>
      opKinds[operand.op] === "elementwise" &&
      ((isSum && operand.op === "mul") || hasProductInSum(operand)),
  );
}

/** Whether a reader, behind movements too, has one of the ops and no number for its other operand. */
function isRead(node: Node, ops: ReadonlySet<Op>, consumers: Consumers): boolean {
  return consumers.get(node)!.some((reader) => {
    if (opKinds[reader.op] === "movement") return isRead(reader, ops, consumers);
    return ops.has(reader.op) && reader.inputs.every((x) => uniformValue(x) === undefined);
  });
}
