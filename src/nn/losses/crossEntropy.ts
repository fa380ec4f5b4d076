/** Losses for classes from logits or log-probabilities: crossEntropy, nll, focal. */

import { type FloatDType, sizeOf } from "../../ir/index.ts";
import { full, type Tensor, tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLoss, type Loss, type Reduction } from "./loss.ts";
import { expectClasses, isIndices } from "./target.ts";

export interface NllOptions {
  readonly reduction?: Reduction;
  /** A weight for each class; the mean divides by the weights of the labels that occur. */
  readonly classWeights?: readonly number[];
  /** A label whose samples count for nothing. */
  readonly ignoreIndex?: number;
}

export interface CrossEntropyOptions extends NllOptions {
  /** ε: targets become (1 − ε)·t + ε / classes. Szegedy et al., CVPR 2016. Default 0. */
  readonly labelSmoothing?: number;
}

/** The weights of the classes, in line with the last axis of `like`. */
function classFactors(
  kind: string,
  weights: readonly number[] | undefined,
  like: Tensor,
): Tensor | undefined {
  if (weights === undefined) return undefined;
  const classes = like.shape[like.rank - 1];
  if (weights.length !== classes) {
    throw new UsageError(
      `Loss "${kind}": expected ${classes} classWeights, one for each class, got ${weights.length}.`,
    );
  }
  return tensor(weights, { dtype: like.dtype });
}

/** The weights of the classes in each target, [batch, ...positions, classes]: one-hot for indices, and
 * zeros at an ignored one. */
function classTargets(target: Tensor, like: Tensor, ignoreIndex: number | undefined): Tensor {
  if (!isIndices(target)) return target;
  const oneHot = target.oneHot(like.shape[like.rank - 1], { dtype: like.dtype });
  if (ignoreIndex === undefined) return oneHot;
  return target.ne(ignoreIndex).expandDims(-1).where(oneHot, 0);
}

function sumAfterBatch(x: Tensor): Tensor {
  return x.sum(x.shape.slice(1).map((_, i) => i + 1));
}

/** How much each sample counts in a mean as PyTorch takes it: the weights of its labels. */
function weightsOfLabels(
  kind: string,
  { classWeights, ignoreIndex }: NllOptions,
): Loss["sampleWeights"] {
  return (prediction, target) => {
    if (!isIndices(target)) {
      const [batch, ...rest] = prediction.shape;
      const dtype = prediction.dtype as FloatDType;
      return full([batch], sizeOf(rest.slice(0, -1)), { dtype });
    }
    const factors = classFactors(kind, classWeights, prediction);
    const counted = classTargets(target, prediction, ignoreIndex);
    return sumAfterBatch(factors === undefined ? counted : counted.mul(factors));
  };
}

/** −Σ_c w_c t_c ℓ_c for log-probabilities ℓ, with smoothed targets. */
function negativeLogLikelihood(
  kind: string,
  logProbabilities: Tensor,
  target: Tensor,
  { classWeights, ignoreIndex, labelSmoothing = 0 }: CrossEntropyOptions,
): Tensor {
  const targets = classTargets(target, logProbabilities, ignoreIndex);
  const factors = classFactors(kind, classWeights, logProbabilities);
  const weighted = (t: Tensor) => (factors === undefined ? t : t.mul(factors));
  // A weight of 0 leaves the term out even where the log-probability is −∞.
  const term = (t: Tensor) => t.eq(0).where(0, logProbabilities).mul(t);
  const sharp = sumAfterBatch(term(weighted(targets))).neg();
  if (labelSmoothing === 0) return sharp;
  const counted = targets.sum(-1, { keepDims: true }).broadcastTo(targets.shape);
  const share = weighted(counted).div(targets.shape[targets.rank - 1]);
  const flat = sumAfterBatch(term(share)).neg();
  return sharp.mul(1 - labelSmoothing).add(flat.mul(labelSmoothing));
}

/** The options with the reduction filled in. */
function recorded(options: CrossEntropyOptions): CrossEntropyOptions & { reduction: Reduction } {
  return { ...options, reduction: options.reduction ?? "mean" };
}

