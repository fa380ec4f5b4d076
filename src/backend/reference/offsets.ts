/** Where the elements of a strided view lie: the one loop over indices behind all movement. */

import { type Shape, sizeOf } from "../../ir/index.ts";

/** For each element of `shape` in row-major order, with index i: offset + Σ i[axis] · strides[axis]. */
export function elementOffsets(shape: Shape, strides: readonly number[], offset = 0): Int32Array {
  const offsets = new Int32Array(sizeOf(shape));
  const index = new Array<number>(shape.length).fill(0);
  let position = offset;
  for (let element = 0; element < offsets.length; element++) {
    offsets[element] = position;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      position += strides[axis];
      if (++index[axis] < shape[axis]) break;
      position -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return offsets;
}
