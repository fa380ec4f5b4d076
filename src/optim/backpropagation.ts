/** Plain backpropagation, with rates and momentum for parameters by name: u, v and b of quadratic layers. */

import { UsageError } from "../util/index.ts";
import { groups } from "./groups.ts";
import type { Optimizer } from "./optimizer.ts";
import { defineOptimizer } from "./perParameter.ts";
import { expectRates, withoutZeros } from "./rates.ts";

/** One number for all parameters, or one for each name (the last part of a path, such as `u`) and `other`
 * for the rest. */
export type ByName = number | Readonly<Record<string, number>>;

export interface BackpropagationOptions {
  /** η; 0.1 unless told. */
  readonly learningRate?: ByName;
  /** α; 0 unless told. */
  readonly momentum?: ByName;
}

/** Δθ ← −η ∂E/∂θ + α Δθ;  θ ← θ + Δθ, with η and α of the parameter's name.
 *
 * For a layer of quadratic units, with δ = −∂E/∂n of the unit's sum n:
 * Δu = η_u δ x², Δv = η_v δ x, Δb = η_b δ, and δ_hidden = f′(n)·Σ δ(2ux + v). `batchSize` 1 is online
 * learning, all rows are batch learning (their mean; their sum with a loss of reduction "sum").
 *
 * Rumelhart, Hinton, Williams, Nature 1986.
 * @throws UsageError for a negative number, or an `other` of 0 or missing.
 * @example
 * optimizers.backpropagation({ learningRate: { u: 0.01, v: 0.1, b: 0.1, other: 0.1 }, momentum: 0.8 });
 */
export function backpropagation(options: BackpropagationOptions = {}): Optimizer {
  const { learningRate = 0.1, momentum = 0 } = options;
  const rates = byName("learningRate", learningRate);
  const momenta = byName("momentum", momentum);
  const names = Object.keys({ ...rates, ...momenta }).filter((name) => name !== "other");
  const of = (values: Readonly<Record<string, number>>, name: string) =>
    values[name] ?? values.other;
  const base = withMomentum(rates.other, momenta.other);
  const whole =
    names.length === 0
      ? base
      : groups(
          names.map((name) => ({
            parameters: name,
            optimizer: withMomentum(of(rates, name), of(momenta, name)),
          })),
        )(base);
  return {
    ...whole,
    kind: "backpropagation",
    options: { learningRate, momentum },
    with: (changes) => backpropagation({ learningRate, momentum, ...changes }),
  };
}

function byName(option: string, values: ByName): Readonly<Record<string, number>> {
  const record = typeof values === "number" ? { other: values } : values;
  if (record.other === undefined) {
    throw new UsageError(
      `Optimizer backpropagation: expected ${option} by name with "other" for the rest, got ` +
        `${Object.keys(record).join(", ")}.`,
    );
  }
  expectRates(
    "Optimizer backpropagation",
    Object.fromEntries(Object.entries(record).map(([name, value]) => [`${option}.${name}`, value])),
  );
  return record;
}

/** Gradient descent whose momentum is the last change, as the old papers have it. */
function withMomentum(learningRate: number, momentum: number): Optimizer {
  return defineOptimizer({
    name: "withMomentum",
    rates: { learningRate, ...withoutZeros({ momentum }) },
    slots: momentum > 0 ? ["change"] : [],
    update: ({ parameter, gradient, slots, rates }) => {
      const descent = gradient.mul(rates.learningRate).neg();
      if (momentum === 0) return { parameter: parameter.add(descent) };
      const change = descent.add(slots.change.mul(rates.momentum));
      return { parameter: parameter.add(change), slots: { change } };
    },
  });
}
