/** Datasets that are better not in the backend's memory as a whole. */

import type { Dataset } from "../data/index.ts";

/** Bytes of inputs from which a dataset stays out of the backend's memory. */
const largestWhole = 64 * 2 ** 20;

/** Whether a dataset is better taken in chunks. */
export function isLarge(data: Dataset): boolean {
  return data.length * rowBytesOf(data) > largestWhole;
}

/** Bytes of one row's inputs, unpacked. */
export function rowBytesOf(data: Dataset): number {
  return data.inputSize * (data.packed?.meanings ?? data.inputs).BYTES_PER_ELEMENT;
}
