/** Padding of convolutions: the axes that a kernel cannot clip to the image are padded in storage. */

import { build, makeNode, type Node, type NodeOf, rewrite } from "../ir/index.ts";
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

/** The convolution of an image that is padded in storage along every axis. */
export function overPaddedImage(node: NodeOf<"convolve">): NodeOf<"convolve"> {
  const { stride, dilation, low, high } = node.attributes;
  const [x, w] = node.inputs;
  if (![...low, ...high].some((amount) => amount > 0)) return node;
  const positive = (amounts: readonly number[]) => amounts.map((amount) => Math.max(0, amount));
  const negative = (amounts: readonly number[]) => amounts.map((amount) => Math.min(0, amount));
  const image = padSpatial(x, positive(low), positive(high));
  const attributes = { stride, dilation, low: negative(low), high: negative(high) };
  return makeNode("convolve", [image, w], attributes) as NodeOf<"convolve">;
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
