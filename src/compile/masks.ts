/** Rectifiers: their derivative is read from their result instead of a mask stored beside it. */

import { build, type Node, rewrite, topologicalOrder } from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";

/** For y = select(z ≤ 0, 0, z), every other use of z ≤ 0 becomes y ≤ 0, and for y = select(z > 0, z, kz) with
 * a number k ≥ 0 every other use of z > 0 becomes y > 0: the two are equal (also for NaN), and y is stored
 * anyway, for the layer that follows. And y itself is the larger of two values. */
export function readMasksFromResults(outputs: readonly Node[]): Node[] {
  const rectifiers = new Map<Node, Node>();
  for (const node of topologicalOrder(outputs)) {
    if (isRectifier(node)) rectifiers.set(node.inputs[0], node);
  }
  if (rectifiers.size === 0) return [...outputs];
  const masks = new Map<Node, { readonly mask: Node; readonly result: Node }>();
  return rewrite(outputs, (node, original) => {
    const rectifier = rectifiers.get(original);
    if (rectifier !== undefined) {
      const [z] = node.inputs;
      const zero = build.fullLike(0, z);
      const result =
        node.op === "le" ? build.binary("max", z, zero) : leaky(node, z, slopeOf(rectifier)!);
      masks.set(original, { mask: build.binary(node.op as "le" | "gt", result, zero), result });
      return node;
    }
    const own = masks.get(original.inputs[0]);
    if (own === undefined || original.op !== "select") return node;
    if (rectifiers.get(original.inputs[0]) === original) return own.result;
    return build.select(own.mask, node.inputs[1], node.inputs[2]);
  });
}

/** select(z > 0, z, kz), which for k from 0 to 1 is the larger of z and kz; with k = 0 the two differ where z
 * is infinite. */
function leaky(isPositive: Node, z: Node, k: number): Node {
  const product = build.mul(z, build.fullLike(k, z));
  return k > 0 && k <= 1 ? build.binary("max", z, product) : build.select(isPositive, z, product);
}

/** select(z ≤ 0, 0, z), or select(z > 0, z, kz). */
function isRectifier(node: Node): boolean {
  if (node.op !== "select") return false;
  const [condition, zero, z] = node.inputs;
  const isCut =
    condition.op === "le" &&
    condition.inputs[0] === z &&
    uniformValue(condition.inputs[1]) === 0 &&
    uniformValue(zero) === 0;
  return isCut || slopeOf(node) !== undefined;
}

/** The number k ≥ 0 of select(z > 0, z, kz). */
function slopeOf(node: Node): number | undefined {
  const [condition, z, product] = node.inputs;
  const isLeaky =
    condition.op === "gt" &&
    condition.inputs[0] === z &&
    uniformValue(condition.inputs[1]) === 0 &&
    product.op === "mul" &&
    product.inputs[0] === z;
  const slope = isLeaky ? uniformValue(product.inputs[1]) : undefined;
  return slope !== undefined && slope >= 0 ? slope : undefined;
}
