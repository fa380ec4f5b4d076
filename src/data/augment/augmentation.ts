/** Augmentation: random changes of the rows of every epoch, and where they are computed. */

import type { InputValues } from "../rowValues.ts";
import { type AugmentOptions, type AugmentTask, augmentRows, pictureShape } from "./augmentRows.ts";
import type { Fill } from "./sample.ts";
import type { Transform } from "./transform.ts";

/** What is done to the rows of every epoch; the result is a function of (values, seed, epoch, row). */
export interface Augmentation {
  readonly transforms: readonly Transform[];
  readonly fill: Fill;
  /** Begins the work for rows of a shape. */
  open(shape: readonly number[], seed: number): Preparer;
}

/** Computes changed rows; holds a worker perhaps, until it is closed. */
export interface Preparer {
  /** The changed rows. The task's inputs are taken over: the result may be the same memory. */
  prepare(task: AugmentTask): Promise<InputValues>;
  close(): void;
}

export interface AugmentationOptions {
  /** What moved pictures show beyond their border: a value, or the pixels of the border (the default). */
  readonly fill?: Fill;
}

/** An augmentation that is computed beside training, on the same thread.
 *
 * @example
 * await train(net, data, { augment: augmentation([transforms.shift()], { fill: 0 }) });
 */
export function augmentation(
  transforms: readonly Transform[],
  { fill = "edge" }: AugmentationOptions = {},
): Augmentation {
  return {
    transforms,
    fill,
    open: (shape, seed) => {
      const options = { transforms, fill, seed, shape: pictureShape(shape, transforms) };
      return { prepare: (task) => inSlices(task, options), close: () => {} };
    },
  };
}

/** Milliseconds of work after which other events have their turn. */
const slice = 20;

async function inSlices(task: AugmentTask, options: AugmentOptions): Promise<InputValues> {
  const rows = task.rows.length;
  let since = performance.now();
  let count = 1;
  for (let row = 0; row < rows; row += count) {
    const now = performance.now();
    if (now - since > slice) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    count = Math.min(16, rows - row);
    augmentRows(task, options, row, row + count);
  }
  return task.inputs;
}
