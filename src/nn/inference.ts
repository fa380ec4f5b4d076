/** Using a network: predictions and measures on any number of rows, on any backend; loaded with the first
 * of them. */

import { type Backend, defaultBackend, type Executable } from "../backend/index.ts";
import {
  allocate,
  build,
  type FloatDType,
  type InputNode,
  inputsOf,
  type Shape,
  sizeOf,
  type TensorData,
} from "../ir/index.ts";
import { fromNode, type Tensor, tensor } from "../tensor/index.ts";
import { ShapeError } from "../util/index.ts";
import { type Loss, sampleWeights } from "./losses/loss.ts";
import type { ParameterSpec } from "./parameter.ts";
import { checkSamples, defaultLoss, type Measures, type Samples } from "./samples.ts";

/** A network as far as running it forward needs it. */
export interface Model {
  readonly input: Shape;
  readonly outputShape: Shape;
  readonly dtype: FloatDType;
  readonly specs: ReadonlyMap<string, ParameterSpec>;
  forward(parameters: ReadonlyMap<string, Tensor>, x: Tensor): Tensor;
}

/** The results of one pass over the rows of a dataset. */
export interface Evaluated {
  readonly measures: Measures;
  /** [rows, ...output], as the loss reads it. */
  readonly predictions: Tensor;
}

export interface InferenceOptions {
  readonly backend?: Backend;
}

/** What a pass over rows is made with. */
interface PassOptions extends InferenceOptions {
  readonly loss?: Loss;
  /** Replaced, never changed in place. */
  readonly weights: ReadonlyMap<string, TensorData>;
}

/** The rows that one compiled program takes at most: more would push the values between layers out of the
 * caches, and take more memory. */
const largestBatch = 256;

/** Programs kept for one backend; the oldest goes first. */
const largestCache = 32;

interface CompiledForward {
  readonly executable: Executable;
  readonly x: InputNode;
  readonly y: InputNode | undefined;
  readonly parameters: ReadonlyMap<string, InputNode>;
  readonly outputs: readonly Tensor[];
  /** The inputs that the program reads: only they can be written. */
  readonly reached: ReadonlySet<InputNode>;
  weights: ReadonlyMap<string, TensorData> | undefined;
}

/** Rows that one run takes. */
interface Batch {
  readonly from: number;
  readonly count: number;
  /** Rows of the program: those behind the last are zeros. */
  readonly size: number;
}

