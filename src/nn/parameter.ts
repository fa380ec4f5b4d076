/** Parameters as descriptions: the shape of each weight and how its first values are drawn. */

import { type Shape, sizeOf } from "../ir/index.ts";
import { type Generator, UsageError } from "../util/index.ts";

/** One parameter of a layer. */
export interface ParameterSpec {
  readonly shape: Shape;
  /** Name of the initializer, for summaries. */
  readonly initializer: string;
  /** The first values, row-major, drawn from `generator`. */
  readonly initialize: (generator: Generator) => Float64Array;
}

/** Parameters by name; a container nests those of its children. */
export type ParameterSpecs = { readonly [name: string]: ParameterSpec | ParameterSpecs };

export function isParameterSpec(value: ParameterSpec | ParameterSpecs): value is ParameterSpec {
  return typeof value.initialize === "function";
}

/** Every parameter with its path, such as `0.weight`. */
export function flattenSpecs(specs: ParameterSpecs, prefix = ""): [string, ParameterSpec][] {
  return Object.entries(specs).flatMap(([name, value]): [string, ParameterSpec][] =>
    isParameterSpec(value) ? [[prefix + name, value]] : flattenSpecs(value, `${prefix}${name}.`),
  );
}

/** Values by path as the nested record that a layer takes: `0.weight` → { 0: { weight } }. */
export function nestByPath<Value>(values: ReadonlyMap<string, Value>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const names = path.split(".");
    const last = names.pop()!;
    let branch = root;
    for (const name of names) {
      branch[name] ??= {};
      branch = branch[name] as Record<string, unknown>;
    }
    branch[last] = value;
  }
  return root;
}

/** Inputs and outputs that one weight of `shape` [out, in, ...kernel] connects. */
export function fans(shape: Shape): { readonly fanIn: number; readonly fanOut: number } {
  const [out = 1, input = out, ...kernel] = shape;
  const field = sizeOf(kernel);
  return { fanIn: input * field, fanOut: out * field };
}

type Draw = (generator: Generator) => number;

function drawn(initializer: string, shape: Shape, draw: Draw): ParameterSpec {
  return {
    shape,
    initializer,
    initialize: (generator) => Float64Array.from({ length: sizeOf(shape) }, () => draw(generator)),
  };
}

const symmetric =
  (limit: number): Draw =>
  (generator) =>
    (2 * generator.uniform() - 1) * limit;

const gaussian =
  (deviation: number, mean = 0): Draw =>
  (generator) =>
    mean + deviation * generator.normal();

export function zeros(shape: Shape): ParameterSpec {
  return drawn("zeros", shape, () => 0);
}

export function ones(shape: Shape): ParameterSpec {
  return drawn("ones", shape, () => 1);
}

/** `value` everywhere. */
export function constant(shape: Shape, value: number): ParameterSpec {
  return drawn("constant", shape, () => value);
}

/** U(low, high). */
export function uniform(shape: Shape, low = -0.05, high = 0.05): ParameterSpec {
  return drawn("uniform", shape, (generator) => low + (high - low) * generator.uniform());
}

/** N(mean, deviation²). */
export function normal(shape: Shape, deviation = 0.05, mean = 0): ParameterSpec {
  return drawn("normal", shape, gaussian(deviation, mean));
}

/** U(±√(6 / (fanIn + fanOut))). Glorot and Bengio, AISTATS 2010. */
export function glorotUniform(shape: Shape): ParameterSpec {
  const { fanIn, fanOut } = fans(shape);
  return drawn("glorotUniform", shape, symmetric(Math.sqrt(6 / (fanIn + fanOut))));
}

/** N(0, 2 / (fanIn + fanOut)). Glorot and Bengio, AISTATS 2010. */
export function glorotNormal(shape: Shape): ParameterSpec {
  const { fanIn, fanOut } = fans(shape);
  return drawn("glorotNormal", shape, gaussian(Math.sqrt(2 / (fanIn + fanOut))));
}

/** U(±√(6 / ((1 + slope²) fanIn))) for ReLU with that negative slope. He et al., ICCV 2015. */
export function heUniform(shape: Shape, slope = 0): ParameterSpec {
  const limit = Math.sqrt(6 / ((1 + slope ** 2) * fans(shape).fanIn));
  return drawn("heUniform", shape, symmetric(limit));
}

/** N(0, 2 / ((1 + slope²) fanIn)) for ReLU with that negative slope. He et al., ICCV 2015. */
export function heNormal(shape: Shape, slope = 0): ParameterSpec {
  const deviation = Math.sqrt(2 / ((1 + slope ** 2) * fans(shape).fanIn));
  return drawn("heNormal", shape, gaussian(deviation));
}

/** U(±√(3 / fanIn)). LeCun et al., "Efficient BackProp", 1998. */
export function lecunUniform(shape: Shape): ParameterSpec {
  return drawn("lecunUniform", shape, symmetric(Math.sqrt(3 / fans(shape).fanIn)));
}

/** N(0, 1 / fanIn). LeCun et al., "Efficient BackProp", 1998. */
export function lecunNormal(shape: Shape): ParameterSpec {
  return drawn("lecunNormal", shape, gaussian(Math.sqrt(1 / fans(shape).fanIn)));
}

/** U(±1 / √fanIn), where `fanIn` is that of the layer: the default of PyTorch's linear layer. */
export function fanInUniform(shape: Shape, fanIn = fans(shape).fanIn): ParameterSpec {
  return drawn("fanInUniform", shape, symmetric(1 / Math.sqrt(fanIn)));
}

/** The initializers that options and files can name. */
export const initializers = {
  zeros,
  ones,
  uniform,
  normal,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  fanInUniform,
} satisfies Record<string, (shape: Shape) => ParameterSpec>;

/** Name of a built-in initializer. */
export type InitializerName = keyof typeof initializers;

/** The parameter that a built-in initializer describes.
 * @throws UsageError for a name that is not one of them. */
export function initialized(name: InitializerName, shape: Shape): ParameterSpec {
  const initializer = initializers[name];
  if (initializer === undefined) {
    throw new UsageError(
      `Initializer: expected one of ${Object.keys(initializers).join(", ")}, got "${name}".`,
    );
  }
  return initializer(shape);
}
