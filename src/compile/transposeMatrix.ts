/** Matrices on their way into and out of a transposed storage. */

import { allocate, dtypeOf, type Shape, type TensorData } from "../ir/index.ts";

/** The elements of a row-major matrix of `shape`, in the order of its transpose. */
export function transposeMatrix(data: TensorData, [rows, columns]: Shape): TensorData {
  const result = allocate(dtypeOf(data), data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[row * columns + column];
    }
  }
  return result;
}
