/** The augmentation of a run: loaded by those that have one. */

// Not by data/index.ts: on a page without a bundler, that would load the reader of CSV and what it needs.
import { type Augmentation, augmentation } from "../data/augment/augmentation.ts";
import { pictureShape } from "../data/augment/augmentRows.ts";
import type { Transform } from "../data/augment/transform.ts";
import type { Dataset } from "../data/dataset.ts";
import { type EvaluatingOptimizer, isEvaluating, type Optimizer } from "../optim/index.ts";
import { UsageError } from "../util/index.ts";

/** @throws UsageError, ShapeError for an optimizer or rows that cannot have the augmentation. */
export function resolveAugmentation(
  augment: readonly Transform[] | Augmentation,
  data: Dataset,
  optimizer: Optimizer | EvaluatingOptimizer,
): Augmentation {
  if (isEvaluating(optimizer)) {
    throw new UsageError(
      `train: augment changes the rows of every epoch, but optimizer ${optimizer.kind} needs the same ` +
        "rows in all of them; leave augment out, or choose another optimizer.",
    );
  }
  const resolved = "open" in augment ? augment : augmentation(augment);
  pictureShape(data.inputShape, resolved.transforms);
  return resolved;
}
