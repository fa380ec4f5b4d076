/** Gradient accumulation: one update for several batches. */

import type { Tensor } from "../tensor/index.ts";
import type { Tensors } from "./optimizer.ts";
import { expectCounts } from "./rates.ts";
import { type OptimizerWrapper, wrapper } from "./wrapper.ts";

export interface AccumulateOptions {
  /** Batches of one update. */
  readonly steps: number;
}

/** Every k-th step updates with the mean gradient of the last k batches; the other steps only add up.
 * The wrapped optimizer counts its own updates. Sums go on across the ends of epochs.
 *
 * @throws UsageError when `steps` is not a positive integer.
 */
export function accumulate({ steps }: AccumulateOptions): OptimizerWrapper {
  expectCounts("Optimizer accumulate", { steps });
  const sumName = (path: string) => `${path}/sum`;
  return wrapper({
    name: "accumulate",
    options: { steps },
    rates: { steps },
    state: (shapes) =>
      new Map([...shapes].map(([path, shape]) => [sumName(path), { shape, initial: 0 }])),
    step: (inputs, inner) => {
      const { parameters, gradients, state, rates, step } = inputs;
      const sums = new Map(
        [...gradients].map(([path, gradient]) => [path, state.get(sumName(path))!.add(gradient)]),
      );
      const means = new Map([...sums].map(([path, sum]) => [path, sum.div(rates.steps)]));
      const updates = step.div(rates.steps);
      // The updates so far, this one included; a multiple of k is divided exactly.
      const count = updates.ceil();
      const isUpdate = updates.eq(count);
      const result = inner({ ...inputs, gradients: means, step: count });
      return {
        parameters: chosen(isUpdate, result.parameters, parameters),
        state: new Map([
          ...chosen(isUpdate, result.state, state),
          ...[...sums].map(([path, sum]) => [sumName(path), isUpdate.where(0, sum)] as const),
        ]),
      };
    },
  });
}

function chosen(condition: Tensor, next: Tensors, before: Tensors): Tensors {
  return new Map(
    [...next].map(([name, value]) => [name, condition.where(value, before.get(name)!)]),
  );
}
