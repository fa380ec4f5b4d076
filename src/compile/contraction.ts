/** The loops of contractions: which element of each operand they are at. */

import type { NodeOf } from "../ir/index.ts";
import { type Index, loopIndex, scaled, sum } from "./affine.ts";
import { isClipped } from "./clipping.ts";
import type { Window } from "./kernel.ts";

/** Which element of each operand the loops (the result's, then the reduced ones) are at. */
export interface ContractionIndices {
  readonly reduced: readonly number[];
  readonly aIndex: Index;
  readonly bIndex: Index;
  readonly windows: readonly Window[];
}

/** c[…, m, n] = Σₖ a[…, m, k] · b[…, k, n]. */
export function matmulIndices({ shape, inputs: [a] }: NodeOf<"matmul">): ContractionIndices {
  const rank = shape.length;
  const at = (loop: number) => loopIndex(loop, rank + 1);
  const batch = shape.slice(0, -2).map((_, axis) => at(axis));
  return {
    reduced: [a.shape[rank - 1]],
    aIndex: [...batch, at(rank - 2), at(rank)],
    bIndex: [...batch, at(rank), at(rank - 1)],
    windows: [],
  };
}

/** y[b, i…, o] = Σ over k…, c of x[b, i·stride + k·dilation − low …, c] · w[k…, c, o]. */
export function convolveIndices(node: NodeOf<"convolve">): ContractionIndices {
  const { shape, inputs, attributes } = node;
  const { stride, dilation, low } = attributes;
  const [x, w] = inputs;
  const rank = stride.length;
  const loops = shape.length + rank + 1;
  const at = (loop: number) => loopIndex(loop, loops);
  const places = stride.map((_, axis) => at(shape.length + axis));
  const channel = at(loops - 1);
  const position = (axis: number) =>
    sum(scaled(at(axis + 1), stride[axis], -low[axis]), scaled(places[axis], dilation[axis], 0));
  return {
    reduced: w.shape.slice(0, rank + 1),
    aIndex: [at(0), ...stride.map((_, axis) => position(axis)), channel],
    bIndex: [...places, channel, at(shape.length - 1)],
    windows: stride.flatMap((_, axis) =>
      isClipped(node, axis)
        ? [
            {
              outputDim: axis + 1,
              summedDim: axis,
              outputStep: stride[axis],
              summedStep: dilation[axis],
              low: low[axis],
              length: x.shape[axis + 1],
            },
          ]
        : [],
    ),
  };
}
