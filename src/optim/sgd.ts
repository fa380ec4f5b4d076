/** Stochastic gradient descent, with momentum, dampening, Nesterov's variant and weight decay. */

import { UsageError } from "../util/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectRates, withoutZeros } from "./rates.ts";

export interface SgdOptions {
  readonly learningRate?: number;
  readonly momentum?: number;
  /** What the velocity does not take of each gradient after the first, a fraction. */
  readonly dampening?: number;
  readonly nesterov?: boolean;
  /** λ of the L2 penalty λ/2·θ², added to the gradient. */
  readonly weightDecay?: number;
}

/** g ← g + λθ;  b ← μb + (1 − τ)g (b = g at the first step);  θ ← θ − η·b, or with Nesterov θ − η·(g + μb).
 *
 * As in PyTorch. Sutskever, Martens, Dahl, Hinton, ICML 2013.
 * @throws UsageError for a negative rate, or Nesterov without momentum or with dampening.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { learningRate = 0.01, momentum = 0, dampening = 0 } = options;
  const { nesterov = false, weightDecay = 0 } = options;
  expectRates("Optimizer sgd", { learningRate, momentum, dampening, weightDecay });
  if (nesterov && (momentum === 0 || dampening > 0)) {
    throw new UsageError(
      `Optimizer sgd: Nesterov needs momentum above 0 and no dampening, got momentum ${momentum} and ` +
        `dampening ${dampening}; set momentum: 0.9, say.`,
    );
  }
  const hasMomentum = momentum > 0;
  return describedOptimizer(
    {
      name: "sgd",
      rates: { learningRate, ...withoutZeros({ momentum, dampening, weightDecay }) },
      slots: hasMomentum ? ["velocity"] : [],
      update: ({ parameter, gradient, slots, rates, step }) => {
        const g = weightDecay > 0 ? gradient.add(parameter.mul(rates.weightDecay)) : gradient;
        if (!hasMomentum) return { parameter: parameter.sub(g.mul(rates.learningRate)) };
        const share = dampening > 0 ? step.gt(1).where(rates.dampening.neg().add(1), 1) : undefined;
        const velocity = slots.velocity.mul(rates.momentum).add(share ? g.mul(share) : g);
        const direction = nesterov ? g.add(velocity.mul(rates.momentum)) : velocity;
        return { parameter: parameter.sub(direction.mul(rates.learningRate)), slots: { velocity } };
      },
    },
    { learningRate, momentum, dampening, nesterov, weightDecay },
    sgd,
  );
}
