/** Lookahead: slow weights that follow the fast ones of another optimizer. */

import type { Tensor } from "../tensor/index.ts";
import { expectCounts, expectFractions } from "./rates.ts";
import { copyOf } from "./scope.ts";
import { type OptimizerWrapper, wrapper } from "./wrapper.ts";

export interface LookaheadOptions {
  /** k: fast steps between two slow ones; 5 unless told. */
  readonly steps?: number;
  /** α: share of the way that a slow step goes; ½ unless told. */
  readonly rate?: number;
}

/** θ follows the wrapped optimizer; after every k steps φ ← φ + α(θ − φ) and θ ← φ (φ₀ = θ₀).
 *
 * Zhang, Lucas, Hinton, Ba, "Lookahead Optimizer: k steps forward, 1 step back", NeurIPS 2019.
 * @throws UsageError when `steps` is not a positive integer or `rate` not in [0, 1].
 */
export function lookahead({ steps = 5, rate = 0.5 }: LookaheadOptions = {}): OptimizerWrapper {
  expectCounts("Optimizer lookahead", { steps });
  expectFractions("Optimizer lookahead", { rate });
  const slowName = (path: string) => `${path}/slow`;
  return wrapper({
    name: "lookahead",
    options: { steps, rate },
    rates: { steps, rate },
    state: (shapes) =>
      new Map([...shapes].map(([path, shape]) => [slowName(path), copyOf(path, shape)])),
    step: (inputs, inner) => {
      const { state, rates, step } = inputs;
      const result = inner(inputs);
      const rounds = step.div(rates.steps);
      const isSlow = rounds.eq(rounds.floor());
      const parameters = new Map<string, Tensor>();
      const next = new Map(result.state);
      for (const [path, fast] of result.parameters) {
        const slow = state.get(slowName(path))!;
        const moved = slow.add(fast.sub(slow).mul(rates.rate));
        parameters.set(path, isSlow.where(moved, fast));
        next.set(slowName(path), isSlow.where(moved, slow));
      }
      return { parameters, state: next };
    },
  });
}
