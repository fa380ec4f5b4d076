/** Adagrad: each weight's rate falls with the squares of its gradients so far. */

import { decayed } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectRates, withoutZeros } from "./rates.ts";

export interface AdagradOptions {
  readonly learningRate?: number;
  /** Fall of the learning rate itself: η/(1 + (t−1)·decay). */
  readonly learningRateDecay?: number;
  readonly weightDecay?: number;
  /** The sum of squares before the first step. */
  readonly initialSum?: number;
  readonly epsilon?: number;
}

/** g ← g + λθ;  s ← s + g²;  θ ← θ − η/(1 + (t−1)κ) · g/(√s + ε).
 *
 * Duchi, Hazan, Singer, JMLR 2011.
 * @throws UsageError for a negative rate.
 */
export function adagrad(options: AdagradOptions = {}): Optimizer {
  const { learningRate = 0.01, learningRateDecay = 0, weightDecay = 0 } = options;
  const { initialSum = 0, epsilon = 1e-10 } = options;
  const all = { learningRate, learningRateDecay, weightDecay, initialSum, epsilon };
  expectRates("Optimizer adagrad", all);
  const decay = { isOn: weightDecay > 0, isDecoupled: false };
  return describedOptimizer(
    {
      name: "adagrad",
      rates: { learningRate, epsilon, ...withoutZeros({ learningRateDecay, weightDecay }) },
      slots: { sum: initialSum },
      update: (inputs) => {
        const { slots, rates, step } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const sum = slots.sum.add(gradient.square());
        const rate =
          learningRateDecay > 0
            ? rates.learningRate.div(step.sub(1).mul(rates.learningRateDecay).add(1))
            : rates.learningRate;
        const change = gradient.mul(rate).div(sum.sqrt().add(rates.epsilon));
        return { parameter: parameter.sub(change), slots: { sum } };
      },
    },
    all,
    adagrad,
  );
}
