/** Numbers of few kinds, such as the shades of grey pixels: a byte each, and a table of what the bytes mean. */

/** Values as bytes: value i is `meanings[codes[i]]`. A quarter of the memory of float32. */
export interface PackedValues {
  readonly codes: Uint8Array;
  /** [256] */
  readonly meanings: Float32Array;
}

/** All values. */
export function unpack({ codes, meanings }: PackedValues): Float32Array {
  const values = new Float32Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = meanings[codes[i]];
  return values;
}

/** Writes rows of `size` values to the beginning of `target`, in the order of `rows`. */
export function unpackRows(
  { codes, meanings }: PackedValues,
  rows: Int32Array,
  size: number,
  target: Float32Array | Float64Array | Int32Array | Uint8Array,
): void {
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const end = (rows[i] + 1) * size;
    for (let j = end - size; j < end; j++) target[at++] = meanings[codes[j]];
  }
}
