/** Adadelta: steps in the units of the weights, without a rate to choose. */

import { decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface AdadeltaOptions {
  /** Multiplies the step; 1 is the paper's. */
  readonly learningRate?: number;
  /** ρ: decay of the means of squares. */
  readonly decay?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

/** g ← g + λθ;  v ← ρv + (1−ρ)g²;  Δ = √(u + ε)/√(v + ε) · g;  u ← ρu + (1−ρ)Δ²;  θ ← θ − ηΔ.
 *
 * Zeiler, arXiv:1212.5701, 2012.
 * @throws UsageError for a negative rate, or ρ outside [0, 1).
 */
export function adadelta(options: AdadeltaOptions = {}): Optimizer {
  const { learningRate = 1, decay = 0.9, epsilon = 1e-6, weightDecay = 0 } = options;
  expectRates("Optimizer adadelta", { learningRate, epsilon, weightDecay });
  expectDecay("Optimizer adadelta", { decay });
  const penalty = { isOn: weightDecay > 0, isDecoupled: false };
  return describedOptimizer(
    {
      name: "adadelta",
      rates: { learningRate, decay, epsilon, ...withoutZeros({ weightDecay }) },
      slots: ["squares", "changes"],
      update: (inputs) => {
        const { slots, rates } = inputs;
        const { parameter, gradient } = decayed(inputs, penalty);
        const squares = decayedMean(slots.squares, rates.decay, gradient.square());
        const scale = slots.changes.add(rates.epsilon).div(squares.add(rates.epsilon)).sqrt();
        const change = gradient.mul(scale);
        const changes = decayedMean(slots.changes, rates.decay, change.square());
        return {
          parameter: parameter.sub(change.mul(rates.learningRate)),
          slots: { squares, changes },
        };
      },
    },
    { learningRate, decay, epsilon, weightDecay },
    adadelta,
  );
}
