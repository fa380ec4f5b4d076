/** The meaning of gather and scatterAdd, which are each other's transpose. Sums accumulate in double
 * precision in the order of the indices and round once. */

import { allocate, type OpOf, sizeOf } from "../../ir/index.ts";
import type { ReferenceRules } from "./rules.ts";

export const indexingRules: ReferenceRules<OpOf<"indexing">> = {
  gather: (node, [x, indices]) => {
    const [rows, ...rest] = node.inputs[0].shape;
    const width = sizeOf(rest);
    const result = allocate(node.dtype, sizeOf(node.shape));
    indices.forEach((index: number, i: number) => {
      if (index < 0 || index >= rows) return;
      result.set(x.subarray(index * width, (index + 1) * width), i * width);
    });
    return result;
  },
  scatterAdd: (node, [indices, updates]) => {
    const [rows, ...rest] = node.shape;
    const width = sizeOf(rest);
    const sums = new Float64Array(rows * width);
    indices.forEach((index: number, i: number) => {
      if (index < 0 || index >= rows) return;
      for (let j = 0; j < width; j++) sums[index * width + j] += updates[i * width + j];
    });
    const result = allocate(node.dtype, sums.length);
    result.set(sums);
    return result;
  },
};
