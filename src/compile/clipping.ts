/** Which padding of a convolution its loops leave out. */

import type { NodeOf } from "../ir/index.ts";

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
