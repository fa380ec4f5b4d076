/** The weights of classes: loaded by runs that have them. */

import type { Dataset } from "../data/index.ts";
import { UsageError } from "../util/index.ts";

/** @throws UsageError for weights that do not fit the classes. */
export function resolveClassWeights(
  weights: "balanced" | readonly number[],
  data: Dataset,
): readonly number[] {
  if (data.task !== "classification") {
    throw new UsageError("train: classWeights need class labels; the dataset has none.");
  }
  if (weights === "balanced") {
    const counts = data.classCounts();
    return Array.from(counts, (count) =>
      count === 0 ? 0 : data.length / (data.classCount * count),
    );
  }
  if (weights.length !== data.classCount || weights.some((weight) => !(weight >= 0))) {
    throw new UsageError(
      `train: expected ${data.classCount} classWeights of at least 0, got [${weights.join(", ")}].`,
    );
  }
  return weights;
}
