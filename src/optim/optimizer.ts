/** Optimizers as descriptions: the state of each parameter and one update as a graph. */

import type { Tensor } from "../tensor/index.ts";

/** What an update sees of one parameter θ. All tensors but the scalars have its shape. */
export interface UpdateInputs {
  readonly parameter: Tensor;
  /** ∂L/∂θ. */
  readonly gradient: Tensor;
  /** The optimizer's state for θ, zero before the first step. */
  readonly slots: Readonly<Record<string, Tensor>>;
  /** The hyper-parameters, scalars that are read from memory at each step. */
  readonly rates: Readonly<Record<string, Tensor>>;
  /** Number of this step, from 1, a scalar of the parameter's dtype. */
  readonly step: Tensor;
}

/** The next value of θ and of its state. */
export interface UpdateResult {
  readonly parameter: Tensor;
  readonly slots: Readonly<Record<string, Tensor>>;
}

/** An optimizer: plain data and one pure function. */
export interface Optimizer {
  readonly kind: string;
  /** Plain JSON data from which the optimizer can be made again. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Hyper-parameters that the compiled step reads from memory; `learningRate` is always one. */
  readonly rates: Readonly<Record<string, number>> & { readonly learningRate: number };
  /** Names of the state tensors of each parameter. */
  readonly slots: readonly string[];
  update(inputs: UpdateInputs): UpdateResult;
}

/** What `defineOptimizer` needs to know. */
export interface OptimizerDefinition {
  readonly name: string;
  readonly rates: Optimizer["rates"];
  readonly slots?: readonly string[];
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
 *     slots: {},
 *   }),
 * });
 */
export function defineOptimizer(definition: OptimizerDefinition): Optimizer {
  const { name, rates, slots = [], update } = definition;
  return { kind: name, options: { ...rates }, rates, slots, update };
}
