/** The meaning of the reductions. Sums of floats accumulate in double precision in row-major order
 * and round once at the end; sums of int32 wrap around. */

import {
  allocate,
  type NodeOf,
  type OpOf,
  sizeOf,
  stridesOf,
  type TensorData,
} from "../../ir/index.ts";
import { elementOffsets } from "./offsets.ts";
import type { ReferenceRules } from "./rules.ts";

/** Folds every element into the cell of the result that it belongs to. */
function reduce(
  node: NodeOf<"reduceSum" | "reduceMax" | "reduceMin">,
  x: TensorData,
  initial: number,
  combine: (accumulated: number, element: number) => number,
): TensorData {
  const { axes } = node.attributes;
  const { shape } = node.inputs[0];
  const kept = stridesOf(node.shape);
  const strides = shape.map((_, axis) => (axes.includes(axis) ? 0 : kept.shift()!));
  const cells = elementOffsets(shape, strides);
  const accumulated = new Float64Array(sizeOf(node.shape)).fill(initial);
  for (let i = 0; i < x.length; i++) {
    accumulated[cells[i]] = combine(accumulated[cells[i]], x[i]);
  }
  const result = allocate(node.dtype, accumulated.length);
  result.set(accumulated);
  return result;
}

/** The index of the first element along an axis that no other one beats. */
function indexOfBest(
  node: NodeOf<"argMax" | "argMin">,
  x: TensorData,
  beats: (a: number, b: number) => boolean,
): TensorData {
  const { axis } = node.attributes;
  const { shape } = node.inputs[0];
  const stride = stridesOf(shape)[axis];
  const lanes = shape.with(axis, 1);
  const starts = elementOffsets(lanes, stridesOf(shape));
  return Int32Array.from(starts, (start) => {
    let best = 0;
    for (let i = 1; i < shape[axis]; i++) {
      const challenger = x[start + i * stride];
      const champion = x[start + best * stride];
      if (Number.isNaN(champion)) break;
      if (Number.isNaN(challenger) || beats(challenger, champion)) best = i;
    }
    return best;
  });
}

const sum = (a: number, b: number) => a + b;
const wrappedSum = (a: number, b: number) => (a + b) | 0;

export const reductionRules: ReferenceRules<OpOf<"reduction">> = {
  reduceSum: (node, [x]) => reduce(node, x, 0, node.dtype === "int32" ? wrappedSum : sum),
  reduceMax: (node, [x]) => reduce(node, x, Number.NEGATIVE_INFINITY, Math.max),
  reduceMin: (node, [x]) => reduce(node, x, Number.POSITIVE_INFINITY, Math.min),
  argMax: (node, [x]) => indexOfBest(node, x, (a, b) => a > b),
  argMin: (node, [x]) => indexOfBest(node, x, (a, b) => a < b),
};
