/** Initializers: how the first values of parameters are drawn. */

import { type Shape, sizeOf } from "../ir/index.ts";
import { type Generator, ShapeError, UsageError } from "../util/index.ts";
import { orthonormalRows } from "./orthonormal.ts";
import type { ParameterSpec } from "./parameter.ts";

/** Inputs and outputs that one weight of `shape` [out, in, ...kernel] connects: each position of a
 * kernel counts. A vector counts as [out, out]. */
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

/** U(low, high); by default U(±0.05), as in Keras. */
export function uniform(shape: Shape, low = -0.05, high = 0.05): ParameterSpec {
  return drawn("uniform", shape, (generator) => low + (high - low) * generator.uniform());
}

/** N(mean, deviation²); by default N(0, 0.05²), as in Keras. */
export function normal(shape: Shape, deviation = 0.05, mean = 0): ParameterSpec {
  return drawn("normal", shape, gaussian(deviation, mean));
}

/** N(mean, deviation²) without what lies further than `cut` deviations from the mean: such values are
 * drawn again. By default as in Keras: deviation 0.05, cut 2. */
export function truncatedNormal(shape: Shape, deviation = 0.05, mean = 0, cut = 2): ParameterSpec {
  if (!(cut > 0)) {
    throw new UsageError(`Initializer "truncatedNormal": expected a cut above 0, got ${cut}.`);
  }
  return drawn("truncatedNormal", shape, (generator) => {
    for (;;) {
      const value = generator.normal();
      if (Math.abs(value) <= cut) return mean + deviation * value;
    }
  });
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

/** A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`; axes from the
 * second on count as one. Saxe, McClelland, Ganguli, ICLR 2014. */
export function orthogonal(shape: Shape, gain = 1): ParameterSpec {
  const [rows, columns] = asMatrix("orthogonal", shape);
  return {
    shape,
    initializer: "orthogonal",
    initialize: (generator) => {
      const [few, many] = [Math.min(rows, columns), Math.max(rows, columns)];
      const basis = orthonormalRows(few, many, () => generator.normal());
      return Float64Array.from({ length: rows * columns }, (_, i) => {
        const [row, column] = [Math.floor(i / columns), i % columns];
        return gain * (rows <= columns ? basis[row][column] : basis[column][row]);
      });
    },
  };
}

/** `gain` on the diagonal, 0 elsewhere: a linear layer that passes its input on. */
export function identity(shape: Shape, gain = 1): ParameterSpec {
  const [rows, columns] = asMatrix("identity", shape);
  return {
    shape,
    initializer: "identity",
    initialize: () =>
      Float64Array.from({ length: rows * columns }, (_, i) =>
        Math.floor(i / columns) === i % columns ? gain : 0,
      ),
  };
}

/** N(0, deviation²) with a share `sparsity` of the weights of each input 0, rounded up, at random
 * places. Martens, "Deep learning via Hessian-free optimization", ICML 2010. */
export function sparse(shape: Shape, sparsity = 0.1, deviation = 0.01): ParameterSpec {
  const [rows, columns] = asMatrix("sparse", shape);
  if (!(sparsity >= 0 && sparsity <= 1)) {
    throw new UsageError(`Initializer "sparse": expected a sparsity from 0 to 1, got ${sparsity}.`);
  }
  return {
    shape,
    initializer: "sparse",
    initialize: (generator) => {
      const values = Float64Array.from(
        { length: rows * columns },
        () => deviation * generator.normal(),
      );
      const zeroed = Math.ceil(sparsity * rows);
      for (let column = 0; column < columns; column++) {
        for (const row of generator.permutation(rows).subarray(0, zeroed)) {
          values[row * columns + column] = 0;
        }
      }
      return values;
    },
  };
}

function asMatrix(initializer: string, shape: Shape): [rows: number, columns: number] {
  if (shape.length >= 2) return [shape[0], sizeOf(shape.slice(1))];
  throw new ShapeError(
    `Initializer "${initializer}": expected a shape of two axes or more, got [${shape.join(", ")}].`,
  );
}

/** A parameter that PyTorch and Keras draw in different ways; `NetworkOptions.defaults` selects. */
export function presets(spec: {
  readonly pytorch: ParameterSpec;
  readonly keras: ParameterSpec;
}): ParameterSpec {
  return { ...spec.pytorch, keras: spec.keras };
}

/** The initializers that options and files can name. */
export const initializers = {
  zeros,
  ones,
  uniform,
  normal,
  truncatedNormal,
  glorotUniform,
  glorotNormal,
  heUniform,
  heNormal,
  lecunUniform,
  lecunNormal,
  fanInUniform,
  orthogonal,
  identity,
  sparse,
} satisfies Record<string, (shape: Shape) => ParameterSpec>;

/** Name of a built-in initializer. */
export type InitializerName = keyof typeof initializers;

/** The parameter that a built-in initializer describes.
 * @throws UsageError for a name that is not one of them. */
export function initialized(name: InitializerName, shape: Shape): ParameterSpec {
  if (!Object.hasOwn(initializers, name)) {
    throw new UsageError(
      `Initializer: expected one of ${Object.keys(initializers).join(", ")}, got "${name}".`,
    );
  }
  return initializers[name](shape);
}
