/** What a loss is: from predictions and targets to one number for each sample, as a graph. */

import type { FloatDType, Shape } from "../../ir/index.ts";
import { ones, type Tensor } from "../../tensor/index.ts";

/** How the numbers of samples, and of the outputs of a sample, become one. */
export type Reduction = "mean" | "sum";

/** A loss: plain data (kind and options) and pure functions. */
export interface Loss {
  readonly kind: string;
  /** Plain JSON data. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether a batch's number is the mean over its samples or their sum. */
  readonly reduction: Reduction;
  /** The loss of each sample: prediction [batch, ...output], target → [batch]. */
  perSample(prediction: Tensor, target: Tensor): Tensor;
  /** How much each sample counts in the mean, [batch]: the mean is Σ perSample / Σ sampleWeights.
   * Without it, each counts 1. */
  sampleWeights?(prediction: Tensor, target: Tensor): Tensor;
  /** From what the network gives to what people read: logits → probabilities. */
  readout(prediction: Tensor): Tensor;
  /** The class that each prediction stands for, int32 [batch]. */
  classify(prediction: Tensor): Tensor;
  /** How many classes results of a shape tell apart. */
  classCount(output: Shape): number;
  /** A label whose samples count for nothing. */
  readonly ignoreIndex?: number;
}

/** What `defineLoss` needs to know. */
export interface LossDefinition {
  readonly name: string;
  readonly perSample: Loss["perSample"];
  /** Plain JSON data, recorded with a run. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Default mean. */
  readonly reduction?: Reduction;
  /** Default: each sample counts 1 in the mean. */
  readonly sampleWeights?: Loss["sampleWeights"];
  /** Default: the prediction itself. */
  readonly readout?: Loss["readout"];
  /** Default: the largest output's place. */
  readonly classify?: Loss["classify"];
  /** Default: the length of a vector of outputs. */
  readonly classCount?: Loss["classCount"];
  readonly ignoreIndex?: number;
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
  const { name, ...rest } = definition;
  return {
    kind: name,
    options: {},
    reduction: "mean",
    readout: (prediction) => prediction,
    classify: (prediction) => prediction.argMax(1),
    classCount: (output) => (output.length === 1 ? output[0] : 0),
    ...rest,
  };
}

/** The loss of a batch, a scalar: the mean or the sum of its samples' losses, as the loss has it. */
export function lossOfBatch(loss: Loss, prediction: Tensor, target: Tensor): Tensor {
  const perSample = loss.perSample(prediction, target);
  if (loss.reduction === "sum") return perSample.sum();
  const weights = loss.sampleWeights?.(prediction, target);
  return weights === undefined ? perSample.mean() : weightedMean(perSample, weights);
}

/** How much each sample counts in the mean, [batch]: 1 each unless the loss says otherwise. */
export function sampleWeights(loss: Loss, prediction: Tensor, target: Tensor): Tensor {
  const dtype = prediction.dtype as FloatDType;
  return loss.sampleWeights?.(prediction, target) ?? ones([prediction.shape[0]], { dtype });
}

/** Σ perSample / Σ weights, and 0 where nothing counts. */
export function weightedMean(perSample: Tensor, weights: Tensor): Tensor {
  const total = weights.sum();
  const counts = total.gt(0);
  return counts.where(perSample.sum().div(counts.where(total, 1)), 0);
}

/** One number for each sample of values [batch, ...outputs]. */
export function overOutputs(values: Tensor, reduction: Reduction): Tensor {
  const axes = values.shape.slice(1).map((_, i) => i + 1);
  return reduction === "sum" ? values.sum(axes) : values.mean(axes);
}
