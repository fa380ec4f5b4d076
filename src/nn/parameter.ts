/** Parameters as descriptions: the shape of each weight and how its first values are drawn. */

import { type Shape, sizeOf } from "../ir/index.ts";
import type { Generator } from "../util/index.ts";

/** One parameter of a layer, or one piece of its state. */
export interface ParameterSpec {
  readonly shape: Shape;
  /** Name of the initializer, for summaries. */
  readonly initializer: string;
  /** The first values, row-major, drawn from `generator`. */
  readonly initialize: (generator: Generator) => Float64Array;
  /** False for state, such as a running mean: saved with the weights, but never touched by an
   * optimizer; the layer's forward graph sets it by `context.update`. Default true. */
  readonly isTrained?: boolean;
  /** How Keras draws the first values, where that is another way; see `NetworkOptions.defaults`. */
  readonly keras?: ParameterSpec;
}

/** Parameters by name; a container nests those of its children. */
export type ParameterSpecs = { readonly [name: string]: ParameterSpec | ParameterSpecs };

export function isParameterSpec(value: ParameterSpec | ParameterSpecs): value is ParameterSpec {
  return typeof value.initialize === "function";
}

/** The same description for state: values that a layer keeps from step to step but does not learn.
 *
 * @example
 * defineLayer({
 *   name: "center",
 *   parameters: ({ input }) => ({ mean: state(zeros(input)) }),
 *   forward: ({ mean }, x, { training, update }) => {
 *     if (training) update(mean, mean.mul(0.9).add(x.mean(0).mul(0.1)));
 *     return x.sub(mean);
 *   },
 * });
 */
export function state(spec: ParameterSpec): ParameterSpec {
  return { ...spec, isTrained: false };
}

/** Whether an optimizer updates a parameter. */
export function isTrained({ isTrained = true }: ParameterSpec): boolean {
  return isTrained;
}

/** Every parameter with its path, such as `0.weight`. */
export function flattenSpecs(specs: ParameterSpecs, prefix = ""): [string, ParameterSpec][] {
  return Object.entries(specs).flatMap(([name, value]): [string, ParameterSpec][] =>
    isParameterSpec(value) ? [[prefix + name, value]] : flattenSpecs(value, `${prefix}${name}.`),
  );
}

/** Number of values in all parameters of a tree, and how many of them are state. */
export function countValues(specs: ParameterSpecs): {
  readonly parameterCount: number;
  readonly stateCount: number;
} {
  const count = (some: readonly [string, ParameterSpec][]) =>
    some.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  const all = flattenSpecs(specs);
  return {
    parameterCount: count(all),
    stateCount: count(all.filter(([, spec]) => !isTrained(spec))),
  };
}
