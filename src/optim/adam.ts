/** Adam: gradient descent with adaptive moments. */

import type { Tensor } from "../tensor/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { expectDecay, expectRates } from "./rates.ts";

export interface AdamOptions {
  readonly learningRate?: number;
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** λ of the L2 penalty λ/2·θ², added to the gradient. */
  readonly weightDecay?: number;
}

/** Drops float32 moments that have decayed to nothing: numbers near the subnormal range (1e-38) slow
 * every multiplication that meets them, and (x + c) − c = 0 where x is below about c·2⁻²⁴, far under
 * the effect of ε. */
function withoutResidue(x: Tensor): Tensor {
  return x.dtype === "float32" ? x.add(1e-28).sub(1e-28) : x;
}

/** g ← g + λθ;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;
 * θ ← θ − η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε).   Kingma and Ba, ICLR 2015.
 *
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 * @example
 * optimizers.adam({ learningRate: 0.01 });
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay = 0 } = options;
  expectRates("adam", { learningRate, epsilon, weightDecay });
  expectDecay("adam", { beta1, beta2 });
  const hasDecay = weightDecay > 0;
  return {
    kind: "adam",
    options: { learningRate, beta1, beta2, epsilon, weightDecay },
    rates: { learningRate, beta1, beta2, epsilon, ...(hasDecay ? { weightDecay } : {}) },
    slots: ["m", "v"],
    update: ({ parameter, gradient, slots, rates, step }) => {
      const g = hasDecay ? gradient.add(parameter.mul(rates.weightDecay)) : gradient;
      const mean = slots.m.mul(rates.beta1).add(g.mul(rates.beta1.neg().add(1)));
      const square = slots.v.mul(rates.beta2).add(g.square().mul(rates.beta2.neg().add(1)));
      const m = withoutResidue(mean);
      const v = withoutResidue(square);
      // η/(1−β₁ᵗ)·√(1−β₂ᵗ) and ε·√(1−β₂ᵗ) are scalars: one division and root an element remain.
      const correction = rates.beta2.pow(step).neg().add(1).sqrt();
      const rate = rates.learningRate.mul(correction).div(rates.beta1.pow(step).neg().add(1));
      const scale = v.sqrt().add(rates.epsilon.mul(correction));
      return { parameter: parameter.sub(m.mul(rate).div(scale)), slots: { m, v } };
    },
  };
}
