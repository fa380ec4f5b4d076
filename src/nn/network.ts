/** Networks: a description (input shape and layers) and the present values of its parameters. */

import {
  allocate,
  type FloatDType,
  isShape,
  type Shape,
  sizeOf,
  type TensorData,
} from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { Generator, nestByPath, ShapeError, UsageError } from "../util/index.ts";
import type { Evaluated, Inference, InferenceOptions } from "./inference.ts";
import type { Layer, LayerContext } from "./layer.ts";
import { sequential } from "./layers/structure.ts";
import type { Loss } from "./losses/loss.ts";
import { outputShapeOf } from "./outputShape.ts";
import { countValues, flattenSpecs, type ParameterSpec } from "./parameter.ts";
import type { Measures, Samples } from "./samples.ts";
import { type LayerFacts, summarize } from "./summary.ts";

export interface NetworkOptions {
  /** Shape of one sample, without the batch axis. */
  readonly input: Shape;
  readonly layers: readonly Layer[];
  /** Draws the first parameters; default 0. */
  readonly seed?: number;
  /** Element type of parameters and activations; default float32. */
  readonly dtype?: FloatDType;
  /** Whose way of drawing the first parameters layers follow where no initializer is given; default
   * pytorch. */
  readonly defaults?: InitializerDefaults;
}

/** The libraries whose default initializers can be chosen. */
export type InitializerDefaults = "pytorch" | "keras";

/** A network of layers in a row.
 *
 * @throws ShapeError when a layer does not take what the one before gives; UsageError for no layers.
 * @example
 * const net = network({
 *   input: [4],
 *   layers: [layers.linear(11), layers.relu(), layers.linear(3)],
 *   seed: 1,
 * });
 */
export function network(options: NetworkOptions): Network {
  return new Network(options);
}

/** A network: its description does not change, its weights do. */
export class Network {
  /** Shape of one sample. */
  readonly input: Shape;
  readonly layers: readonly Layer[];
  readonly dtype: FloatDType;
  readonly seed: number;
  readonly defaults: InitializerDefaults;
  /** Shape of one result. */
  readonly outputShape: Shape;
  /** The descriptions of parameters and state by path, such as `0.weight`; see `isTrained`. */
  readonly specs: ReadonlyMap<string, ParameterSpec>;
  readonly #root: Layer;
  #inference: Promise<Inference> | undefined;
  #weights: ReadonlyMap<string, TensorData>;

  constructor(options: NetworkOptions) {
    const { input, layers, seed = 0, dtype = "float32", defaults = "pytorch" } = options;
    if (layers.length === 0) {
      throw new UsageError("Network: expected at least one layer, got none.");
    }
    if (!isShape(input)) {
      throw new UsageError(
        `Network: expected input to be the shape of one sample, such as [4], got ${JSON.stringify(input)}.`,
      );
    }
    if (defaults !== "pytorch" && defaults !== "keras") {
      throw new UsageError(`Network: expected defaults "pytorch" or "keras", got "${defaults}".`);
    }
    this.input = input;
    this.layers = layers;
    this.dtype = dtype;
    this.seed = seed;
    this.defaults = defaults;
    this.#root = sequential(layers);
    checkShapes(layers, input);
    this.outputShape = outputShapeOf(this.#root, input);
    this.specs = new Map(
      flattenSpecs(this.#root.parameters(input)).map(([path, spec]) => [
        path,
        defaults === "keras" ? (spec.keras ?? spec) : spec,
      ]),
    );
    this.#weights = this.#draw();
  }

  /** The present values of the parameters by path, row-major. Do not write to them: use `setWeights`. */
  get weights(): ReadonlyMap<string, TensorData> {
    return this.#weights;
  }

