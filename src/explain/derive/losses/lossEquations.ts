/** The equations of each kind of loss; kinds without a row get theirs from their graph. */

import type { ExplainedLoss } from "../../model.ts";
import { binaryCrossEntropy } from "./binaryCrossEntropy.ts";
import { crossEntropy } from "./crossEntropy.ts";
import { absoluteError, huber, smoothL1, squaredError } from "./differences.ts";
import { lossFromGraph } from "./fromGraph.ts";
import type { LossEquations, LossSite } from "./site.ts";

/** `undefined`: the loss's options are beyond the equations, its graph speaks for it. */
type LossRule = (site: LossSite) => LossEquations | undefined;

const lossRules: Readonly<Record<string, LossRule>> = {
  crossEntropy,
  mse: squaredError,
  mae: absoluteError,
  huber,
  smoothL1,
  binaryCrossEntropy,
};

/** Whether the target's symbol holds values shaped like the prediction (one-hot for labels). */
export function takesValues({ kind, options }: ExplainedLoss): boolean {
  const hasWeights =
    options.classWeights !== undefined ||
    options.weights !== undefined ||
    options.ignoreIndex !== undefined;
  return kind in lossRules && !hasWeights;
}

/** The equations of a loss: by hand where it is known, else from its graph. */
export function lossEquations(site: LossSite): LossEquations {
  const known = takesValues(site.loss) ? lossRules[site.loss.kind]?.(site) : undefined;
  return known ?? lossFromGraph(site);
}
