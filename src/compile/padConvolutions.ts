/** Padding of convolutions: the axes that a kernel cannot clip to the image are padded in storage. */

import { build, makeNode, type Node, type NodeOf, rewrite } from "../ir/index.ts";

/** After this pass only axes that `isClipped` have padding left. */
export function padConvolutions(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    if (node.op !== "convolve") return node;
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

/** Whether the kernel's loops leave out what lies in the padding of a spatial axis, as long as its loops
 * exist. On the last axis, neighbours share a tile of registers and its whole sum; where much of that sum
 * would be padding, different images share the tile instead. */
export function isClipped(node: NodeOf<"convolve">, axis: number): boolean {
  const {
    shape,
    inputs: [, w],
    attributes: { stride, low, high },
  } = node;
  return (
    low[axis] + high[axis] > 0 &&
    shape[axis + 1] > 1 &&
    shape[shape.length - 1] > 1 &&
    w.shape[axis] > 1 &&
    (axis < stride.length - 1 || (shape[0] >= leastImages && paddedShare(node, axis) > mostPadding))
  );
}

/** Images that make a tile of registers. */
const leastImages = 4;

/** Terms that may be zeros from padding: more, and images make the tiles. */
const mostPadding = 0.1;

/** The share of the terms along an axis that lie in the padding. */
function paddedShare({ shape, inputs, attributes }: NodeOf<"convolve">, axis: number): number {
  const [x, w] = inputs;
  const [stride, dilation] = [attributes.stride[axis], attributes.dilation[axis]];
  const [outputs, places] = [shape[axis + 1], w.shape[axis]];
  let outside = 0;
  for (let output = 0; output < outputs; output++) {
    for (let place = 0; place < places; place++) {
      const position = output * stride + place * dilation - attributes.low[axis];
      if (position < 0 || position >= x.shape[axis + 1]) outside++;
    }
  }
  return outside / (outputs * places);
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
