/** Rprop: steps whose lengths depend on the signs of gradients only; for full batches. */

import { UsageError } from "../util/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectPositive, expectRates } from "./rates.ts";

export interface RpropOptions {
  /** Length of the first steps; schedules do not change the lengths that follow. */
  readonly learningRate?: number;
  /** η⁻: factor of a length after a change of sign, in (0, 1). */
  readonly shrink?: number;
  /** η⁺: factor of a length otherwise, above 1. */
  readonly grow?: number;
  readonly shortest?: number;
  readonly longest?: number;
}

/** s = sign(g·g₋);  Δ ← clip(Δ·η⁺ | Δ·η⁻ | Δ for s = 1 | −1 | 0, shortest, longest);
 * s = −1: g ← 0;  θ ← θ − Δ·sign(g);  g₋ ← g.
 *
 * Riedmiller and Braun, ICNN 1993 (the variant without backtracking, Rprop⁻ with g ← 0, as in PyTorch).
 * @throws UsageError for factors or lengths out of order.
 */
export function rprop(options: RpropOptions = {}): Optimizer {
  const { learningRate = 0.01, shrink = 0.5, grow = 1.2, shortest = 1e-6, longest = 50 } = options;
  expectRates("Optimizer rprop", { learningRate, shortest });
  expectPositive("Optimizer rprop", { shrink, longest });
  if (!(shrink < 1 && grow > 1)) {
    throw new UsageError(
      `Optimizer rprop: expected shrink below 1 and grow above 1, got ${shrink} and ${grow}.`,
    );
  }
  return describedOptimizer(
    {
      name: "rprop",
      rates: { learningRate, shrink, grow, shortest, longest },
      slots: { previous: 0, length: learningRate },
      update: ({ parameter, gradient, slots, rates }) => {
        const agreement = gradient.sign().mul(slots.previous.sign());
        const factor = agreement.gt(0).where(rates.grow, agreement.lt(0).where(rates.shrink, 1));
        const length = slots.length.mul(factor).maximum(rates.shortest).minimum(rates.longest);
        const previous = agreement.lt(0).where(0, gradient);
        return {
          parameter: parameter.sub(length.mul(previous.sign())),
          slots: { previous, length },
        };
      },
    },
    { learningRate, shrink, grow, shortest, longest },
    rprop,
  );
}
