/** Numbers of few kinds, such as the shades of grey pixels: a byte each, and a table of what the bytes mean. */

import type { RowValues } from "./rowValues.ts";

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
  target: RowValues,
): void {
  const words = size % 4 === 0 ? wordsOf(codes) : undefined;
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    const start = rows[i] * size;
    if (words === undefined) {
      for (let j = start; j < start + size; j++) target[at++] = meanings[codes[j]];
      continue;
    }
    // Four at a time take three quarters of the time.
    for (let j = start / 4; j < (start + size) / 4; j++) {
      const word = words[j];
      target[at] = meanings[word & 255];
      target[at + 1] = meanings[(word >>> 8) & 255];
      target[at + 2] = meanings[(word >>> 16) & 255];
      target[at + 3] = meanings[word >>> 24];
      at += 4;
    }
  }
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Four codes each, the first in the lowest byte, where the memory can be seen so. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Uint32Array | undefined {
  if (byteOffset % 4 !== 0 || !isLittleEndian) return undefined;
  return new Uint32Array(buffer, byteOffset, Math.floor(length / 4));
}