/** −Σ_c t_c log softmax(logits)_c for each sample.
 *
 * Logits [batch, classes] or [batch, ...positions, classes]; targets are class indices (int32 [batch,
 * ...positions]) or weights of the classes (float, shaped like the logits: one-hot or soft). Computed
 * from logits by log-sum-exp, so that nothing overflows. Equal to PyTorch's CrossEntropyLoss.
 *
 * @throws UsageError for a labelSmoothing outside [0, 1] or classWeights of another length; ShapeError
 *   for targets that do not fit
 * @example
 * losses.crossEntropy({ reduction: "sum" });
 */
export function crossEntropy(options: CrossEntropyOptions = {}): Loss {
  const { labelSmoothing = 0, ignoreIndex } = options;
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
    throw new UsageError(
      `Loss "crossEntropy": expected labelSmoothing from 0 to 1, got ${labelSmoothing}.`,
    );
  }
  return classLoss("crossEntropy", recorded(options), ignoreIndex, {
    logProbabilities: (logits) => logits.logSoftmax(-1),
    readout: (logits) => logits.softmax(-1),
  });
}

/** −w_y ℓ_y for log-probabilities ℓ [batch, ...positions, classes], as `layers.logSoftmax` gives them;
 * targets as for `crossEntropy`. Equal to PyTorch's NLLLoss. */
export function nll(options: NllOptions = {}): Loss {
  return classLoss("nll", recorded(options), options.ignoreIndex, {
    logProbabilities: (prediction) => prediction,
    readout: (prediction) => prediction.exp(),
  });
}

function classLoss(
  kind: string,
  options: CrossEntropyOptions & { readonly reduction: Reduction },
  ignoreIndex: number | undefined,
  {
    logProbabilities,
    readout,
  }: {
    readonly logProbabilities: (prediction: Tensor) => Tensor;
    readonly readout: (prediction: Tensor) => Tensor;
  },
): Loss {
  // Without weights all samples count alike: a mean over positions, and no weights to carry along.
  const isWeighted = options.classWeights !== undefined || ignoreIndex !== undefined;
  return defineLoss({
    name: kind,
    options: { ...options },
    reduction: options.reduction,
    perSample: (prediction, target) => {
      expectClasses(kind, prediction, target);
      const sum = negativeLogLikelihood(kind, logProbabilities(prediction), target, options);
      if (isWeighted || options.reduction === "sum") return sum;
      const positions = sizeOf(prediction.shape.slice(1, -1));
      return positions === 1 ? sum : sum.div(positions);
    },
    ...(isWeighted ? { sampleWeights: weightsOfLabels(kind, options) } : {}),
    readout,
    ...(ignoreIndex === undefined ? {} : { ignoreIndex }),
  });
}

export interface FocalOptions {
  readonly reduction?: Reduction;
  /** γ: how much less sure samples count; 0 gives the cross-entropy. Default 2. */
  readonly gamma?: number;
  /** α: a weight for each class. */
  readonly classWeights?: readonly number[];
}

/** −Σ_c w_c t_c (1 − p_c)^γ log p_c with p = softmax(logits): easy samples count less.
 * Logits and targets as for `crossEntropy`; two logits serve for two classes.
 * Lin, Goyal, Girshick, He, Dollár, ICCV 2017. */
export function focal(options: FocalOptions = {}): Loss {
  const { reduction = "mean", gamma = 2, classWeights } = options;
  return defineLoss({
    name: "focal",
    options: { ...options },
    reduction,
    perSample: (logits, target) => {
      expectClasses("focal", logits, target);
      const logProbabilities = logits.logSoftmax(-1);
      // 1 − p as −expm1(log p): exact where p is close to 1.
      const doubt = logProbabilities.expm1().neg();
      const focus = gamma === 0 ? logProbabilities : doubt.pow(gamma).mul(logProbabilities);
      const factors = classFactors("focal", classWeights, logits);
      const targets = classTargets(target, logits, undefined);
      return sumAfterBatch(
        (factors === undefined ? targets : targets.mul(factors)).mul(focus),
      ).neg();
    },
    readout: (logits) => logits.softmax(-1),
  });
}
