/** Rectifiers: their derivative is read from their result instead of a mask stored beside it. */

import { build, type Node, rewrite, topologicalOrder } from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";

/** For y = select(z ≤ 0, 0, z), every other use of z ≤ 0 becomes y ≤ 0: the two are equal (also for NaN),
 * and y is stored anyway, for the layer that follows. */
export function readMasksFromResults(outputs: readonly Node[]): Node[] {
  const rectifiers = new Map<Node, Node>();
  for (const node of topologicalOrder(outputs)) {
    if (isRectifier(node)) rectifiers.set(node.inputs[0], node);
  }
  const masks = new Map<Node, { readonly mask: Node; readonly result: Node }>();
  return rewrite(outputs, (node, original) => {
    const rectifier = rectifiers.get(original);
    if (rectifier !== undefined) {
      const [z] = node.inputs;
      const zero = build.fullLike(0, z);
      const result = build.select(node, zero, z);
      masks.set(original, { mask: build.binary("le", result, zero), result });
      return node;
    }
    const own = masks.get(original.inputs[0]);
    if (own === undefined || original.op !== "select") return node;
    if (rectifiers.get(original.inputs[0]) === original) return own.result;
    return build.select(own.mask, node.inputs[1], node.inputs[2]);
  });
}

/** select(z ≤ 0, 0, z). */
function isRectifier(node: Node): boolean {
  if (node.op !== "select") return false;
  const [condition, zero, z] = node.inputs;
  return (
    condition.op === "le" &&
    condition.inputs[0] === z &&
    uniformValue(condition.inputs[1]) === 0 &&
    uniformValue(zero) === 0
  );
}
