/** The meaning of the contractions, accumulated in double precision and rounded once:
 * matmul, C[…, i, j] = Σₚ A[…, i, p] · B[…, p, j] in the order of p, and convolve. */

import { allocate, type OpOf, sizeOf, stridesOf } from "../../ir/index.ts";
import type { ReferenceRules } from "./rules.ts";

export const contractionRules: ReferenceRules<OpOf<"contraction">> = {
  matmul: (node, [a, b]) => {
    const [m, n] = node.shape.slice(-2);
    const k = node.inputs[0].shape.at(-1)!;
    const result = allocate(node.dtype, sizeOf(node.shape));
    const row = new Float64Array(n);
    for (let batch = 0; batch < sizeOf(node.shape.slice(0, -2)); batch++) {
      for (let i = 0; i < m; i++) {
        row.fill(0);
        for (let p = 0; p < k; p++) {
          const factor = a[(batch * m + i) * k + p];
          for (let j = 0; j < n; j++) row[j] += factor * b[(batch * k + p) * n + j];
        }
        result.set(row, (batch * m + i) * n);
      }
    }
    return result;
  },
  /** For each place of the kernel, adds its weight matrix times the channels it meets. */
  convolve: (node, [x, w]) => {
    const { stride, dilation, low } = node.attributes;
    const [xNode, wNode] = node.inputs;
    const spatial = node.shape.slice(1, -1);
    const kernel = wNode.shape.slice(0, -2);
    const [channels, out] = wNode.shape.slice(-2);
    const xStrides = stridesOf(xNode.shape);
    const sums = new Float64Array(sizeOf(node.shape));
    for (let place = 0; place < sizeOf(kernel); place++) {
      const k = unravel(place, kernel);
      for (let position = 0; position < sums.length / out; position++) {
        const [b, ...i] = unravel(position, [node.shape[0], ...spatial]);
        const met = i.map(
          (index, axis) => index * stride[axis] + k[axis] * dilation[axis] - low[axis],
        );
        if (met.some((index, axis) => index < 0 || index >= xNode.shape[axis + 1])) continue;
        const at = met.reduce(
          (sum, index, axis) => sum + index * xStrides[axis + 1],
          b * xStrides[0],
        );
        for (let c = 0; c < channels; c++) {
          const row = (place * channels + c) * out;
          for (let o = 0; o < out; o++) sums[position * out + o] += x[at + c] * w[row + o];
        }
      }
    }
    const result = allocate(node.dtype, sums.length);
    result.set(sums);
    return result;
  },
};

/** The index of the element at a row-major position. */
function unravel(position: number, shape: readonly number[]): number[] {
  const index = new Array<number>(shape.length);
  let rest = position;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return index;
}
