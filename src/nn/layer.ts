/** Layers as descriptions: the shapes of the parameters and a pure forward graph. */

import type { Shape } from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { ParameterSpec, ParameterSpecs } from "./parameter.ts";

/** What a forward graph may depend on besides parameters and input. */
export interface LayerContext {
  /** Whether the graph is for training (dropout masks, batch statistics). */
  readonly training: boolean;
  /** A key for random numbers, int32 [2], another for each call and each training step. */
  readonly randomKey: () => Tensor;
}

/** The tensors of a layer, in the structure of its parameter specifications. */
export type ParameterTensors<Specs> = {
  readonly [Name in keyof Specs]: Specs[Name] extends ParameterSpec
    ? Tensor
    : ParameterTensors<Specs[Name]>;
};

/** A layer: plain data (kind and options) and two pure functions. */
export interface Layer {
  readonly kind: string;
  /** Plain JSON data from which `kind`'s factory makes the layer again. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Layers inside this one, in order. */
  readonly children: readonly Layer[];
  /** Parameters for samples of shape `input` (without the batch axis). */
  parameters(input: Shape): ParameterSpecs;
  /** The graph from x [batch, ...input] to the result [batch, ...output]. */
  forward(parameters: unknown, x: Tensor, context: LayerContext): Tensor;
}

/** Makes layers of one kind. */
export interface LayerFactory<Options> {
  (options: Options): Layer;
  readonly kind: string;
}

/** What `defineLayer` needs to know. */
export interface LayerDefinition<Options, Specs extends ParameterSpecs> {
  readonly name: string;
  /** Parameters for samples of shape `input`; leave out for a layer without any. */
  readonly parameters?: (shapes: { readonly input: Shape }, options: Options) => Specs;
  /** The forward graph. Gradients, compiled code and drawings follow from it. */
  readonly forward: (
    parameters: ParameterTensors<Specs>,
    x: Tensor,
    details: LayerContext & { readonly options: Options },
  ) => Tensor;
}

/** A new kind of layer, equal in rights to the built-in ones.
 *
 * @example
 * const scale = defineLayer({
 *   name: "scale",
 *   parameters: ({ input }) => ({ factor: ones(input) }),
 *   forward: ({ factor }, x) => x.mul(factor),
 * });
 * network({ input: [4], layers: [scale({}), layers.linear(3)], seed: 1 });
 */
export function defineLayer<
  Options extends object = Record<string, never>,
  Specs extends ParameterSpecs = Record<string, never>,
>(definition: LayerDefinition<Options, Specs>): LayerFactory<Options> {
  const { name, parameters, forward } = definition;
  const factory = (options: Options): Layer => ({
    kind: name,
    options: options as Readonly<Record<string, unknown>>,
    children: [],
    parameters: (input) => parameters?.({ input }, options) ?? {},
    forward: (values, x, context) =>
      forward(values as ParameterTensors<Specs>, x, { ...context, options }),
  });
  return Object.assign(factory, { kind: name });
}