  /** Number of values in all parameters, state included. */
  get parameterCount(): number {
    return [...this.specs.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }

  /** Replaces the values of all parameters.
   * @throws UsageError for a missing or unknown path; ShapeError for a wrong number of values. */
  setWeights(weights: ReadonlyMap<string, TensorData>): void {
    const next = new Map<string, TensorData>();
    for (const [path, { shape }] of this.specs) {
      const values = weights.get(path);
      if (values === undefined) {
        throw new UsageError(`Weights: parameter "${path}" is missing.`);
      }
      if (values.length !== sizeOf(shape)) {
        throw new ShapeError(
          `Weights: parameter "${path}" needs ${sizeOf(shape)} values for shape ` +
            `[${shape.join(", ")}], got ${values.length}.`,
        );
      }
      const copy = allocate(this.dtype, values.length);
      copy.set(values);
      next.set(path, copy);
    }
    for (const path of weights.keys()) {
      if (!next.has(path)) {
        const known = [...next.keys()].join(", ");
        throw new UsageError(`Weights: unknown parameter "${path}"; the network has ${known}.`);
      }
    }
    this.#weights = next;
  }

  /** Draws the parameters again from the seed. */
  reset(): void {
    this.#weights = this.#draw();
  }

  /** The forward graph: parameters by path and x [batch, ...input] → [batch, ...output]. */
  forward(
    parameters: ReadonlyMap<string, Tensor>,
    x: Tensor,
    context: LayerContext = evaluation,
  ): Tensor {
    if (x.shape.slice(1).join() !== this.input.join()) {
      throw new ShapeError(
        `Network: expected input [batch, ${this.input.join(", ")}], got [${x.shape.join(", ")}].`,
      );
    }
    return this.#root.forward(nestByPath(parameters), x, context);
  }

  /** The results for rows of inputs, [rows, ...output]; with `loss`, as that loss reads them
   * (crossEntropy: probabilities). @throws ShapeError when the inputs are not whole rows. */
  async predict(
    inputs: Float32Array | Float64Array,
    options: InferenceOptions & { readonly loss?: Loss } = {},
  ): Promise<Tensor> {
    const weights = this.#weights;
    return (await this.#open()).predict(inputs, { ...options, weights });
  }

  /** Mean loss and, for class labels, accuracy on a dataset. The loss is cross-entropy for class
   * labels and mean squared error otherwise, unless given.
   * @throws ShapeError, DataError when the data do not fit the network */
  async evaluate(
    samples: Samples,
    options: InferenceOptions & { readonly loss?: Loss } = {},
  ): Promise<Measures> {
    const weights = this.#weights;
    return (await this.#open()).evaluate(samples, { ...options, weights });
  }

  /** What `evaluate` and `predict` give for a dataset, in one pass over its rows.
   * @throws ShapeError, DataError when the data do not fit the network */
  async evaluateAndPredict(
    samples: Samples,
    options: InferenceOptions & { readonly loss?: Loss } = {},
  ): Promise<Evaluated> {
    const weights = this.#weights;
    return (await this.#open()).evaluateAndPredict(samples, { ...options, weights });
  }

  /** What each layer gives and holds. */
  layerFacts(): LayerFacts[] {
    let shape = this.input;
    const counts = new Map<string, number>();
    return this.layers.flatMap((layer) => {
      const inner = layer.facts?.();
      const totals = countValues(layer.parameters(shape));
      shape = outputShapeOf(layer, shape);
      if (inner !== undefined) return inner;
      const count = counts.get(layer.kind) ?? 0;
      counts.set(layer.kind, count + 1);
      return {
        name: count === 0 ? layer.kind : `${layer.kind}_${count}`,
        kind: layer.kind,
        outputShape: shape,
        ...totals,
      };
    });
  }

  /** The layers, their output shapes and parameter counts as a table. */
  summary(): string {
    return summarize(this);
  }

  /** Loads what predictions and measures need; training does without. */
  #open(): Promise<Inference> {
    this.#inference ??= import("./inference.ts").then(({ Inference }) => new Inference(this));
    return this.#inference;
  }

  #draw(): Map<string, TensorData> {
    const generator = new Generator(this.seed).fork("parameters");
    const drawn = new Map<string, TensorData>();
    for (const [path, { shape, initialize }] of this.specs) {
      const values = allocate(this.dtype, sizeOf(shape));
      values.set(initialize(generator.fork(path)));
      drawn.set(path, values);
    }
    return drawn;
  }
}

/** The context of a network that is used, not trained. */
const evaluation: LayerContext = {
  training: false,
  randomKey: () => {
    throw new UsageError("A layer asked for random numbers outside of training.");
  },
  update: () => {},
};

/** Says which layer does not fit. */
function checkShapes(layers: readonly Layer[], input: Shape): void {
  let shape = input;
  layers.forEach((layer, i) => {
    try {
      shape = outputShapeOf(layer, shape);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw new ShapeError(`Network, layer ${i}: ${error.message}`, { cause: error });
    }
  });
}
