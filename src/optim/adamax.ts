/** Adamax: Adam scaled by the largest gradient instead of the mean square. */

import { biasCorrection, decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface AdamaxOptions {
  readonly learningRate?: number;
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the largest gradient. */
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** g ← g + λθ;  m ← β₁m + (1−β₁)g;  u ← max(β₂u, |g| + ε);  θ ← θ − η/(1−β₁ᵗ) · m/u.
 *
 * Kingma and Ba, ICLR 2015, section 7.1 (ε as in PyTorch).
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 */
export function adamax(options: AdamaxOptions = {}): Optimizer {
  const { learningRate = 0.002, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay = 0 } = options;
  expectRates("Optimizer adamax", { learningRate, epsilon, weightDecay });
  expectDecay("Optimizer adamax", { beta1, beta2 });
  const decay = { isOn: weightDecay > 0, isDecoupled: false };
  return describedOptimizer(
    {
      name: "adamax",
      rates: { learningRate, beta1, beta2, epsilon, ...withoutZeros({ weightDecay }) },
      slots: ["m", "largest"],
      update: (inputs) => {
        const { slots, rates, step } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const m = decayedMean(slots.m, rates.beta1, gradient);
        const largest = slots.largest.mul(rates.beta2).maximum(gradient.abs().add(rates.epsilon));
        const rate = rates.learningRate.div(biasCorrection(rates.beta1, step));
        return { parameter: parameter.sub(m.mul(rate).div(largest)), slots: { m, largest } };
      },
    },
    { learningRate, beta1, beta2, epsilon, weightDecay },
    adamax,
  );
}
