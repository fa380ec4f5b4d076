/** Losses of margins: hinge, multiMargin, and the perceptron criterion. */

import { type Tensor, tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLoss, type Loss, overOutputs } from "./loss.ts";
import type { ReductionOption } from "./regression.ts";
import { asSigns, classAbove, classesOfOutputs, expectClasses, isIndices } from "./target.ts";

/** max(0, x), with gradient 0 at 0. */
const positivePart = (x: Tensor) => x.relu();

export interface HingeOptions extends ReductionOption {
  /** 1 or 2: whether the loss is squared; default 1. */
  readonly power?: 1 | 2;
}

/** max(0, 1 − t·y)ᵖ for each output y, mean over the outputs; targets ±1, or labels: 0 or 1 for a single
 * output, one against the rest otherwise. Cortes and Vapnik, 1995. */
export function hinge(options: HingeOptions = {}): Loss {
  const { reduction = "mean", power = 1 } = options;
  return defineLoss({
    name: "hinge",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const { values, signs } = asSigns("hinge", prediction, target);
      const short = positivePart(values.mul(signs).neg().add(1));
      return overOutputs(power === 2 ? short.square() : short, reduction);
    },
    classify: (prediction) => classAbove(prediction, 0),
    classCount: classesOfOutputs,
  });
}

export interface MultiMarginOptions extends ReductionOption {
  /** 1 or 2; default 1. */
  readonly power?: 1 | 2;
  /** Default 1. */
  readonly margin?: number;
  /** A weight for each class. */
  readonly classWeights?: readonly number[];
}

/** w_y Σ_{c≠y} max(0, margin − x_y + x_c)ᵖ / classes of outputs x [batch, classes] and labels y.
 * Crammer and Singer, JMLR 2001; equal to PyTorch's MultiMarginLoss. */
export function multiMargin(options: MultiMarginOptions = {}): Loss {
  const { reduction = "mean", power = 1, margin = 1, classWeights } = options;
  return defineLoss({
    name: "multiMargin",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      expectLabels("multiMargin", prediction, target);
      const classes = prediction.shape[1];
      const isLabel = target.oneHot(classes, { dtype: "bool" });
      const own = isLabel.where(prediction, 0).sum(1, { keepDims: true });
      const short = positivePart(prediction.sub(own).add(margin));
      const each = isLabel.where(0, power === 2 ? short.square() : short);
      const sum = each.sum(1).div(classes);
      if (classWeights === undefined) return sum;
      if (classWeights.length !== classes) {
        throw new UsageError(
          `Loss "multiMargin": expected ${classes} classWeights, got ${classWeights.length}.`,
        );
      }
      return sum.mul(tensor(classWeights, { dtype: prediction.dtype }).gather(target));
    },
  });
}

/** Rosenblatt's criterion: how far a wrong decision lies from the right one, and 0 for a right one.
 * A single output y: max(0, −t·y) with t = ±1 (labels 0 and 1); outputs [batch, classes]:
 * max_c x_c − x_y. Its stochastic gradient descent is the perceptron rule. Rosenblatt, 1958;
 * Bishop, Pattern Recognition and Machine Learning, 4.1.7. */
export function perceptron(options: ReductionOption = {}): Loss {
  const { reduction = "mean" } = options;
  return defineLoss({
    name: "perceptron",
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const width = prediction.size / prediction.shape[0];
      if (width === 1 || !isIndices(target)) {
        const { values, signs } = asSigns("perceptron", prediction, target);
        // Larger or equal, so that an output of exactly 0 is a mistake that is learned from.
        const product = values.mul(signs);
        return overOutputs(product.le(0).where(product.neg(), 0), reduction);
      }
      expectLabels("perceptron", prediction, target);
      const own = target.oneHot(width, { dtype: prediction.dtype }).mul(prediction).sum(1);
      return prediction.max(1).sub(own);
    },
    classify: (prediction) => classAbove(prediction, 0),
    classCount: classesOfOutputs,
  });
}

function expectLabels(kind: string, prediction: Tensor, target: Tensor): void {
  expectClasses(kind, prediction, target);
  if (isIndices(target) && prediction.rank === 2) return;
  throw new UsageError(
    `Loss "${kind}": expected class labels (int32 [batch]) for outputs [batch, classes], got ` +
      `${target.dtype} targets; make the dataset's targets labels.`,
  );
}
