/** NAdam: Adam with Nesterov's momentum. */

import type { Tensor } from "../tensor/index.ts";
import { biasCorrection, complement, decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface NadamOptions {
  readonly learningRate?: number;
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  /** ψ: how fast the momentum grows towards β₁. */
  readonly momentumDecay?: number;
  /** Whether weight decay shrinks θ by ηλθ instead of adding λθ to the gradient. */
  readonly decoupledWeightDecay?: boolean;
}

/** μₜ = β₁(1 − ½·0.96^(tψ));  m, v as in Adam;  Mₜ = Π μᵢ;
 * θ ← θ − η · (μₜ₊₁·m/(1−Mₜ₊₁) + (1−μₜ)·g/(1−Mₜ)) / (√(v/(1−β₂ᵗ)) + ε).
 *
 * Dozat, "Incorporating Nesterov Momentum into Adam", ICLR workshop 2016.
 * @throws UsageError for a negative rate, or a β outside [0, 1).
 */
export function nadam(options: NadamOptions = {}): Optimizer {
  const { learningRate = 0.002, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  const { weightDecay = 0, momentumDecay = 0.004, decoupledWeightDecay = false } = options;
  expectRates("Optimizer nadam", { learningRate, epsilon, weightDecay, momentumDecay });
  expectDecay("Optimizer nadam", { beta1, beta2 });
  const decay = { isOn: weightDecay > 0, isDecoupled: decoupledWeightDecay };
  const momentum = (rates: Readonly<Record<string, Tensor>>, step: Tensor): Tensor => {
    // 0.96^(tψ) as an exponential, since a tensor's base would be a tensor.
    const fading = step.mul(rates.momentumDecay).mul(Math.log(0.96)).exp();
    return rates.beta1.mul(fading.mul(-0.5).add(1));
  };
  return describedOptimizer(
    {
      name: "nadam",
      rates: {
        learningRate,
        beta1,
        beta2,
        epsilon,
        momentumDecay,
        ...withoutZeros({ weightDecay }),
      },
      slots: ["m", "v"],
      scalars: {
        product: {
          initial: 1,
          next: ({ scalars, rates, step }) => scalars.product.mul(momentum(rates, step)),
        },
      },
      update: (inputs) => {
        const { slots, scalars, rates, step } = inputs;
        const { parameter, gradient } = decayed(inputs, decay);
        const m = decayedMean(slots.m, rates.beta1, gradient);
        const v = decayedMean(slots.v, rates.beta2, gradient.square());
        const next = momentum(rates, step.add(1));
        const ofGradient = complement(momentum(rates, step)).div(complement(scalars.product));
        const ofMean = next.div(complement(scalars.product.mul(next)));
        const direction = gradient
          .mul(rates.learningRate.mul(ofGradient))
          .add(m.mul(rates.learningRate.mul(ofMean)));
        const scale = v.div(biasCorrection(rates.beta2, step)).sqrt().add(rates.epsilon);
        return { parameter: parameter.sub(direction.div(scale)), slots: { m, v } };
      },
    },
    { learningRate, beta1, beta2, epsilon, weightDecay, momentumDecay, decoupledWeightDecay },
    nadam,
  );
}
