/** Minibatches as row indices, in an order that is a pure function of the seed and the epoch. */

import { Generator, UsageError } from "../util/index.ts";

/** Which epoch's order to take. */
export interface EpochOptions {
  /** Counted from 0. Default 0. */
  readonly epoch?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Default true; otherwise the rows come in their own order. */
  readonly shuffle?: boolean;
}

/** The order in which the rows 0 … length − 1 are visited in one epoch [length].
 *
 * A pure function of (length, seed, epoch), so that a resumed training sees the same batches.
 *
 * @throws UsageError for a length, seed or epoch that is not a whole number.
 * @example
 * epochOrder(150, { seed: 1, epoch: 3 });
 */
export function epochOrder(
  length: number,
  { epoch = 0, seed = 0, shuffle = true }: EpochOptions = {},
): Int32Array {
  checkWhole("length", length, 0);
  checkWhole("epoch", epoch, 0);
  if (!shuffle) return Int32Array.from({ length }, (_, i) => i);
  return new Generator(seed).fork("epoch order").fork(epoch).permutation(length);
}

/** Number of minibatches of one epoch, the final partial one included: ⌈length / batchSize⌉.
 *
 * @throws UsageError for a batch size below 1.
 * @example
 * batchCount(120, 50); // 3
 */
export function batchCount(length: number, batchSize: number): number {
  checkWhole("length", length, 0);
  checkWhole("batch size", batchSize, 1);
  return Math.ceil(length / batchSize);
}

/** The row indices of each minibatch of one epoch, as views of {@link epochOrder}: batches of
 * `batchSize` rows, and a smaller last one when the rows do not divide evenly.
 *
 * @throws UsageError (at the first batch) for a batch size below 1.
 * @example
 * for (const rows of batchIndices(120, 50, { epoch: 0, seed: 1 })) rows.length; // 50, 50, 20
 */
export function* batchIndices(
  length: number,
  batchSize: number,
  options: EpochOptions = {},
): IterableIterator<Int32Array> {
  const count = batchCount(length, batchSize);
  const order = epochOrder(length, options);
  for (let batch = 0; batch < count; batch++) {
    yield order.subarray(batch * batchSize, Math.min(length, (batch + 1) * batchSize));
  }
}

function checkWhole(what: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(
      `Batches: expected the ${what} to be a whole number of at least ${least}, got ${value}.`,
    );
  }
}