/** Runs one model forward; keeps what it compiled. */
export class Inference {
  readonly #model: Model;
  readonly #compiled = new WeakMap<Backend, Map<string, CompiledForward>>();
  /** Losses are told apart by identity: their functions may read more than their options say. */
  readonly #losses = new WeakMap<Loss, number>();
  #lossCount = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  predict(
    inputs: Float32Array | Float64Array,
    { backend = defaultBackend(), loss, weights }: PassOptions,
  ): Tensor {
    const { input, outputShape, dtype } = this.#model;
    const rows = inputs.length / sizeOf(input);
    if (!Number.isInteger(rows)) {
      throw new ShapeError(
        `Network: expected rows of ${sizeOf(input)} values for input [${input.join(", ")}], ` +
          `got ${inputs.length} values, which is not a multiple.`,
      );
    }
    const result = allocate(dtype, rows * sizeOf(outputShape));
    const width = sizeOf(outputShape);
    const readout = loss === undefined ? (prediction: Tensor) => prediction : loss.readout;
    for (const batch of batchesOf(rows)) {
      const key = `predict ${batch.size} ${loss === undefined ? "" : this.#numberOf(loss)}`;
      const compiled = this.#compile(backend, key, batch.size, undefined, (prediction) => [
        readout(prediction),
      ]);
      const [values] = this.#run(compiled, weights, { inputs }, batch);
      result.set(values.subarray(0, batch.count * width), batch.from * width);
    }
    return tensor(result, { dtype, shape: [rows, ...outputShape] });
  }

  evaluate(samples: Samples, options: PassOptions): Measures {
    return this.#pass(samples, options);
  }

  /** What `evaluate` and `predict` give, in one pass. */
  evaluateAndPredict(samples: Samples, options: PassOptions): Evaluated {
    const { outputShape, dtype } = this.#model;
    const width = sizeOf(outputShape);
    const result = allocate(dtype, samples.length * width);
    const measures = this.#pass(samples, options, (values, { from, count }) => {
      result.set(values.subarray(0, count * width), from * width);
    });
    const shape = [samples.length, ...outputShape];
    return { measures, predictions: tensor(result, { dtype, shape }) };
  }

  /** @param see takes the readout of the rows of each batch */
  #pass(
    samples: Samples,
    { backend = defaultBackend(), loss = defaultLoss(samples), weights }: PassOptions,
    see?: (readout: TensorData, batch: Batch) => void,
  ): Measures {
    checkSamples(this.#model, samples, loss);
    const hasReadout = see !== undefined;
    const hasLabels = samples.targets instanceof Int32Array;
    const target = {
      shape: samples.targetShape,
      dtype: hasLabels ? ("int32" as const) : this.#model.dtype,
    };
    let lossSum = 0;
    let weightSum = 0;
    let counted = 0;
    let correct = 0;
    for (const batch of batchesOf(samples.length)) {
      const key = `evaluate ${hasReadout} ${batch.size} ${target.shape} ${target.dtype} ${this.#numberOf(loss)}`;
      const compiled = this.#compile(backend, key, batch.size, target, (prediction, y) => [
        loss.perSample(prediction, y),
        sampleWeights(loss, prediction, y),
        ...(hasLabels ? [loss.classify(prediction)] : []),
        ...(hasReadout ? [loss.readout(prediction)] : []),
      ]);
      const results = this.#run(compiled, weights, samples, batch);
      const [losses, counts, classes] = results;
      see?.(results.at(-1)!, batch);
      for (let i = 0; i < batch.count; i++) {
        lossSum += losses[i];
        weightSum += counts[i];
        const label = samples.targets[batch.from + i];
        if (!hasLabels || label === loss.ignoreIndex) continue;
        counted++;
        if (classes[i] === label) correct++;
      }
    }
    return {
      loss: weightSum === 0 ? 0 : lossSum / weightSum,
      ...(hasLabels ? { accuracy: counted === 0 ? 0 : correct / counted } : {}),
    };
  }

  #numberOf(loss: Loss): number {
    const number = this.#losses.get(loss) ?? this.#lossCount++;
    this.#losses.set(loss, number);
    return number;
  }

  #compile(
    backend: Backend,
    key: string,
    batch: number,
    target: { readonly shape: Shape; readonly dtype: FloatDType | "int32" } | undefined,
    outputsOf: (prediction: Tensor, y: Tensor) => Tensor[],
  ): CompiledForward {
    let programs = this.#compiled.get(backend);
    if (programs === undefined) {
      programs = new Map();
      this.#compiled.set(backend, programs);
    }
    const known = programs.get(key);
    if (known !== undefined) return known;
    const { input, dtype, specs } = this.#model;
    const x = build.input("x", [batch, ...input], dtype);
    const y = target && build.input("y", [batch, ...target.shape], target.dtype);
    const parameters = new Map(
      [...specs].map(([path, { shape }]) => [path, build.input(path, shape, dtype)]),
    );
    const tensors = new Map([...parameters].map(([path, node]) => [path, fromNode(node)]));
    const prediction = this.#model.forward(tensors, fromNode(x));
    const outputs = outputsOf(prediction, fromNode(y ?? x));
    const program = { name: "forward", outputs: outputs.map(({ node }) => node) };
    const executable = backend.compile([program]);
    const reached = new Set(inputsOf([program]));
    const compiled = { executable, x, y, parameters, outputs, reached, weights: undefined };
    programs.set(key, compiled);
    if (programs.size > largestCache) {
      const [oldest, { executable }] = programs.entries().next().value!;
      programs.delete(oldest);
      executable.dispose();
    }
    return compiled;
  }

  #run(
    compiled: CompiledForward,
    weights: ReadonlyMap<string, TensorData>,
    rows: Pick<Samples, "inputs" | "writeInputs"> & Partial<Samples>,
    batch: Batch,
  ): TensorData[] {
    const { executable, x, y, parameters, outputs, reached } = compiled;
    const write = (node: InputNode, data: TensorData) => {
      if (reached.has(node)) executable.write(node, data);
    };
    if (compiled.weights !== weights) {
      for (const [path, node] of parameters) write(node, weights.get(path)!);
      compiled.weights = weights;
    }
    const width = sizeOf(this.#model.input);
    if (rows.writeInputs === undefined) write(x, rowsOf(rows.inputs, width, batch));
    else if (reached.has(x)) {
      const { from, count } = batch;
      const indices = Int32Array.from({ length: count }, (_, i) => from + i);
      executable.fill(x, (elements) => {
        rows.writeInputs?.(indices, elements);
        elements.fill(0, count * width);
      });
    }
    const { targets, targetShape } = rows;
    if (y !== undefined && targets !== undefined && targetShape !== undefined) {
      write(y, rowsOf(targets, sizeOf(targetShape), batch));
    }
    executable.run("forward");
    return outputs.map(({ node }) => executable.read(node));
  }
}

/** Batches of a power of two rows, so that few programs serve any number of rows. */
function* batchesOf(rows: number): IterableIterator<Batch> {
  for (let from = 0; from < rows; from += largestBatch) {
    const count = Math.min(largestBatch, rows - from);
    yield { from, count, size: 2 ** Math.ceil(Math.log2(count)) };
  }
}

/** The rows of a batch, with rows of zeros up to its size. */
function rowsOf<Data extends Float32Array | Float64Array | Int32Array>(
  data: Data,
  width: number,
  { from, count, size }: Batch,
): Data {
  const rows = data.subarray(from * width, (from + count) * width) as Data;
  if (count === size) return rows;
  const padded = new (data.constructor as new (length: number) => Data)(size * width);
  padded.set(rows as never);
  return padded;
}
