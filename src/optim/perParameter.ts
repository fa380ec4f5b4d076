/** Optimizers that treat each parameter alone: most of them, and those of one's own. */

import { formatShape, type Shape } from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { ShapeError, UsageError } from "../util/index.ts";
import type { Optimizer, Rates, StateSpec, StepInputs, StepResult } from "./optimizer.ts";

/** What the value of a scalar depends on. */
export interface ScalarInputs {
  /** The scalars before this step. */
  readonly scalars: Readonly<Record<string, Tensor>>;
  readonly rates: Readonly<Record<string, Tensor>>;
  /** Number of this step, from 1, a scalar of the parameters' dtype. */
  readonly step: Tensor;
}

/** A number that all parameters share and that every step renews. */
export interface Scalar {
  readonly initial: number;
  readonly next: (inputs: ScalarInputs) => Tensor;
}

/** What an update sees of one parameter θ. All tensors but the scalars have its shape. */
export interface UpdateInputs {
  /** Where θ is in the network, such as `0.weight`. */
  readonly path: string;
  readonly parameter: Tensor;
  /** ∂L/∂θ. */
  readonly gradient: Tensor;
  /** The optimizer's state for θ. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** The shared numbers, of this step already. */
  readonly scalars: Readonly<Record<string, Tensor>>;
  /** The hyper-parameters, scalars that are read from memory at each step. */
  readonly rates: Readonly<Record<string, Tensor>>;
  /** Number of this step, from 1, a scalar of the parameter's dtype. */
  readonly step: Tensor;
}

/** The next value of θ and of its state. */
export interface UpdateResult {
  readonly parameter: Tensor;
  readonly slots?: Readonly<Record<string, Tensor>>;
}

/** What `defineOptimizer` needs to know. */
export interface OptimizerDefinition {
  readonly name: string;
  /** Hyper-parameters that the compiled step reads from memory; `learningRate` is always one. */
  readonly rates: Rates;
  /** Names of the state tensors of each parameter, zero before the first step; or their first values. */
  readonly slots?: readonly string[] | Readonly<Record<string, number>>;
  readonly scalars?: Readonly<Record<string, Scalar>>;
  readonly update: (inputs: UpdateInputs) => UpdateResult;
}

/** An optimizer of one's own, equal in rights to the built-in ones.
 *
 * @example
 * const signDescent = (learningRate: number) => defineOptimizer({
 *   name: "signDescent",
 *   rates: { learningRate },
 *   update: ({ parameter, gradient, rates }) => ({
 *     parameter: parameter.sub(gradient.sign().mul(rates.learningRate)),
 *   }),
 * });
 */
export function defineOptimizer(definition: OptimizerDefinition): Optimizer {
  const { rates } = definition;
  return describedOptimizer(definition, rates, (options) =>
    defineOptimizer({ ...definition, rates: options }),
  );
}

/** An optimizer whose options are more than its rates. */
export function describedOptimizer<Options extends object>(
  definition: OptimizerDefinition,
  options: Options,
  make: (options: Options) => Optimizer,
): Optimizer {
  const { name, rates, scalars = {} } = definition;
  const slots = firstValues(definition.slots ?? []);
  return {
    kind: name,
    options: options as Readonly<Record<string, unknown>>,
    rates,
    state: (shapes) => stateOf(shapes, slots, scalars),
    step: (inputs) => stepOf(definition, Object.keys(slots), scalars, inputs),
    with: (changes) => make({ ...options, ...changes }),
  };
}

function firstValues(
  slots: readonly string[] | Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Array.isArray(slots)
    ? Object.fromEntries(slots.map((slot) => [slot, 0]))
    : (slots as Readonly<Record<string, number>>);
}

/** States of scalars begin with a slash: no path does. */
const scalarName = (name: string) => `/${name}`;

function stateOf(
  shapes: ReadonlyMap<string, Shape>,
  slots: Readonly<Record<string, number>>,
  scalars: Readonly<Record<string, Scalar>>,
): ReadonlyMap<string, StateSpec> {
  const state = new Map<string, StateSpec>();
  for (const [name, { initial }] of Object.entries(scalars)) {
    state.set(scalarName(name), { shape: [], initial });
  }
  for (const [path, shape] of shapes) {
    for (const [slot, initial] of Object.entries(slots)) {
      state.set(`${path}/${slot}`, { shape, initial });
    }
  }
  return state;
}

function stepOf(
  { name, update }: OptimizerDefinition,
  slotNames: readonly string[],
  scalars: Readonly<Record<string, Scalar>>,
  { parameters, gradients, state, rates, step }: StepInputs,
): StepResult {
  const nextState = new Map<string, Tensor>();
  const before: Record<string, Tensor> = {};
  for (const scalar of Object.keys(scalars)) before[scalar] = state.get(scalarName(scalar))!;
  const shared: Record<string, Tensor> = {};
  for (const [scalar, { next }] of Object.entries(scalars)) {
    shared[scalar] = next({ scalars: before, rates, step });
    nextState.set(scalarName(scalar), shared[scalar]);
  }
  const nextParameters = new Map<string, Tensor>();
  for (const [path, parameter] of parameters) {
    const slots = Object.fromEntries(
      slotNames.map((slot) => [slot, state.get(`${path}/${slot}`)!]),
    );
    const gradient = gradients.get(path)!;
    const result = update({ path, parameter, gradient, slots, scalars: shared, rates, step });
    nextParameters.set(path, alike(name, `parameter "${path}"`, result.parameter, parameter));
    for (const slot of slotNames) {
      const next = result.slots?.[slot];
      nextState.set(`${path}/${slot}`, alike(name, `slot "${slot}" of "${path}"`, next, parameter));
    }
  }
  return { parameters: nextParameters, state: nextState };
}

/** @throws UsageError for a value that is missing, ShapeError for one of another shape or dtype. */
function alike(name: string, what: string, next: Tensor | undefined, like: Tensor): Tensor {
  if (next === undefined) {
    throw new UsageError(
      `Optimizer "${name}": expected update() to return the next ${what}, got none.`,
    );
  }
  const text = ({ dtype, shape }: Tensor) => `${dtype}${formatShape(shape)}`;
  if (text(next) !== text(like)) {
    throw new ShapeError(
      `Optimizer "${name}": expected the next ${what} as ${text(like)}, got ${text(next)}.`,
    );
  }
  return next;
}
