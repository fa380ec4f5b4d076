/** The state of a training run on a backend: what is written before, read after, and kept to go back. */

import type { Executable, Program } from "../backend/index.ts";
import { epochOrder } from "../data/batches.ts";
import type { Dataset, InputValues } from "../data/index.ts";
import { allocate, type InputNode, inputsOf, sizeOf, type TensorData } from "../ir/index.ts";
import type { Measures, Network } from "../nn/index.ts";
import { isEvaluating } from "../optim/index.ts";
import { Generator, InternalError } from "../util/index.ts";
import type { Chunks } from "./chunks.ts";
import type { Evaluator, EvaluatorState } from "./evaluator.ts";
import type { EpochRecord } from "./events.ts";
import type { ResolvedOptions } from "./options.ts";
import {
  type DataInputs,
  dataInputs,
  evaluatedInputs,
  evaluationProgram,
  type SampleShapes,
  type SumInputs,
  stepProgram,
  sumInputs,
  type TrainingInputs,
  type TrainingParts,
  trainingInputs,
  weightInputs,
} from "./program.ts";

/** Rows of a validation pass that one run takes at most: more would push the values between layers out of the
 * caches, and take more memory. */
const largestValidationBatch = 1024;

/** Everything that steps change. */
export interface Snapshot {
  readonly inputs: ReadonlyMap<InputNode, TensorData>;
  readonly evaluator: EvaluatorState | undefined;
}

/** Sums since the epoch began. */
export interface Sums {
  readonly loss: number;
  readonly weight: number;
  readonly correct: number;
}

interface Validation {
  readonly data: Dataset;
  readonly inputs: DataInputs;
  readonly sums: SumInputs;
  readonly wholeBatches: number;
  readonly rest: number;
}

export class TrainingSession {
  readonly stepsPerEpoch: number;
  /** Steps of an epoch that take `batchSize` rows. */
  readonly wholeSteps: number;
  /** The epochs done; what watches a measure looks here. */
  readonly records: EpochRecord[] = [];
  readonly data: Dataset;
  readonly options: ResolvedOptions;
  /** Of an optimizer that runs beside the program. */
  readonly evaluator: Evaluator | undefined;
  readonly #net: Network;
  readonly #executable: Executable;
  readonly #inputs: TrainingInputs;
  /** What the network is evaluated with, by path. */
  readonly #evaluated: ReadonlyMap<string, InputNode>;
  readonly #validation: Validation | undefined;
  /** Where the rows come from when they are not all in the backend's memory. */
  readonly #chunks: Chunks | undefined;
  /** The chunk that is in the backend's memory. */
  #loaded: { readonly epoch: number; readonly index: number } | undefined;
  readonly #hasLabels: boolean;
  /** The inputs that the programs use: only they have storage. */
  readonly #reached: ReadonlySet<InputNode>;
  /** The inputs that steps change. */
  readonly changing: readonly InputNode[];
  #history: readonly EpochRecord[] | undefined;

