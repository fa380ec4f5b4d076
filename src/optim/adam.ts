/** Adam: gradient descent with adaptive moments, and its variants AMSGrad and AdamW. */

import { biasCorrection, decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface AdamOptions {
  readonly learningRate?: number;
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
  /** λ of the L2 penalty λ/2·θ², added to the gradient (`adamW`: θ shrinks by ηλθ instead). */
  readonly weightDecay?: number;
  /** Whether to divide by the largest mean of squares so far. Reddi, Kale, Kumar, ICLR 2018. */
  readonly amsgrad?: boolean;
}

/** g ← g + λθ;  m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;
 * θ ← θ − η · m/(1−β₁ᵗ) / (√(v/(1−β₂ᵗ)) + ε), with AMSGrad the largest v so far.
 *
 * Kingma and Ba, ICLR 2015.
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 * @example
 * optimizers.adam({ learningRate: 0.01 });
 */
export function adam(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0 } = options;
  return adamLike("adam", { ...options, weightDecay }, adam);
}

/** Adam with decoupled weight decay: θ ← θ − ηλθ, then Adam's step without λ.
 *
 * Loshchilov and Hutter, ICLR 2019.
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 */
export function adamW(options: AdamOptions = {}): Optimizer {
  const { weightDecay = 0.01 } = options;
  return adamLike("adamW", { ...options, weightDecay }, adamW);
}

function adamLike(
  name: "adam" | "adamW",
  options: AdamOptions & { readonly weightDecay: number },
  make: (options: AdamOptions) => Optimizer,
): Optimizer {
  const { learningRate = 0.001, beta1 = 0.9, beta2 = 0.999 } = options;
  const { epsilon = 1e-8, weightDecay, amsgrad = false } = options;
  expectRates(`Optimizer ${name}`, { learningRate, epsilon, weightDecay });
  expectDecay(`Optimizer ${name}`, { beta1, beta2 });
  const decay = { isOn: weightDecay > 0, isDecoupled: name === "adamW" };
  return describedOptimizer(
    {
      name,
      rates: { learningRate, beta1, beta2, epsilon, ...withoutZeros({ weightDecay }) },
      slots: amsgrad ? ["m", "v", "largest"] : ["m", "v"],
      update: (inputs) => {
        const { slots, rates, step } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const m = decayedMean(slots.m, rates.beta1, gradient);
        const v = decayedMean(slots.v, rates.beta2, gradient.square());
        const largest = amsgrad ? slots.largest.maximum(v) : v;
        // η/(1−β₁ᵗ)·√(1−β₂ᵗ) and ε·√(1−β₂ᵗ) are scalars: one division and root an element remain.
        const correction = biasCorrection(rates.beta2, step).sqrt();
        const rate = rates.learningRate.mul(correction).div(biasCorrection(rates.beta1, step));
        const scale = largest.sqrt().add(rates.epsilon.mul(correction));
        return {
          parameter: parameter.sub(m.mul(rate).div(scale)),
          slots: { m, v, ...(amsgrad && { largest }) },
        };
      },
    },
    { learningRate, beta1, beta2, epsilon, weightDecay, amsgrad },
    make,
  );
}
