/** Losses for yes-or-no outputs: binary cross-entropy from probabilities and from logits. */

import { type Tensor, tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { logOnePlusExp } from "../layers/activations/smooth.ts";
import { defineLoss, type Loss, overOutputs, type Reduction } from "./loss.ts";
import { asRows, classAbove, classesOfOutputs } from "./target.ts";

export interface BinaryCrossEntropyOptions {
  readonly reduction?: Reduction;
  /** Whether predictions are logits, the default, or probabilities. */
  readonly fromLogits?: boolean;
  /** How much more a 1 counts than a 0: one number, or one for each output; with logits only. */
  readonly posWeight?: number | readonly number[];
}

/** −(w·t·log p + (1 − t)·log(1 − p)) for each output, with p = σ(logit); mean over the outputs (sum with
 * reduction sum). Targets are 0 … 1 shaped like the outputs, or labels: 0 or 1 for a single output,
 * one-hot otherwise. From probabilities, log p is at least −100, as in PyTorch's BCELoss.
 *
 * @throws UsageError for posWeight without logits, or of another length than the outputs
 */
export function binaryCrossEntropy(options: BinaryCrossEntropyOptions = {}): Loss {
  const { reduction = "mean", fromLogits = true, posWeight } = options;
  if (posWeight !== undefined && !fromLogits) {
    throw new UsageError(
      'Loss "binaryCrossEntropy": posWeight needs logits; leave fromLogits as it is, or posWeight out.',
    );
  }
  return defineLoss({
    name: "binaryCrossEntropy",
    options: { ...options },
    reduction,
    perSample: (prediction, target) => {
      const { values, expected } = asRows("binaryCrossEntropy", prediction, target);
      const each = fromLogits
        ? ofLogits(values, expected, posWeight)
        : ofProbabilities(values, expected);
      return overOutputs(each, reduction);
    },
    readout: (prediction) => (fromLogits ? prediction.sigmoid() : prediction),
    classify: (prediction) => classAbove(prediction, fromLogits ? 0 : 0.5),
    classCount: classesOfOutputs,
  });
}

/** (1 − t)·z + (1 + (w − 1)·t)·log(1 + e⁻ᶻ) */
function ofLogits(
  logits: Tensor,
  expected: Tensor,
  posWeight: BinaryCrossEntropyOptions["posWeight"],
): Tensor {
  const linear = expected.neg().add(1).mul(logits);
  const curved = logOnePlusExp(logits.neg());
  if (posWeight === undefined) return linear.add(curved);
  const list = typeof posWeight === "number" ? [posWeight] : posWeight;
  if (list.length !== 1 && list.length !== logits.shape[1]) {
    throw new UsageError(
      `Loss "binaryCrossEntropy": expected one posWeight or ${logits.shape[1]}, got ${list.length}.`,
    );
  }
  const weight = tensor(list, { dtype: logits.dtype });
  return linear.add(expected.mul(weight.sub(1)).add(1).mul(curved));
}

function ofProbabilities(probabilities: Tensor, expected: Tensor): Tensor {
  const boundedLog = (x: Tensor) => x.le(Math.exp(-100)).where(-100, boundedAway(x).log());
  const yes = expected.mul(boundedLog(probabilities));
  const no = expected
    .neg()
    .add(1)
    .mul(boundedLog(probabilities.neg().add(1)));
  return yes.add(no).neg();
}

/** Keeps the logarithm that is not taken from giving 0 · ∞ in the gradient. */
function boundedAway(x: Tensor): Tensor {
  return x.le(Math.exp(-100)).where(1, x);
}
