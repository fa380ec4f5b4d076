/** Metrics of class scores and probabilities, before they become one predicted class. */

import { ShapeError, UsageError } from "../util/index.ts";
import { checkLabels, checkRows, type Labels, scoreWidth } from "./labels.ts";

/** The class with the highest score of every row; of equal scores the lowest class.
 *
 * @param scores logits or probabilities [n, classCount], row-major.
 * @returns class indices [n].
 * @throws ShapeError when the scores are not whole rows.
 * @example
 * predictedClasses([0.1, 0.9, 0.8, 0.2], 2); // Int32Array [1, 0]
 */
export function predictedClasses(scores: ArrayLike<number>, classCount: number): Int32Array {
  const length = scores.length / classCount;
  if (!Number.isInteger(length)) {
    throw new ShapeError(
      `predictedClasses: expected rows of ${classCount} scores, got ${scores.length} values.`,
    );
  }
  const classes = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    for (let c = 1; c < classCount; c++) {
      if (scores[i * classCount + c] > scores[i * classCount + classes[i]]) classes[i] = c;
    }
  }
  return classes;
}

/** Share of rows whose true class is among the k highest scores; of equal scores the lower class
 * counts as higher, as in {@link predictedClasses} (scikit-learn prefers the higher class).
 *
 * @param truth class indices [n].
 * @param scores logits or probabilities [n, classes], row-major.
 * @throws ShapeError for scores that are not whole rows; DataError for no rows or a label out of range;
 *   UsageError for a k that is not a whole number of at least 1.
 * @example
 * topKAccuracy([2, 0], [0.1, 0.6, 0.3, 0.2, 0.5, 0.3], 2); // 0.5
 */
export function topKAccuracy(truth: Labels, scores: ArrayLike<number>, k: number): number {
  const classCount = scoreWidth("topKAccuracy", truth, scores);
  checkLabels("topKAccuracy", truth, classCount);
  if (!Number.isInteger(k) || k < 1) {
    throw new UsageError(`topKAccuracy: expected k to be a whole number of at least 1, got ${k}.`);
  }
  let right = 0;
  for (let i = 0; i < truth.length; i++) {
    const own = scores[i * classCount + truth[i]];
    let higher = 0;
    for (let c = 0; c < classCount; c++) {
      const score = scores[i * classCount + c];
      if (score > own || (score === own && c < truth[i])) higher++;
    }
    if (higher < k) right++;
  }
  return right / truth.length;
}

/** Mean negative log-likelihood of the true classes, −(1/n) Σᵢ ln p[i, truth[i]], with probabilities
 * clipped to [ε, 1 − ε], ε = 2⁻⁵², so that one certain mistake costs 36 and not infinity.
 *
 * @param truth class indices [n].
 * @param probabilities [n, classes], row-major; or [n], the probabilities of class 1 of two.
 * @throws ShapeError for probabilities that are not whole rows; DataError for no rows or a label out of
 *   range.
 * @example
 * logLoss([0, 1], [0.9, 0.1, 0.2, 0.8]); // −(ln 0.9 + ln 0.8) / 2 = 0.1643
 */
export function logLoss(truth: Labels, probabilities: ArrayLike<number>): number {
  checkRows("logLoss", truth);
  const width = scoreWidth("logLoss", truth, probabilities);
  checkLabels("logLoss", truth, Math.max(2, width));
  let sum = 0;
  for (let i = 0; i < truth.length; i++) {
    const positive = probabilities[i];
    const binary = truth[i] === 1 ? positive : 1 - positive;
    const p = width === 1 ? binary : probabilities[i * width + truth[i]];
    sum -= Math.log(Math.min(1 - Number.EPSILON, Math.max(Number.EPSILON, p)));
  }
  return sum / truth.length;
}
