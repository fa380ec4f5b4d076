/** Plain backpropagation, with rates and momentum for parameters by name: u, v and b of quadratic layers. */

import { UsageError } from "../util/index.ts";
import type { Optimizer } from "./optimizer.ts";
import { describedOptimizer } from "./perParameter.ts";
import { expectPositive, expectRates, withoutZeros } from "./rates.ts";

/** One number for all parameters, or one for each name (the last part of a path, such as `u`) and `other`
 * for the rest. */
export type ByName = number | Readonly<Record<string, number>>;

export interface BackpropagationOptions {
  /** η; 0.1 unless told. */
  readonly learningRate?: ByName;
  /** α; 0 unless told. */
  readonly momentum?: ByName;
}

/** Δθ ← −η ∂E/∂θ + α Δθ;  θ ← θ + Δθ, with η and α of the parameter's name. Schedules set the `other` η;
 * those of names follow in proportion.
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
  expectPositive(who, { "learningRate.other": rates.other });
  const { other: _, ...own } = rates;
  const scales = Object.entries(own).map(([name, rate]) => [name, rate / rates.other] as const);
  const hasMomentum = Object.values(momenta).some((each) => each > 0);
  const optimizer = describedOptimizer(
    {
      name: "backpropagation",
      rates: {
        learningRate: rates.other,
        ...withPrefix("learningRateScale.", scales),
        ...withoutZeros(withPrefix("momentum.", Object.entries(momenta))),
      },
      slots: hasMomentum ? ["change"] : [],
      update: ({ path, parameter, gradient, slots, rates }) => {
        const name = nameOf(path);
        const scale = rates[`learningRateScale.${name}`];
        const rate = scale ? rates.learningRate.mul(scale) : rates.learningRate;
        const descent = gradient.mul(rate).neg();
        const share = rates[`momentum.${name in momenta ? name : "other"}`];
        const change = share ? descent.add(slots.change.mul(share)) : descent;
        return { parameter: parameter.add(change), slots: { change } };
      },
    },
    { learningRate, momentum },
    backpropagation,
  );
  return {
    ...optimizer,
    state: (shapes) => {
      const paths = [...shapes.keys()];
      for (const name of Object.keys({ ...own, ...momenta })) {
        if (name === "other" || paths.some((path) => nameOf(path) === name)) continue;
        throw new UsageError(
          `${who}: expected a parameter called "${name}", got none; the network has ${paths.join(", ")}.`,
        );
      }
      return optimizer.state(shapes);
    },
  };
}

const who = "Optimizer backpropagation";

/** The last part of a path. */
const nameOf = (path: string) => path.slice(path.lastIndexOf(".") + 1);

function withPrefix(
  prefix: string,
  values: readonly (readonly [string, number])[],
): Record<string, number> {
  return Object.fromEntries(values.map(([name, value]) => [prefix + name, value]));
}

function byName(option: string, values: ByName): Readonly<Record<string, number>> {
  const record = typeof values === "number" ? { other: values } : values;
  if (record.other === undefined) {
    throw new UsageError(
      `${who}: expected ${option} by name with "other" for the rest, got ` +
        `${Object.keys(record).join(", ")}.`,
    );
  }
  expectRates(who, withPrefix(`${option}.`, Object.entries(record)));
  return record;
}
