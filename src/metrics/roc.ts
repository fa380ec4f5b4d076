/** The receiver operating characteristic and the area under it, for two classes and one against the rest. */

import { DataError } from "../util/index.ts";
import { checkLabels, checkPairs, type Labels, scoreWidth } from "./labels.ts";

/** Points of an ROC curve, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** False positives / actual negatives, at each threshold. */
  readonly falsePositiveRate: Float64Array;
  /** True positives / actual positives, at each threshold. */
  readonly truePositiveRate: Float64Array;
  /** Falling; a row is predicted positive when its score is at least the threshold. The first is
   * infinity: nothing is positive. */
  readonly thresholds: Float64Array;
}

/** Options of {@link rocCurve}. */
export interface RocOptions {
  /** The class index that counts as positive; every other is negative. Default 1. */
  readonly positive?: number;
  /** Leave out points within straight segments, as scikit-learn does. Default true. */
  readonly dropCollinear?: boolean;
}

/** Areas under the ROC curves of every class against the rest. */
export interface OneVersusRestAuc {
  /** [classes] */
  readonly perClass: readonly number[];
  /** Mean of the classes. */
  readonly macro: number;
  /** Mean of the classes weighted by their rows. */
  readonly weighted: number;
}

/** The ROC curve: how many positives are found against how many negatives are taken for positive, as
 * the threshold falls. T. Fawcett, "An introduction to ROC analysis", 2006.
 *
 * @param truth class indices [n].
 * @param scores of the positive class [n], higher meaning more positive.
 * @throws ShapeError for different lengths; DataError for no rows, or when positives or negatives are
 *   missing, for which the curve is not defined.
 * @example
 * rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).truePositiveRate; // [0, 0.5, 0.5, 1, 1]
 */
export function rocCurve(
  truth: Labels,
  scores: ArrayLike<number>,
  { positive = 1, dropCollinear = true }: RocOptions = {},
): RocCurve {
  checkPairs("rocCurve", truth, scores);
  const { truePositives, falsePositives, thresholds } = countsByThreshold(truth, scores, positive);
  const positives = truePositives[truePositives.length - 1];
  const negatives = falsePositives[falsePositives.length - 1];
  if (positives === 0 || negatives === 0) {
    throw new DataError(
      `rocCurve: expected rows of class ${positive} and of others, got ${positives} and ${negatives}; the curve is not defined for one class alone.`,
    );
  }
  const isKept = (i: number) =>
    !dropCollinear ||
    i < 2 ||
    i === thresholds.length - 1 ||
    bends(truePositives, i) ||
    bends(falsePositives, i);
  const kept = thresholds.map((_, i) => i).filter(isKept);
  return {
    falsePositiveRate: Float64Array.from(kept, (i) => falsePositives[i] / negatives),
    truePositiveRate: Float64Array.from(kept, (i) => truePositives[i] / positives),
    thresholds: Float64Array.from(kept, (i) => thresholds[i]),
  };
}

/** The area under the ROC curve: the probability that a random positive scores higher than a random
 * negative, ties counting half.
 *
 * @param truth class indices [n].
 * @param scores of the positive class [n].
 * @throws as {@link rocCurve}.
 * @example
 * rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]); // 0.75
 */
export function rocAuc(
  truth: Labels,
  scores: ArrayLike<number>,
  { positive = 1 }: Pick<RocOptions, "positive"> = {},
): number {
  const { falsePositiveRate, truePositiveRate } = rocCurve(truth, scores, { positive });
  return areaUnder(falsePositiveRate, truePositiveRate);
}

/** The area under the ROC curve of every class against all others.
 *
 * @param truth class indices [n].
 * @param scores [n, classes], row-major, such as probabilities.
 * @throws ShapeError for scores that are not whole rows; DataError for no rows, a label out of range, or
 *   a class that does not occur.
 * @example
 * rocAucOneVersusRest(test.labels, probabilities).macro;
 */
export function rocAucOneVersusRest(truth: Labels, scores: ArrayLike<number>): OneVersusRestAuc {
  const classCount = scoreWidth("rocAucOneVersusRest", truth, scores);
  checkLabels("rocAucOneVersusRest", truth, classCount);
  const support = new Array<number>(classCount).fill(0);
  for (let i = 0; i < truth.length; i++) support[truth[i]]++;
  const perClass = support.map((_, c) => {
    const own = Float64Array.from({ length: truth.length }, (__, i) => scores[i * classCount + c]);
    return rocAuc(truth, own, { positive: c });
  });
  return {
    perClass,
    macro: perClass.reduce((sum, area) => sum + area, 0) / classCount,
    weighted: perClass.reduce((sum, area, c) => sum + area * support[c], 0) / truth.length,
  };
}

/** Area under the piecewise linear curve through (x, y), by the trapezoidal rule.
 *
 * @throws ShapeError for different lengths; DataError for no points.
 * @example
 * areaUnder([0, 1, 2], [0, 1, 0]); // 1
 */
export function areaUnder(x: ArrayLike<number>, y: ArrayLike<number>): number {
  checkPairs("areaUnder", x, y);
  let area = 0;
  for (let i = 1; i < x.length; i++) area += ((x[i] - x[i - 1]) * (y[i] + y[i - 1])) / 2;
  return area;
}

/** Positives and negatives with a score of at least each distinct score, after the point (0, 0). */
function countsByThreshold(truth: Labels, scores: ArrayLike<number>, positive: number) {
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i])) {
      throw new DataError(`rocCurve: row ${i} has the score NaN, expected a number.`);
    }
  }
  const falling = Float64Array.from(scores).sort().reverse();
  const ofPositives = Float64Array.from(scores)
    .filter((_, i) => truth[i] === positive)
    .sort()
    .reverse();
  const truePositives = [0];
  const falsePositives = [0];
  const thresholds = [Number.POSITIVE_INFINITY];
  let hits = 0;
  for (let i = 0; i < falling.length; i++) {
    const score = falling[i];
    if (falling[i + 1] === score) continue;
    while (ofPositives[hits] >= score) hits++;
    truePositives.push(hits);
    falsePositives.push(i + 1 - hits);
    thresholds.push(score);
  }
  return { truePositives, falsePositives, thresholds };
}

/** Whether the counts change their slope (per point) at i. */
function bends(counts: readonly number[], i: number): boolean {
  return counts[i + 1] - counts[i] !== counts[i] - counts[i - 1];
}
