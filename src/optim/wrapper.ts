/** Wrappers: functions from optimizer to optimizer, so that any number of them compose. */

import type {
  EvaluatingOptimizer,
  Optimizer,
  StepInputs,
  StepResult,
  Tensors,
} from "./optimizer.ts";
import {
  descriptionOf,
  inputsWithin,
  ratesWithin,
  scopedName,
  scopedRates,
  scopedState,
} from "./scope.ts";

/** Adds something to an optimizer. */
export type OptimizerWrapper = (optimizer: Optimizer) => Optimizer;

/** A wrapper that suits optimizers of both kinds. */
export type AnyOptimizerWrapper = <Wrapped extends Optimizer | EvaluatingOptimizer>(
  optimizer: Wrapped,
) => Wrapped;

/** The name under which a wrapper keeps the rates and states of what it wraps. */
export const inside = "inner";

/** What a gradient transform needs to know. */
export interface GradientTransformDefinition {
  readonly name: string;
  /** Numbers that the compiled step reads from memory. */
  readonly rates?: Readonly<Record<string, number>>;
  /** The gradients that the optimizer sees, by the same paths. */
  readonly transform: (
    gradients: Tensors,
    inputs: Pick<StepInputs, "parameters" | "rates" | "step">,
  ) => Tensors;
}

/** A wrapper that changes the gradients before an optimizer sees them.
 *
 * @example
 * const scaled = (factor: number) => defineGradientTransform({
 *   name: "scaled",
 *   rates: { factor },
 *   transform: (gradients, { rates }) =>
 *     new Map([...gradients].map(([path, gradient]) => [path, gradient.mul(rates.factor)])),
 * });
 * scaled(0.5)(optimizers.sgd());
 */
export function defineGradientTransform(definition: GradientTransformDefinition): OptimizerWrapper {
  const { name, rates = {}, transform } = definition;
  return wrapper({
    name,
    options: { ...rates },
    rates,
    step: (inputs, inner) => inner({ ...inputs, gradients: transform(inputs.gradients, inputs) }),
  });
}

/** What a wrapper adds. */
export interface WrapperDefinition {
  readonly name: string;
  /** Plain JSON data; the wrapped optimizer's description is added as `optimizer`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly rates?: Readonly<Record<string, number>>;
  /** States of its own, beside those of the wrapped optimizer. */
  readonly state?: Optimizer["state"];
  /** One update. `inner` runs the wrapped optimizer; the states of its result are under their names of
   * this level, to which the wrapper adds its own. */
  readonly step: (inputs: StepInputs, inner: (inputs: StepInputs) => StepResult) => StepResult;
  readonly evaluated?: (path: string) => string;
}

/** The wrapper of a definition. */
export function wrapper(definition: WrapperDefinition): OptimizerWrapper {
  const { name, options, rates = {}, state, step, evaluated } = definition;
  const wrap: OptimizerWrapper = (optimizer) => ({
    kind: name,
    options: { ...options, optimizer: descriptionOf(optimizer) },
    rates: {
      learningRate: optimizer.rates.learningRate,
      ...rates,
      ...scopedRates(inside, optimizer.rates),
    },
    state: (shapes) =>
      new Map([...(state?.(shapes) ?? []), ...scopedState(inside, optimizer.state(shapes))]),
    step: (inputs) =>
      step(inputs, (seen) => {
        const result = optimizer.step(inputsWithin(inside, seen));
        return { ...result, state: scopedState(inside, result.state) };
      }),
    with: (changes) => wrap(optimizer.with(changes)),
    evaluated: evaluated ?? ((path) => evaluatedWithin(optimizer, path)),
    ...(optimizer.risk && {
      risk: ({ parameters, rates }) =>
        optimizer.risk!({ parameters, rates: ratesWithin(inside, rates) }),
    }),
  });
  return wrap;
}

function evaluatedWithin(optimizer: Optimizer, path: string): string | undefined {
  const name = optimizer.evaluated?.(path);
  return name === undefined ? undefined : scopedName(inside, name);
}
