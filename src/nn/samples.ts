/** Rows that a network is trained and measured on, and the loss that suits them. */

import type { Shape, TensorData } from "../ir/index.ts";
import { DataError, ShapeError } from "../util/index.ts";
import { crossEntropy } from "./losses/crossEntropy.ts";
import type { Loss } from "./losses/loss.ts";
import { mse } from "./losses/regression.ts";

/** Rows with their targets; every `Dataset` is one. */
export interface Samples {
  readonly name: string;
  readonly length: number;
  /** [length, ...inputShape], row-major. */
  readonly inputs: Float32Array | Float64Array;
  readonly inputShape: Shape;
  /** Class indices [length] (Int32Array) or values [length, ...targetShape]. */
  readonly targets: Int32Array | Float64Array;
  readonly targetShape: Shape;
  /** Writes the inputs of some rows to the beginning of `target`, where that is better than to have them all
   * at hand. */
  writeInputs?(rows: Int32Array, target: TensorData): void;
}

/** Means over the rows of a dataset. */
export interface Measures {
  readonly loss: number;
  /** Fraction of rows whose largest output is their class; for class labels only. */
  readonly accuracy?: number;
}

const lossOfLabels = crossEntropy();
const lossOfValues = mse();

/** The loss that suits the targets: cross-entropy for class labels, else mean squared error. */
export function defaultLoss(samples: Pick<Samples, "targets">): Loss {
  return samples.targets instanceof Int32Array ? lossOfLabels : lossOfValues;
}

/** Whether rows fit a network and a loss.
 * @throws ShapeError or DataError when they do not */
export function checkSamples(
  model: { readonly input: Shape; readonly outputShape: Shape },
  samples: Samples,
  loss: Loss = defaultLoss(samples),
): void {
  if (samples.inputShape.join() !== model.input.join()) {
    throw new ShapeError(
      `Dataset "${samples.name}": its rows have shape [${samples.inputShape.join(", ")}], ` +
        `the network takes [${model.input.join(", ")}].`,
    );
  }
  if (!(samples.targets instanceof Int32Array)) return;
  const classes = loss.classCount(model.outputShape);
  const gives = `the network gives [${model.outputShape.join(", ")}]`;
  if (classes === 0) {
    throw new ShapeError(
      `Dataset "${samples.name}": its targets are class labels, but ${gives}: expected one value for ` +
        "each class; end it with layers.flatten() and layers.linear(classes).",
    );
  }
  const row = samples.targets.findIndex(
    (label) => (label < 0 || label >= classes) && label !== loss.ignoreIndex,
  );
  if (row >= 0) {
    throw new DataError(
      `Dataset "${samples.name}": row ${row} has label ${samples.targets[row]}, but ${gives}: ` +
        (classes === 1
          ? "expected an output for each class, or losses.binaryCrossEntropy() for two classes."
          : `expected labels from 0 to ${classes - 1}.`),
    );
  }
}
