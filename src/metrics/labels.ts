/** What every classification metric checks and counts about its class labels. */

import { DataError, ShapeError } from "../util/index.ts";

/** One class index a row. */
export type Labels = ArrayLike<number>;

/** Checks that truth and prediction pair up, row by row.
 *
 * @throws ShapeError for different lengths; DataError for no rows.
 */
export function checkPairs(
  metric: string,
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): void {
  if (truth.length !== predicted.length) {
    throw new ShapeError(
      `${metric}: expected one prediction for each of ${truth.length} true values, got ${predicted.length}.`,
    );
  }
  checkRows(metric, truth);
}

/** @throws DataError for no rows. */
export function checkRows(metric: string, truth: ArrayLike<number>): void {
  if (truth.length === 0) throw new DataError(`${metric}: expected at least one row, got none.`);
}

/** Checks that labels are class indices below `classCount`.
 *
 * @throws DataError that names the row.
 */
export function checkLabels(
  metric: string,
  labels: Labels,
  classCount = Number.POSITIVE_INFINITY,
): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (Number.isInteger(label) && label >= 0 && label < classCount) continue;
    const range = Number.isFinite(classCount) ? `from 0 to ${classCount - 1}` : "of 0 or more";
    throw new DataError(
      `${metric}: row ${i} has label ${label}, expected a whole number ${range}.`,
    );
  }
}

/** The number of values in a row of [n, width] scores for n rows.
 *
 * @throws ShapeError when the scores are not whole rows.
 */
export function scoreWidth(metric: string, truth: Labels, scores: ArrayLike<number>): number {
  checkRows(metric, truth);
  const width = scores.length / truth.length;
  if (Number.isInteger(width) && width >= 1) return width;
  throw new ShapeError(
    `${metric}: expected scores [${truth.length}, classes] for ${truth.length} true labels, got ${scores.length} values.`,
  );
}
