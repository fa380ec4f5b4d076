/** Class indices as indicator rows, and back. */

import { DataError, ShapeError } from "../util/index.ts";

/** Indicator rows of class indices: y[i, c] = 1 where c = labels[i], else 0   [n, classCount].
 *
 * @param like an array whose element type the result takes; float64 by default.
 * @throws DataError for a label outside 0 … classCount − 1.
 * @example
 * oneHot([2, 0], 3); // Float64Array [0, 0, 1, 1, 0, 0]
 */
export function oneHot<T extends Float32Array | Float64Array = Float64Array>(
  labels: ArrayLike<number>,
  classCount: number,
  like?: T,
): T;
export function oneHot(
  labels: ArrayLike<number>,
  classCount: number,
  like?: Float32Array | Float64Array,
): Float32Array | Float64Array {
  const size = labels.length * classCount;
  const rows = like instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new DataError(
        `oneHot: row ${i} has label ${label}, expected a whole number from 0 to ${classCount - 1}.`,
      );
    }
    rows[i * classCount + label] = 1;
  }
  return rows;
}

/** The index of the largest value of every row [n, classCount] -> [n]; the first of equal values.
 *
 * @throws ShapeError when the values are not whole rows.
 * @example
 * fromOneHot([0, 0, 1, 1, 0, 0], 3); // Int32Array [2, 0]
 */
export function fromOneHot(rows: ArrayLike<number>, classCount: number): Int32Array {
  const length = rows.length / classCount;
  if (!Number.isInteger(length)) {
    throw new ShapeError(
      `fromOneHot: expected rows of ${classCount} values, got ${rows.length} values.`,
    );
  }
  const labels = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    for (let c = 1; c < classCount; c++) {
      if (rows[i * classCount + c] > rows[i * classCount + labels[i]]) labels[i] = c;
    }
  }
  return labels;
}
