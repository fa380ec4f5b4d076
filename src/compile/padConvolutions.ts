/** Padding of convolutions: the axes that a kernel cannot clip to the image are padded in storage. */

import { build, makeNode, type Node, rewrite } from "../ir/index.ts";
import { isClipped } from "./clipping.ts";
import { readyPatchesOf } from "./patches.ts";

/** After this pass only axes that `isClipped` have padding left. */
export function padConvolutions(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    if (node.op !== "convolve" || readyPatchesOf(node) !== undefined) return node;
    const { stride, dilation, low, high } = node.attributes;
    const isStored = stride.map((_, axis) => !isClipped(node, axis));
    if (!isStored.some((stored, axis) => stored && low[axis] + high[axis] > 0)) return node;
    const [x, w] = node.inputs;
    const split = (amounts: readonly number[], stored: boolean) =>
      amounts.map((amount, axis) => (isStored[axis] === stored ? amount : 0));
    const padded = padSpatial(x, split(low, true), split(high, true));
    return build.convolve(padded, w, stride, dilation, {
      low: split(low, false),
      high: split(high, false),
    });
  });
}

/** Zeros around the spatial axes of [batch, ...spatial, channels]; below a permutation, so that a
 * convolution and its gradient share one padded copy. */
function padSpatial(x: Node, low: readonly number[], high: readonly number[]): Node {
  const before = [0, ...low, 0];
  const after = [0, ...high, 0];
  if (x.op !== "permute") {
    const interior = before.map(() => 0);
    return makeNode("pad", [x], { low: before, high: after, interior, value: 0 });
  }
  const { order } = x.attributes;
  const moved = (amounts: readonly number[]) =>
    order.map((_, axis) => amounts[order.indexOf(axis)]);
  const padded = makeNode("pad", [x.inputs[0]], {
    low: moved(before),
    high: moved(after),
    interior: before.map(() => 0),
    value: 0,
  });
  return build.permute(padded, order);
}
