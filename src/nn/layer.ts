/** Layers as descriptions: the shapes of the parameters and a pure forward graph. */

import type { Shape } from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";
import type { ParameterSpec, ParameterSpecs } from "./parameter.ts";
import type { LayerFacts } from "./summary.ts";

/** What a forward graph may depend on besides parameters and input. */
export interface LayerContext {
  /** Whether the graph is for training (dropout masks, batch statistics). */
  readonly training: boolean;
  /** A key for random numbers, int32 [2], another for each call and each training step. */
  readonly randomKey: () => Tensor;
  /** Gives a state tensor of the layer (see `state`) its value from the next step on; only while
   * training. */
  readonly update: (state: Tensor, next: Tensor) => void;
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
  /** Layers and joins inside this one, in order. */
  readonly children: readonly Part[];
  /** Parameters for samples of shape `input` (without the batch axis). */
  parameters(input: Shape): ParameterSpecs;
  /** The graph from x [batch, ...input] to the result [batch, ...output]. */
  forward(parameters: unknown, x: Tensor, context: LayerContext): Tensor;
  /** What the layers inside give and hold, where a summary shows them instead of the layer itself. */
  facts?(): readonly LayerFacts[];
}

/** What has several inputs and one result, such as a concatenation: plain data and two pure functions. */
export interface Join {
  readonly kind: string;
  /** Plain JSON data from which `kind`'s factory makes the join again. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly children: readonly Part[];
  readonly takes: "several";
  /** Parameters for inputs of these shapes (without the batch axis). */
  parameters(inputs: readonly Shape[]): ParameterSpecs;
  /** The graph from each x [batch, ...input] to the result [batch, ...output]. */
  forward(parameters: unknown, xs: readonly Tensor[], context: LayerContext): Tensor;
}

/** What networks are put together from. */
export type Part = Layer | Join;

export function isJoin(part: Part): part is Join {
  return "takes" in part;
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
/* @__NO_SIDE_EFFECTS__ */
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

/** Makes joins of one kind. */
export interface JoinFactory<Options> {
  (options: Options): Join;
  readonly kind: string;
}

/** What `defineJoin` needs to know. */
export interface JoinDefinition<Options, Specs extends ParameterSpecs> {
  readonly name: string;
  /** Parameters for inputs of these shapes; leave out for a join without any. */
  readonly parameters?: (shapes: { readonly inputs: readonly Shape[] }, options: Options) => Specs;
  readonly forward: (
    parameters: ParameterTensors<Specs>,
    xs: readonly Tensor[],
    details: LayerContext & { readonly options: Options },
  ) => Tensor;
}

/** A new kind of join: what `defineLayer` is for one input, for several.
 *
 * @example
 * const difference = defineJoin({ name: "difference", forward: (_, [a, b]) => a.sub(b) });
 * parallel([layers.linear(3), layers.linear(3)], difference({}));
 */
/* @__NO_SIDE_EFFECTS__ */
export function defineJoin<
  Options extends object = Record<string, never>,
  Specs extends ParameterSpecs = Record<string, never>,
>(definition: JoinDefinition<Options, Specs>): JoinFactory<Options> {
  const { name, parameters, forward } = definition;
  const factory = (options: Options): Join => ({
    kind: name,
    options: options as Readonly<Record<string, unknown>>,
    children: [],
    takes: "several",
    parameters: (inputs) => parameters?.({ inputs }, options) ?? {},
    forward: (values, xs, context) =>
      forward(values as ParameterTensors<Specs>, xs, { ...context, options }),
  });
  return Object.assign(factory, { kind: name });
}
