/** The typed arrays that hold the rows of a dataset, and how rows are copied between them. */

/** Input values, row-major. */
export type InputValues = Float32Array | Float64Array;

/** Class indices (Int32Array) or regression values (Float64Array). */
export type TargetValues = Int32Array | Float64Array;

/** Where values are copied from or to. */
export type RowValues = InputValues | TargetValues | Uint8Array;

/** An array of the same element type. */
export function emptyLike<Values extends RowValues>(like: Values, length: number): Values;
export function emptyLike(like: RowValues, length: number): RowValues {
  if (like instanceof Float32Array) return new Float32Array(length);
  if (like instanceof Float64Array) return new Float64Array(length);
  return like instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
}

/** Copies rows of `size` values, in the order of `rows`, to the beginning of `target`. */
export function copyRows(
  source: RowValues,
  rows: ArrayLike<number>,
  size: number,
  target: RowValues,
): void {
  if (size === 1) {
    for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]];
    return;
  }
  for (let i = 0; i < rows.length; i++) {
    target.set(source.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
  }
}
