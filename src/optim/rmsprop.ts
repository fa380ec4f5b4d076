/** RMSprop: gradients divided by a running root mean square. */

import { decayed, decayedMean } from "./moments.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectDecay, expectRates, withoutZeros } from "./rates.ts";

export interface RmspropOptions {
  readonly learningRate?: number;
  /** α: decay of the mean of squares. */
  readonly decay?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
  readonly momentum?: number;
  /** Whether to divide by the deviation instead of the root mean square. Graves, arXiv:1308.0850. */
  readonly centered?: boolean;
}

/** g ← g + λθ;  v ← αv + (1−α)g²;  centered: a ← αa + (1−α)g and v − a² in place of v;
 * b ← μb + g/(√v + ε);  θ ← θ − ηb.
 *
 * Tieleman and Hinton, Coursera lecture 6.5, 2012 (ε outside of the root, as in PyTorch).
 * @throws UsageError for a negative rate, or α outside [0, 1).
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const { learningRate = 0.01, decay = 0.99, epsilon = 1e-8 } = options;
  const { weightDecay = 0, momentum = 0, centered = false } = options;
  expectRates("Optimizer rmsprop", { learningRate, epsilon, weightDecay, momentum });
  expectDecay("Optimizer rmsprop", { decay });
  const hasMomentum = momentum > 0;
  const penalty = { isOn: weightDecay > 0, isDecoupled: false };
  return describedOptimizer(
    {
      name: "rmsprop",
      rates: { learningRate, decay, epsilon, ...withoutZeros({ momentum, weightDecay }) },
      slots: ["squares", ...(centered ? ["mean"] : []), ...(hasMomentum ? ["velocity"] : [])],
      update: (inputs) => {
        const { slots, rates } = inputs;
        const { parameter, gradient } = decayed(inputs, penalty);
        const squares = decayedMean(slots.squares, rates.decay, gradient.square());
        const mean = centered ? decayedMean(slots.mean, rates.decay, gradient) : undefined;
        // Rounding may leave v − a² a little below 0.
        const variance = mean ? squares.sub(mean.square()).maximum(0) : squares;
        const scaled = gradient.div(variance.sqrt().add(rates.epsilon));
        const velocity = hasMomentum ? slots.velocity.mul(rates.momentum).add(scaled) : undefined;
        return {
          parameter: parameter.sub((velocity ?? scaled).mul(rates.learningRate)),
          slots: { squares, ...(mean && { mean }), ...(velocity && { velocity }) },
        };
      },
    },
    { learningRate, decay, epsilon, weightDecay, momentum, centered },
    rmsprop,
  );
}
