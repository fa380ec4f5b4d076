/** RAdam: Adam that waits with adapting until the variance of its scale is tractable. */

import { biasCorrection, decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface RadamOptions {
  readonly learningRate?: number;
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** Whether weight decay shrinks θ by ηλθ instead of adding λθ to the gradient. */
  readonly decoupledWeightDecay?: boolean;
}

/** m, v as in Adam;  ρ∞ = 2/(1−β₂) − 1;  ρₜ = ρ∞ − 2tβ₂ᵗ/(1−β₂ᵗ);
 * ρₜ > 5: θ ← θ − η · m/(1−β₁ᵗ) · r · √(1−β₂ᵗ)/(√v + ε) with r² = (ρₜ−4)(ρₜ−2)ρ∞ / ((ρ∞−4)(ρ∞−2)ρₜ);
 * before: θ ← θ − η · m/(1−β₁ᵗ).
 *
 * Liu et al., "On the Variance of the Adaptive Learning Rate and Beyond", ICLR 2020.
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 */
export function radam(options: RadamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0, decoupledWeightDecay = false } = options;
  expectRates("Optimizer radam", { learningRate, epsilon, weightDecay });
  expectDecay("Optimizer radam", { beta1, beta2 });
  const decay = { isOn: weightDecay > 0, isDecoupled: decoupledWeightDecay };
  return describedOptimizer(
    {
      name: "radam",
      rates: { learningRate, beta1, beta2, epsilon, ...withoutZeros({ weightDecay }) },
      slots: ["m", "v"],
      update: (inputs) => {
        const { slots, rates, step } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const m = decayedMean(slots.m, rates.beta1, gradient);
        const v = decayedMean(slots.v, rates.beta2, gradient.square());
        const correction = biasCorrection(rates.beta2, step);
        const longest = rates.beta2.neg().add(1).reciprocal().mul(2).sub(1);
        const length = longest.sub(step.mul(2).mul(rates.beta2.pow(step)).div(correction));
        const isTractable = length.gt(5);
        const numerator = length.sub(4).mul(length.sub(2)).mul(longest);
        const denominator = longest.sub(4).mul(longest.sub(2)).mul(length);
        // Where ρₜ ≤ 5 the root may be that of a negative number; it is not taken.
        const rectified = numerator.div(denominator).mul(correction).sqrt();
        const rate = rates.learningRate
          .div(biasCorrection(rates.beta1, step))
          .mul(isTractable.where(rectified, 1));
        const scale = isTractable.where(v.sqrt().add(rates.epsilon), 1);
        return { parameter: parameter.sub(m.mul(rate).div(scale)), slots: { m, v } };
      },
    },
    { learningRate, beta1, beta2, epsilon, weightDecay, decoupledWeightDecay },
    radam,
  );
}