  constructor(net: Network, data: Dataset, options: ResolvedOptions) {
    const { batchSize, validation, optimizer, openEvaluator } = options;
    this.#net = net;
    this.data = data;
    this.options = options;
    this.#hasLabels = data.targets instanceof Int32Array;
    this.wholeSteps = Math.floor(data.length / batchSize);
    const rest = data.length % batchSize;
    this.stepsPerEpoch = this.wholeSteps + (rest > 0 ? 1 : 0);
    this.#chunks = options.chunks;
    const parts: TrainingParts = {
      net,
      loss: options.loss,
      optimizer,
      samples: shapesOf(data, this.#chunks?.rows),
      batchSize,
      stepsPerEpoch: this.#chunks?.steps ?? this.stepsPerEpoch,
      isWeighted: options.classWeights !== undefined,
    };
    this.#inputs = trainingInputs(parts);
    this.#evaluated = evaluatedInputs(this.#inputs, optimizer);
    const programs: Program[] = [];
    this.evaluator = openEvaluator?.(parts, this.#inputs);
    if (this.evaluator !== undefined) programs.push(this.evaluator.program);
    if (!isEvaluating(optimizer)) {
      const program = (name: string, rows: number) =>
        stepProgram(name, rows, { ...parts, optimizer }, this.#inputs);
      if (this.wholeSteps > 0) programs.push(program("step", batchSize));
      if (rest > 0) programs.push(program("lastStep", rest));
    }
    this.changing = changingInputs(programs);
    if (validation !== undefined) {
      const stride = Math.min(largestValidationBatch, validation.length);
      const inputs = dataInputs("validation", validation, net);
      const sums = sumInputs("validation", net);
      const wholeBatches = Math.floor(validation.length / stride);
      const rest = validation.length % stride;
      this.#validation = { data: validation, inputs, sums, wholeBatches, rest };
      const { loss } = options;
      const pass = { net, loss, weights: this.#evaluated, data: inputs, sums, stride };
      programs.push(evaluationProgram("validate", stride, pass));
      if (rest > 0) programs.push(evaluationProgram("validateRest", rest, pass));
    }
    this.#executable = options.backend.compile(programs);
    this.#reached = new Set(inputsOf(programs));
    this.#writeAll();
    this.evaluator?.attach(this.#executable);
  }

  /** Prepares the order and learning rates of an epoch (from 1), of which `done` steps are behind: at its
   * beginning clears its sums. */
  beginEpoch(epoch: number, done = 0): void {
    const { seed, shuffle } = this.options;
    if (this.evaluator !== undefined) return;
    if (this.#chunks === undefined) {
      const order = epochOrder(this.data.length, { seed, epoch, shuffle });
      this.#executable.fill(this.#inputs.order, (elements) => elements.set(order));
      this.#writeLearningRates(epoch, 0, this.stepsPerEpoch);
    }
    if (done === 0) this.#clear(this.#inputs.sums);
  }

  /** Brings the rows of the epoch's next steps into the backend's memory, where they are not there.
   *
   * @param done steps of the epoch that are behind
   * @returns how many steps can run now */
  async prepare(epoch: number, done: number): Promise<number> {
    const chunks = this.#chunks;
    if (chunks === undefined) return this.stepsPerEpoch - done;
    const index = Math.floor(done / chunks.steps);
    const start = index * chunks.steps;
    const end = Math.min(start + chunks.steps, this.stepsPerEpoch);
    if (this.#loaded?.epoch !== epoch || this.#loaded.index !== index) {
      const chunk = await chunks.take(epoch, index);
      const { x, y } = this.#inputs.data;
      this.#fill(x, chunk.writeInputs);
      this.#fill(y, chunk.writeTargets);
      chunk.release();
      this.#writeLearningRates(epoch, start, end);
      this.#loaded = { epoch, index };
    }
    this.#executable.write(this.#inputs.sums.batch, Int32Array.of(done - start));
    return end - done;
  }

  /** Writes the learning rates of the epoch's steps from `start` to `end` to the first places. */
  #writeLearningRates(epoch: number, start: number, end: number): void {
    const { learningRates } = this.#inputs;
    const rates = new Float64Array(sizeOf(learningRates.shape));
    for (let step = start; step < end; step++) {
      rates[step - start] = this.learningRateAt(epoch, step);
    }
    this.#write(learningRates, rates);
  }

  /** The learning rate of step `index` (from 0) of an epoch (from 1). */
  learningRateAt(epoch: number, index: number): number {
    const { learningRate, optimizer, epochs } = this.options;
    return learningRate({
      epoch,
      step: (epoch - 1) * this.stepsPerEpoch + index + 1,
      stepsPerEpoch: this.stepsPerEpoch,
      totalSteps: epochs * this.stepsPerEpoch,
      base: optimizer.rates.learningRate,
      history: this.#historyBefore(epoch),
    });
  }

  /** The same array for all steps of an epoch. */
  #historyBefore(epoch: number): readonly EpochRecord[] {
    if (this.#history?.length !== epoch - 1) this.#history = this.records.slice(0, epoch - 1);
    return this.#history;
  }

  /** Does the next `count` steps of the epoch (from 1), of which `done` are behind; yields within long
   * steps. Left early, it leaves the state before the step. */
  *steps(epoch: number, done: number, count: number): IterableIterator<void> {
    if (this.evaluator === undefined) this.run(done, count);
    else yield* this.evaluator.step(this.learningRateAt(epoch, done));
  }

  /** Runs the next `count` compiled steps of the epoch, of which `done` are behind. */
  run(done: number, count: number): void {
    const whole = Math.min(count, Math.max(0, this.wholeSteps - done));
    if (whole > 0) this.#executable.run("step", whole);
    if (count > whole) this.#executable.run("lastStep");
  }

  /** Whether the optimizer has nothing left to gain. */
  get isConverged(): boolean {
    return this.evaluator?.state.isConverged ?? false;
  }

  sums(): Sums {
    return this.evaluator?.sums ?? this.#sumsIn(this.#inputs.sums);
  }

  #sumsIn({ loss, weight, correct }: SumInputs): Sums {
    return {
      loss: this.#executable.read(loss)[0],
      weight: this.#executable.read(weight)[0],
      correct: this.#hasLabels ? this.#executable.read(correct)[0] : 0,
    };
  }

  /** The measures of a whole epoch. */
  trainMeasures(): Measures {
    return this.#measures(this.sums(), this.data.length);
  }

  /** The first step whose loss was not finite, or 0. */
  brokenStep(): number {
    if (this.evaluator !== undefined) return this.evaluator.state.brokenStep;
    return this.#executable.read(this.#inputs.brokenStep)[0];
  }

  validate(): Measures | undefined {
    const validation = this.#validation;
    if (validation === undefined) return undefined;
    const { sums, wholeBatches, rest, data } = validation;
    this.#clear(sums);
    this.#executable.run("validate", wholeBatches);
    if (rest > 0) this.#executable.run("validateRest");
    return this.#measures(this.#sumsIn(sums), data.length);
  }

  /** What the network is to be used with at present, by path. */
  weights(): Map<string, TensorData> {
    return this.#read(this.#evaluated);
  }

  /** What the next step begins with, by path. */
  trainingWeights(): Map<string, TensorData> {
    return this.#read(weightInputs(this.#inputs));
  }

  /** State that no layer updates stays as it is in the network. */
  #read(nodes: ReadonlyMap<string, InputNode>): Map<string, TensorData> {
    return new Map(
      [...this.#net.specs.keys()].map((path) => {
        const node = nodes.get(path)!;
        const isKept = this.#reached.has(node);
        return [path, isKept ? this.#executable.read(node) : this.#net.weights.get(path)!];
      }),
    );
  }

  /** A copy of everything that steps change. */
  snapshot(): Snapshot {
    return {
      inputs: new Map(this.changing.map((node) => [node, this.#executable.read(node)])),
      evaluator: this.evaluator?.state,
    };
  }

  restore({ inputs, evaluator }: Snapshot): void {
    for (const [node, data] of inputs) this.#executable.write(node, data);
    if (evaluator !== undefined) this.evaluator?.restore(evaluator);
  }

  /** The inputs of the rows that the backend has at present. */
  loadedInputs(): InputValues {
    return this.#executable.read(this.#inputs.data.x) as InputValues;
  }

  /** Frees the memory and ends what is under way. */
  close(): void {
    this.#chunks?.close();
    this.#executable.dispose();
  }

  #measures({ loss, weight, correct }: Sums, rows: number): Measures {
    return {
      loss: weight === 0 ? 0 : loss / weight,
      ...(this.#hasLabels ? { accuracy: correct / rows } : {}),
    };
  }

  #clear(sums: SumInputs): void {
    for (const node of Object.values(sums)) this.#writeZero(node);
  }

  #writeZero(node: InputNode): void {
    this.#write(node, Int32Array.of(0));
  }

  /** Writes an input if a program uses it: rates, keys, targets that nothing reads have no storage. */
  #write(node: InputNode, data: TensorData): void {
    if (this.#reached.has(node)) this.#executable.write(node, data);
  }

  /** Writes what stays and what the first step begins with. */
  #writeAll(): void {
    const { optimizer, seed, classWeights } = this.options;
    const inputs = this.#inputs;
    for (const [path, node] of weightInputs(inputs)) {
      this.#write(node, this.#net.weights.get(path)!);
    }
    this.#writeOptimizerState();
    for (const [name, node] of inputs.rates) {
      this.#write(node, Float64Array.of(optimizer.rates[name]));
    }
    if (inputs.classWeights !== undefined) {
      this.#write(inputs.classWeights, Float64Array.from(classWeights!));
    }
    this.#clear(inputs.sums);
    this.#writeZero(inputs.step);
    this.#writeZero(inputs.brokenStep);
    const [k0, k1] = new Generator(seed).fork("random layers").key;
    this.#write(inputs.key, Int32Array.of(k0, k1));
    if (this.#chunks === undefined) this.#writeData(inputs.data, this.data);
    else this.#fill(inputs.order, (elements) => elements.set(inOrder(this.#chunks!.rows)));
    if (this.#validation !== undefined) {
      this.#writeData(this.#validation.inputs, this.#validation.data);
    }
  }

  #writeOptimizerState(): void {
    const { optimizer } = this.options;
    if (isEvaluating(optimizer)) return;
    const { parameters, optimizerState } = this.#inputs;
    const shapes = new Map([...parameters].map(([path, { shape }]) => [path, shape]));
    for (const [name, { initial }] of optimizer.state(shapes)) {
      const node = optimizerState.get(name)!;
      const values =
        typeof initial === "number"
          ? allocate(node.dtype, sizeOf(node.shape)).fill(initial)
          : this.#net.weights.get(initial.parameter)!;
      this.#write(node, values);
    }
  }

  #writeData({ x, y }: DataInputs, data: Dataset): void {
    if (data.packed === undefined) this.#write(x, data.inputs);
    else this.#fill(x, (elements) => data.writeInputs(inOrder(data.length), elements));
    this.#write(y, data.targets);
  }

  /** As `#write`, element by element. */
  #fill(node: InputNode, put: (elements: TensorData) => void): void {
    if (this.#reached.has(node)) this.#executable.fill(node, put);
  }
}

function inOrder(rows: number): Int32Array {
  return Int32Array.from({ length: rows }, (_, i) => i);
}

/** What the programs depend on of the rows. */
function shapesOf(data: Dataset, length = data.length): SampleShapes {
  const { inputShape, targetShape, targets } = data;
  return { length, inputShape, targetShape, targets };
}

/** The inputs that programs update, each of a name of its own. */
function changingInputs(programs: readonly Program[]): InputNode[] {
  const changing = new Map<string, InputNode>();
  for (const { target } of programs.flatMap(({ updates = [] }) => updates)) {
    const { name } = target.attributes;
    if ((changing.get(name) ?? target) !== target) {
      throw new InternalError(`Two inputs of the training step are called "${name}".`);
    }
    changing.set(name, target);
  }
  return [...changing.values()];
}
