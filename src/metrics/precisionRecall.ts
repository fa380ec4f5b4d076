/** Precision, recall and F1, of every class and averaged. */

import { UsageError } from "../util/index.ts";
import { confusionMatrix } from "./confusion.ts";
import type { Labels } from "./labels.ts";

/** How good the predictions of a class, or of an average of classes, are; 0 where a denominator is 0. */
export interface Scores {
  /** True positives / predicted positives. */
  readonly precision: number;
  /** True positives / actual positives. */
  readonly recall: number;
  /** Harmonic mean of both: 2 TP / (actual + predicted positives). */
  readonly f1: number;
  /** Number of rows that are of the class. */
  readonly support: number;
}

/** Scores of one class. */
export interface ClassScores extends Scores {
  readonly classIndex: number;
}

/** Scores of every class, and their averages. */
export interface PrecisionRecall {
  /** In the order of the class indices. */
  readonly perClass: readonly ClassScores[];
  /** From true and false positives summed over the classes. */
  readonly micro: Scores;
  /** Mean of the classes. */
  readonly macro: Scores;
  /** Mean of the classes weighted by support. */
  readonly weighted: Scores;
}

/** How to make one number of the classes' scores: "binary" is that of the class `positive` (1) alone. */
export interface AverageOptions {
  /** Default "binary". */
  readonly average?: "binary" | "micro" | "macro" | "weighted";
  /** The class index that "binary" looks at. Default 1. */
  readonly positive?: number;
}

/** Precision, recall and F1 of every class with their micro, macro and weighted averages.
 *
 * @param options.classCount scores exactly the classes 0 … classCount − 1; by default those that occur
 *   in `truth` or `predicted`, as in scikit-learn.
 * @throws ShapeError for different lengths; DataError for no rows or a label out of range.
 * @example
 * precisionRecallF1([0, 1, 1, 1], [0, 0, 1, 1]).perClass[1].recall; // 2 / 3
 */
export function precisionRecallF1(
  truth: Labels,
  predicted: Labels,
  { classCount }: { readonly classCount?: number } = {},
): PrecisionRecall {
  const counts = confusionMatrix(truth, predicted, { classCount });
  const tallies = counts
    .map((row, classIndex) => ({
      classIndex,
      right: row[classIndex],
      actual: sumOf(row),
      predicted: sumOf(counts.map((other) => other[classIndex])),
    }))
    .filter((tally) => classCount !== undefined || tally.actual + tally.predicted > 0);
  const perClass = tallies.map((tally) => ({
    classIndex: tally.classIndex,
    ...scoresOf(tally.right, tally.actual, tally.predicted),
  }));
  const micro = scoresOf(
    sumOf(tallies.map((tally) => tally.right)),
    truth.length,
    predicted.length,
  );
  return {
    perClass,
    micro,
    macro: meanOf(perClass, () => 1),
    weighted: meanOf(perClass, (scores) => scores.support),
  };
}

/** Share of the predicted positives that are right; 0 when nothing was predicted positive.
 *
 * @throws UsageError for "binary" with more than two classes; otherwise as {@link precisionRecallF1}.
 * @example
 * precision([0, 1, 1], [1, 1, 0]); // 0.5
 */
export function precision(truth: Labels, predicted: Labels, options: AverageOptions = {}): number {
  return averaged("precision", truth, predicted, options).precision;
}

/** Share of the actual positives that were found; 0 when there are none.
 *
 * @throws UsageError for "binary" with more than two classes; otherwise as {@link precisionRecallF1}.
 * @example
 * recall([0, 1, 1], [1, 1, 0]); // 0.5
 */
export function recall(truth: Labels, predicted: Labels, options: AverageOptions = {}): number {
  return averaged("recall", truth, predicted, options).recall;
}

/** Harmonic mean of precision and recall; 0 when both are.
 *
 * @throws UsageError for "binary" with more than two classes; otherwise as {@link precisionRecallF1}.
 * @example
 * f1([0, 1, 1], [0, 1, 0]); // 2 / 3
 */
export function f1(truth: Labels, predicted: Labels, options: AverageOptions = {}): number {
  return averaged("f1", truth, predicted, options).f1;
}

function averaged(
  metric: string,
  truth: Labels,
  predicted: Labels,
  { average = "binary", positive = 1 }: AverageOptions,
): Scores {
  const all = precisionRecallF1(truth, predicted);
  if (average !== "binary") return all[average];
  const found = all.perClass.find(({ classIndex }) => classIndex === positive);
  if (all.perClass.length > 2) {
    throw new UsageError(
      `${metric}: expected two classes, got ${all.perClass.length}; choose average: "macro", "micro" or "weighted".`,
    );
  }
  return found ?? scoresOf(0, 0, 0);
}

function scoresOf(right: number, actual: number, predicted: number): Scores {
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    precision: ratio(right, predicted),
    recall: ratio(right, actual),
    f1: ratio(2 * right, actual + predicted),
    support: actual,
  };
}

function meanOf(all: readonly Scores[], weightOf: (scores: Scores) => number): Scores {
  const total = sumOf(all.map(weightOf));
  const mean = (scoreOf: (scores: Scores) => number) =>
    sumOf(all.map((scores) => weightOf(scores) * scoreOf(scores))) / total;
  return {
    precision: mean((scores) => scores.precision),
    recall: mean((scores) => scores.recall),
    f1: mean((scores) => scores.f1),
    support: sumOf(all.map((scores) => scores.support)),
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
