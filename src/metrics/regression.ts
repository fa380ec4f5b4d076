/** Metrics of predicted values. */

import { ShapeError } from "../util/index.ts";
import { checkPairs } from "./labels.ts";

/** Mean of the squared differences, over all rows and targets: Σ (y − ŷ)² / n.
 *
 * @param truth values [n] or [n, targets].
 * @param predicted values of the same shape.
 * @throws ShapeError for different lengths; DataError for no rows.
 * @example
 * meanSquaredError([1, 2, 3], [1, 2, 6]); // 3
 */
export function meanSquaredError(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  checkPairs("meanSquaredError", truth, predicted);
  return meanOver(truth, (y, i) => (y - predicted[i]) ** 2);
}

/** Square root of {@link meanSquaredError}, in the units of the values.
 *
 * @throws ShapeError for different lengths; DataError for no rows.
 * @example
 * rootMeanSquaredError([1, 2, 3], [1, 2, 6]); // √3
 */
export function rootMeanSquaredError(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
): number {
  checkPairs("rootMeanSquaredError", truth, predicted);
  return Math.sqrt(meanSquaredError(truth, predicted));
}

/** Mean of the absolute differences, over all rows and targets: Σ |y − ŷ| / n.
 *
 * @param truth values [n] or [n, targets].
 * @param predicted values of the same shape.
 * @throws ShapeError for different lengths; DataError for no rows.
 * @example
 * meanAbsoluteError([1, 2, 3], [1, 2, 6]); // 1
 */
export function meanAbsoluteError(truth: ArrayLike<number>, predicted: ArrayLike<number>): number {
  checkPairs("meanAbsoluteError", truth, predicted);
  return meanOver(truth, (y, i) => Math.abs(y - predicted[i]));
}

/** Coefficient of determination, 1 − Σ (y − ŷ)² / Σ (y − ȳ)²: 1 is perfect, 0 as good as always
 * predicting the mean. The mean over the targets when a row has several.
 *
 * Where every true value is the same it is 1 for a perfect prediction and 0 otherwise, as in
 * scikit-learn; for a single row it is NaN.
 *
 * @param truth values [n], or [n, targetSize] row-major.
 * @param predicted values of the same shape.
 * @throws ShapeError for different lengths or values that are not whole rows; DataError for no rows.
 * @example
 * r2([1, 2, 3], [1, 2, 4]); // 0.5
 */
export function r2(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  { targetSize = 1 }: { readonly targetSize?: number } = {},
): number {
  checkPairs("r2", truth, predicted);
  const length = truth.length / targetSize;
  if (!Number.isInteger(length)) {
    throw new ShapeError(`r2: expected rows of ${targetSize} values, got ${truth.length} values.`);
  }
  if (length < 2) return Number.NaN;
  let sum = 0;
  for (let target = 0; target < targetSize; target++) {
    sum += determination(column(truth, target), column(predicted, target));
  }
  return sum / targetSize;

  function column(values: ArrayLike<number>, target: number): Float64Array {
    return Float64Array.from({ length }, (_, i) => values[i * targetSize + target]);
  }
}

function determination(truth: Float64Array, predicted: Float64Array): number {
  const mean = meanOver(truth, (y) => y);
  const residual = meanOver(truth, (y, i) => (y - predicted[i]) ** 2);
  const total = meanOver(truth, (y) => (y - mean) ** 2);
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}

function meanOver(
  values: ArrayLike<number>,
  termOf: (value: number, index: number) => number,
): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += termOf(values[i], i);
  return sum / values.length;
}
