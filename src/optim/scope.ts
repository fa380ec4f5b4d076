/** Names of one optimizer's rates and states within another's. */

import type { Tensor } from "../tensor/index.ts";
import type { Description, Optimizer, Rates, StateSpec, StepInputs } from "./optimizer.ts";

/** The rates of a wrapped optimizer under `scope:`; the learning rate keeps its name. */
export function scopedRates(scope: string, rates: Rates): Record<string, number> {
  const { learningRate: _, ...others } = rates;
  return Object.fromEntries(prefixed(scope, Object.entries(others)));
}

/** The states of a wrapped optimizer under `scope:`. */
export function scopedState<Value>(
  scope: string,
  state: ReadonlyMap<string, Value>,
): Map<string, Value> {
  return new Map(prefixed(scope, state));
}

/** The state of a wrapped optimizer out of that of its wrapper. */
export function stateWithin<Value>(
  scope: string,
  state: ReadonlyMap<string, Value>,
): Map<string, Value> {
  return new Map(unprefixed(scope, state));
}

/** The rates of a wrapped optimizer out of those of its wrapper. */
export function ratesWithin(
  scope: string,
  rates: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  return {
    learningRate: rates.learningRate,
    ...Object.fromEntries(unprefixed(scope, Object.entries(rates))),
  };
}

/** A step's inputs as the only wrapped optimizer sees them. */
export function inputsWithin(scope: string, inputs: StepInputs): StepInputs {
  const { state, rates } = inputs;
  return { ...inputs, state: stateWithin(scope, state), rates: ratesWithin(scope, rates) };
}

/** The name of a rate or a state of a wrapped optimizer; no path of a parameter has a colon. */
export function scopedName(scope: string, name: string): string {
  return `${scope}:${name}`;
}

/** Kind and options, as files hold them. */
export function descriptionOf({ kind, options }: Pick<Optimizer, "kind" | "options">): Description {
  return { kind, options };
}

/** A state of each parameter that begins as a copy of it. */
export function copyOf(path: string, shape: StateSpec["shape"]): StateSpec {
  return { shape, initial: { parameter: path } };
}

function prefixed<Value>(
  scope: string,
  entries: Iterable<readonly [string, Value]>,
): [string, Value][] {
  return Array.from(entries, ([name, value]) => [scopedName(scope, name), value]);
}

function unprefixed<Value>(
  scope: string,
  entries: Iterable<readonly [string, Value]>,
): [string, Value][] {
  const start = scopedName(scope, "");
  return Array.from(entries)
    .filter(([name]) => name.startsWith(start))
    .map(([name, value]) => [name.slice(start.length), value]);
}
