/** Stochastic gradient descent, with momentum, Nesterov's variant and weight decay. */

import { UsageError } from "../util/index.ts";
import type { Optimizer, UpdateResult } from "./optimizer.ts";
import { expectRates } from "./rates.ts";

export interface SgdOptions {
  readonly learningRate?: number;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  /** λ of the L2 penalty λ/2·θ², added to the gradient. */
  readonly weightDecay?: number;
}

/** g ← g + λθ;  b ← μb + g;  θ ← θ − η·b, or with Nesterov θ − η·(g + μb).
 *
 * As in PyTorch. Sutskever, Martens, Dahl, Hinton, ICML 2013.
 * @throws UsageError for a negative rate, or Nesterov without momentum.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  expectRates("sgd", { learningRate, momentum, weightDecay });
  if (nesterov && momentum === 0) {
    throw new UsageError(
      "Optimizer sgd: Nesterov needs momentum above 0, got 0; set momentum: 0.9, say.",
    );
  }
  const hasMomentum = momentum > 0;
  const hasDecay = weightDecay > 0;
  return {
    kind: "sgd",
    options: { learningRate, momentum, nesterov, weightDecay },
    rates: {
      learningRate,
      ...(hasMomentum ? { momentum } : {}),
      ...(hasDecay ? { weightDecay } : {}),
    },
    slots: hasMomentum ? ["velocity"] : [],
    update: ({ parameter, gradient, slots, rates }): UpdateResult => {
      const g = hasDecay ? gradient.add(parameter.mul(rates.weightDecay)) : gradient;
      if (!hasMomentum) {
        return { parameter: parameter.sub(g.mul(rates.learningRate)), slots: {} };
      }
      const velocity = slots.velocity.mul(rates.momentum).add(g);
      const direction = nesterov ? g.add(velocity.mul(rates.momentum)) : velocity;
      return { parameter: parameter.sub(direction.mul(rates.learningRate)), slots: { velocity } };
    },
  };
}
