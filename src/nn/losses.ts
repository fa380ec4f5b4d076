/** Losses: from predictions and targets to one number, as a graph. */

import type { Tensor } from "../tensor/index.ts";
import { ShapeError, UsageError } from "../util/index.ts";

/** A loss: plain data (kind and options) and pure functions. */
export interface Loss {
  readonly kind: string;
  /** Plain JSON data. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether a batch's number is the mean over its samples or their sum. */
  readonly reduction: "mean" | "sum";
  /** The loss of each sample: prediction [batch, ...output], target → [batch]. */
  perSample(prediction: Tensor, target: Tensor): Tensor;
  /** From what the network gives to what people read: logits → probabilities. */
  readout(prediction: Tensor): Tensor;
}

/** What `defineLoss` needs to know. */
export interface LossDefinition {
  readonly name: string;
  readonly perSample: (prediction: Tensor, target: Tensor) => Tensor;
  readonly readout?: (prediction: Tensor) => Tensor;
}

/** A loss of one's own, equal in rights to the built-in ones.
 *
 * @example
 * const absolute = defineLoss({
 *   name: "absolute",
 *   perSample: (prediction, target) => prediction.sub(target).abs().mean([1]),
 * });
 */
export function defineLoss(definition: LossDefinition): Loss {
  const { name, perSample, readout = (prediction) => prediction } = definition;
  return { kind: name, options: {}, reduction: "mean", perSample, readout };
}

export interface CrossEntropyOptions {
  readonly reduction?: "mean" | "sum";
}

/** −Σ_c t_c log softmax(logits)_c for each sample.
 *
 * Logits [batch, classes]; targets are class indices (int32 [batch]) or weights of the classes
 * (float [batch, classes]: one-hot or soft). Computed from logits by log-sum-exp, so that nothing
 * overflows.
 *
 * @example
 * losses.crossEntropy({ reduction: "sum" });
 */
export function crossEntropy({ reduction = "mean" }: CrossEntropyOptions = {}): Loss {
  return {
    kind: "crossEntropy",
    options: { reduction },
    reduction,
    perSample: (logits, target) => {
      if (logits.shape.length !== 2) {
        throw new ShapeError(
          `Loss "crossEntropy": expected logits [batch, classes], got [${logits.shape.join(", ")}].`,
        );
      }
      const [, classes] = logits.shape;
      const weights =
        target.shape.length === 1 ? target.oneHot(classes, { dtype: logits.dtype }) : target;
      if (weights.shape[1] !== classes) {
        throw new ShapeError(
          `Loss "crossEntropy": the network gives ${classes} logits, the targets have ` +
            `${weights.shape[1]} classes; make the last layer layers.linear(${weights.shape[1]}).`,
        );
      }
      return logits.logSoftmax(1).mul(weights).sum([1]).neg();
    },
    readout: (logits) => logits.softmax(-1),
  };
}

/** Mean over the outputs of (prediction − target)² for each sample. Targets [batch, ...output]. */
export function mse({ reduction = "mean" }: { readonly reduction?: "mean" | "sum" } = {}): Loss {
  return {
    kind: "mse",
    options: { reduction },
    reduction,
    perSample: (prediction, target) => {
      const batch = prediction.shape[0];
      const flat = prediction.reshape([batch, -1]);
      const expected =
        target.dtype === "int32" && target.shape.length === 1
          ? target.oneHot(flat.shape[1], { dtype: prediction.dtype })
          : target.reshape([batch, -1]);
      if (expected.shape[1] !== flat.shape[1]) {
        throw new ShapeError(
          `Loss "mse": the network gives ${flat.shape[1]} values a sample, ` +
            `the targets have ${expected.shape[1]}.`,
        );
      }
      return flat.sub(expected).square().mean([1]);
    },
    readout: (prediction) => prediction,
  };
}

/** Constructors of the built-in losses. */
export const losses = { crossEntropy, mse } as const;

/** The built-in loss of a description. @throws UsageError for an unknown kind. */
export function lossFrom(description: {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
}): Loss {
  const make = (losses as Record<string, (options?: never) => Loss>)[description.kind];
  if (make === undefined) {
    const known = Object.keys(losses).join(", ");
    throw new UsageError(`Loss: expected one of ${known}, got "${description.kind}".`);
  }
  return make(description.options as never);
}
