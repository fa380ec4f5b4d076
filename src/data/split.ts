/** Row indices of a training and a test part: by fraction or count, shuffled or in order, stratified or not. */

import { Generator, UsageError } from "../util/index.ts";

/** How to divide rows; see {@link splitIndices}. */
export interface SplitOptions {
  /** Below 1 a fraction of the rows (rounded to the nearest count), otherwise a count. */
  readonly test: number;
  /** Keep the proportions of the classes in both parts. Default false. */
  readonly stratify?: boolean;
  /** Choose the rows at random; otherwise the last rows are the test part. Default true. */
  readonly shuffle?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

/** Row indices of the two parts, which share no row and together hold every row.
 *
 * Stratified when `labels` ([length], 0 … classCount − 1) are given: class c gets ⌊n_c · t / n⌋ test
 * rows and the rows that remain go to the largest remainders (equal ones: the lower class first), so
 * that the total t is exact and each class is within one row of its share.
 *
 * @throws UsageError for a `test` that is not a fraction or count, or leaves a part empty.
 * @example
 * splitIndices(5, { test: 2, shuffle: false }); // { train: [0, 1, 2], test: [3, 4] }
 */
export function splitIndices(
  length: number,
  { test, shuffle = true, seed = 0 }: SplitOptions,
  labels?: ArrayLike<number>,
  classCount = 0,
): { readonly train: Int32Array; readonly test: Int32Array } {
  const testCount = countOf(test, length);
  const order = shuffle
    ? new Generator(seed).fork("split").permutation(length)
    : Int32Array.from({ length }, (_, i) => i);
  const quotas = labels ? testQuotas(labels, classCount, testCount) : [testCount];
  // Walking from the end, a row goes to the test part while its class has some of its quota left.
  const isTest = new Uint8Array(length);
  for (let i = length - 1; i >= 0; i--) {
    const group = labels ? labels[order[i]] : 0;
    if (quotas[group] > 0) {
      quotas[group]--;
      isTest[i] = 1;
    }
  }
  return {
    train: order.filter((_, i) => isTest[i] === 0),
    test: order.filter((_, i) => isTest[i] === 1),
  };
}

function countOf(test: number, length: number): number {
  const count = test > 0 && test < 1 ? Math.round(test * length) : test;
  if (!Number.isInteger(count) || count < 0) {
    throw new UsageError(
      `Split: expected test to be a fraction between 0 and 1 or a count of rows, got ${test}.`,
    );
  }
  if (count < 1 || count >= length) {
    throw new UsageError(
      `Split: test: ${test} puts ${count} of ${length} rows into the test part; expected from 1 to ${length - 1}, so that neither part is empty.`,
    );
  }
  return count;
}

function testQuotas(labels: ArrayLike<number>, classCount: number, testCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (let i = 0; i < labels.length; i++) counts[labels[i]]++;
  const quotas = counts.map((count) => Math.floor((count * testCount) / labels.length));
  const remainders = counts.map((count) => (count * testCount) % labels.length);
  const byRemainder = counts
    .map((_, c) => c)
    .sort((a, b) => remainders[b] - remainders[a] || a - b);
  const missing = testCount - quotas.reduce((sum, quota) => sum + quota, 0);
  for (const c of byRemainder.slice(0, missing)) quotas[c]++;
  return quotas;
}
