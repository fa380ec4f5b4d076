/** Weight averaging: the network is evaluated, and in the end left, with a mean of its weights. */

import type { Tensor } from "../tensor/index.ts";
import { expectCounts, expectDecay } from "./rates.ts";
import { copyOf } from "./scope.ts";
import { type OptimizerWrapper, wrapper } from "./wrapper.ts";

export interface EmaOptions {
  /** Share of the old mean at each step; 0.999 unless told. */
  readonly decay?: number;
}

const averageName = (path: string) => `${path}/average`;

/** Exponential moving average: a ← decay·a + (1 − decay)·θ after each step, a = θ after the first.
 * Training goes on with θ; validation, the best weights and the end take a.
 *
 * Polyak and Juditsky, 1992; as PyTorch's AveragedModel.
 * @throws UsageError for a decay outside [0, 1).
 */
export function ema({ decay = 0.999 }: EmaOptions = {}): OptimizerWrapper {
  expectDecay("Optimizer ema", { decay });
  return wrapper({
    name: "ema",
    options: { decay },
    rates: { decay },
    state: (shapes) =>
      new Map([...shapes].map(([path, shape]) => [averageName(path), copyOf(path, shape)])),
    step: (inputs, inner) => {
      const { state, rates, step } = inputs;
      const result = inner(inputs);
      const kept = step.gt(1).where(rates.decay, 0);
      const averages = [...result.parameters].map(([path, parameter]) => {
        const before = state.get(averageName(path))!;
        return [averageName(path), parameter.add(before.sub(parameter).mul(kept))] as const;
      });
      return { ...result, state: new Map([...result.state, ...averages]) };
    },
    evaluated: averageName,
  });
}

export interface SwaOptions {
  /** The first step (from 1) whose weights count; 1 unless told. */
  readonly start?: number;
  /** Steps between two weights that count, an epoch as a rule; 1 unless told. */
  readonly every?: number;
}

/** Stochastic weight averaging: the plain mean of the weights after steps start, start + every, …;
 * before the first of them the weights themselves. Training goes on with θ; validation, the best
 * weights and the end take the mean.
 *
 * Izmailov et al., "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018.
 * @throws UsageError when an option is not a positive integer.
 */
export function swa({ start = 1, every = 1 }: SwaOptions = {}): OptimizerWrapper {
  expectCounts("Optimizer swa", { start, every });
  return wrapper({
    name: "swa",
    options: { start, every },
    rates: { start, every },
    state: (shapes) =>
      new Map([...shapes].map(([path, shape]) => [averageName(path), copyOf(path, shape)])),
    step: (inputs, inner) => {
      const { state, rates, step } = inputs;
      const result = inner(inputs);
      const rounds = step.sub(rates.start).div(rates.every);
      const isCounted = rounds.eq(rounds.floor());
      // Weights that count, this step's included; 1 while there are none, so that a = θ.
      const count = rounds.floor().add(1).maximum(1);
      const share = step.lt(rates.start).where(1, isCounted.where(count.reciprocal(), 0));
      const averages = [...result.parameters].map(([path, parameter]): [string, Tensor] => {
        const before = state.get(averageName(path))!;
        return [averageName(path), before.add(parameter.sub(before).mul(share))];
      });
      return { ...result, state: new Map([...result.state, ...averages]) };
    },
    evaluated: averageName,
  });
}
