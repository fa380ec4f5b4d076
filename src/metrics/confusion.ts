/** Accuracy, the confusion matrix, and accuracy balanced over the classes. */

import { checkLabels, checkPairs, type Labels } from "./labels.ts";

/** counts[t][p]: how many rows of true class t were predicted as class p. */
export type ConfusionMatrix = readonly (readonly number[])[];

/** Share of rows whose prediction is right.
 *
 * @param truth class indices [n].
 * @param predicted class indices [n].
 * @throws ShapeError for different lengths; DataError for no rows.
 * @example
 * accuracy([0, 1, 2, 2], [0, 1, 1, 2]); // 0.75
 */
export function accuracy(truth: Labels, predicted: Labels): number {
  checkPairs("accuracy", truth, predicted);
  let right = 0;
  for (let i = 0; i < truth.length; i++) if (truth[i] === predicted[i]) right++;
  return right / truth.length;
}

/** The confusion matrix [classCount, classCount], true classes down, predicted ones across.
 *
 * @param options.classCount default: one more than the largest label.
 * @throws ShapeError for different lengths; DataError for no rows or a label out of range.
 * @example
 * confusionMatrix([0, 1, 1], [0, 1, 0]); // [[1, 0], [1, 1]]
 */
export function confusionMatrix(
  truth: Labels,
  predicted: Labels,
  { classCount }: { readonly classCount?: number } = {},
): ConfusionMatrix {
  checkPairs("confusionMatrix", truth, predicted);
  checkLabels("confusionMatrix", truth, classCount);
  checkLabels("confusionMatrix", predicted, classCount);
  let size = classCount ?? 0;
  if (classCount === undefined) {
    for (let i = 0; i < truth.length; i++) size = Math.max(size, truth[i] + 1, predicted[i] + 1);
  }
  const counts = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  for (let i = 0; i < truth.length; i++) counts[truth[i]][predicted[i]]++;
  return counts;
}

/** Mean of the recalls of the classes that occur in `truth`: accuracy as it would be if every class were
 * equally frequent.
 *
 * @throws ShapeError for different lengths; DataError for no rows or labels that are no class indices.
 * @example
 * balancedAccuracy([0, 0, 0, 1], [0, 0, 0, 0]); // 0.5
 */
export function balancedAccuracy(truth: Labels, predicted: Labels): number {
  const counts = confusionMatrix(truth, predicted);
  const recalls = counts
    .map((row, c) => ({ right: row[c], support: row.reduce((sum, count) => sum + count, 0) }))
    .filter(({ support }) => support > 0)
    .map(({ right, support }) => right / support);
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
}
