/** Lion: steps of one length, in the direction of the sign of a mean. */

import { complement, decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface LionOptions {
  readonly learningRate?: number;
  /** Decay of the mean within a step. */
  readonly beta1?: number;
  /** Decay of the mean from step to step. */
  readonly beta2?: number;
  /** λ: θ shrinks by ηλθ. */
  readonly weightDecay?: number;
}

/** θ ← θ − η · (sign(β₁m + (1−β₁)g) + λθ);  m ← β₂m + (1−β₂)g.
 *
 * Chen et al., "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023.
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 */
export function lion(options: LionOptions = {}): Optimizer {
  const { learningRate = 1e-4, beta1 = 0.9, beta2 = 0.99, weightDecay = 0 } = options;
  expectRates("Optimizer lion", { learningRate, weightDecay });
  expectDecay("Optimizer lion", { beta1, beta2 });
  const decay = { isOn: weightDecay > 0, isDecoupled: true };
  return describedOptimizer(
    {
      name: "lion",
      rates: { learningRate, beta1, beta2, ...withoutZeros({ weightDecay }) },
      slots: ["m"],
      update: (inputs) => {
        const { slots, rates } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const direction = slots.m
          .mul(rates.beta1)
          .add(gradient.mul(complement(rates.beta1)))
          .sign();
        const m = decayedMean(slots.m, rates.beta2, gradient);
        return { parameter: parameter.sub(direction.mul(rates.learningRate)), slots: { m } };
      },
    },
    { learningRate, beta1, beta2, weightDecay },
    lion,
  );
}
