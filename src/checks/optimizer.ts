/** The suite that every optimizer must pass, built in or not. */

import { type Backend, referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { Dataset } from "../data/index.ts";
import type { FloatDType, TensorData } from "../ir/index.ts";
import { layers, type Network, network } from "../nn/index.ts";
import { isPlainData } from "../nn/saving.ts";
import {
  type Description,
  type EvaluatingOptimizer,
  isEvaluating,
  type Optimizer,
} from "../optim/index.ts";
import { type History, type TrainingState, type TrainOptions, train } from "../train/index.ts";
import { decodeTrainingState, encodeTrainingState } from "../train/saving.ts";
import { Generator } from "../util/index.ts";
import { type Check, expectClose, expectThat, runChecks } from "./check.ts";

type AnyOptimizer = Optimizer | EvaluatingOptimizer;

export interface OptimizerCheckOptions {
  /** Makes the optimizer again from its description; without it, that is not checked. */
  readonly again?: (description: Description) => AnyOptimizer;
  /** Steps down the bowl; default 12. */
  readonly steps?: number;
}

/** Checks an optimizer on a quadratic bowl (the squared error of a linear layer over all rows): the loss
 * falls; same bits again; both backends and both dtypes agree; all state is declared, so that a run goes
 * on from a checkpoint to the same bits; numbers are read from memory; plain options.
 *
 * The learning rate must suit a bowl whose curvatures lie around 1: up to 0.5 for plain descent.
 * @throws UsageError that lists every claim which does not hold
 * @example
 * await checkOptimizer(signDescent(0.01));
 */
export async function checkOptimizer(
  optimizer: AnyOptimizer,
  options: OptimizerCheckOptions = {},
): Promise<void> {
  await runChecks(`checkOptimizer "${optimizer.kind}"`, optimizerChecks(optimizer, options));
}

/** The checks of `checkOptimizer` one by one, for a test runner. */
export function optimizerChecks(
  optimizer: AnyOptimizer,
  options: OptimizerCheckOptions = {},
): Check[] {
  const trial = new OptimizerTrial(optimizer, options);
  const { again } = options;
  return [
    { name: "the loss falls on a quadratic bowl", run: () => trial.descent() },
    { name: "the same seed gives the same bits", run: () => trial.determinism() },
    { name: "both backends agree in float64", run: () => trial.backends("float64") },
    { name: "both backends agree in float32", run: () => trial.backends("float32") },
    { name: "float32 follows float64", run: () => trial.dtypes() },
    { name: "a checkpoint holds all of its state", run: () => trial.resume() },
    { name: "states have shapes and first values", run: () => trial.states() },
    { name: "the learning rate is read from memory", run: () => trial.rates() },
    { name: "options are plain data", run: () => trial.json() },
    ...(again ? [{ name: "its description gives it back", run: () => trial.again(again) }] : []),
  ];
}

/** Rounding differs in the order of sums only, but a sign that flips near 0 moves a weight by a step. */
const tolerance = { float64: 1e-9, float32: 1e-4 } as const;
/** Ten to twenty steps in float32 against float64. */
const dtypeTolerance = 1e-3;

class OptimizerTrial {
  readonly #optimizer: AnyOptimizer;
  readonly #steps: number;
  readonly #backends: readonly Backend[] = [referenceBackend(), wasmBackend()];

  constructor(optimizer: AnyOptimizer, { steps = 12 }: OptimizerCheckOptions) {
    this.#optimizer = optimizer;
    this.#steps = steps;
  }

  async descent(): Promise<void> {
    const { history, net } = await this.#run();
    const losses = history.epochs.map((epoch) => epoch.train.loss);
    const [first, last] = [losses[0], losses[losses.length - 1]];
    expectThat(last < first, () => `expected a loss below ${first} in the end, got ${last}.`);
    for (const [path, values] of net.weights) {
      expectThat(values.every(Number.isFinite), () => `"${path}": got ${values}.`);
    }
  }

  async determinism(): Promise<void> {
    for (const backend of this.#backends) {
      const [first, second] = [
        await this.#run({ backend, dtype: "float32" }),
        await this.#run({ backend, dtype: "float32" }),
      ];
      expectSame(`weights on ${backend.name}`, second.net.weights, first.net.weights);
    }
  }

  async backends(dtype: FloatDType): Promise<void> {
    const [reference, wasm] = this.#backends;
    const expected = (await this.#run({ backend: reference, dtype })).net.weights;
    const got = (await this.#run({ backend: wasm, dtype })).net.weights;
    expectAllClose(got, expected, tolerance[dtype]);
  }

  async dtypes(): Promise<void> {
    const expected = (await this.#run({ dtype: "float64" })).net.weights;
    const got = (await this.#run({ dtype: "float32" })).net.weights;
    expectAllClose(got, expected, dtypeTolerance);
  }

  async resume(): Promise<void> {
    const whole = await this.#run();
    let saved: TrainingState | undefined;
    const save = (state: TrainingState) => {
      saved = decodeTrainingState(encodeTrainingState(state));
    };
    await this.#run({ epochs: Math.floor(this.#steps / 2), checkpoint: { save } });
    const resumed = await this.#run({ resume: saved });
    expectSame("weights after a resume", resumed.net.weights, whole.net.weights);
  }

  states(): void {
    const optimizer = this.#optimizer;
    if (isEvaluating(optimizer)) return;
    const shapes = new Map(
      [...bowlNetwork("float64").specs].map(([path, { shape }]) => [path, shape]),
    );
    for (const [name, { shape, initial }] of optimizer.state(shapes)) {
      const whole = shape.every((length) => Number.isInteger(length) && length >= 0);
      expectThat(whole, () => `state "${name}": got the shape [${shape.join(", ")}].`);
      if (typeof initial === "number") {
        expectThat(Number.isFinite(initial), () => `state "${name}": got the value ${initial}.`);
      } else {
        const of = shapes.get(initial.parameter);
        expectThat(
          of?.join() === shape.join(),
          () => `state "${name}": expected the shape of "${initial.parameter}", got [${shape}].`,
        );
      }
    }
    for (const path of shapes.keys()) {
      const name = optimizer.evaluated?.(path);
      expectThat(
        name === undefined || optimizer.state(shapes).has(name),
        () => `evaluated("${path}"): expected the name of a state, got "${name}".`,
      );
    }
  }

  async rates(): Promise<void> {
    const { rates } = this.#optimizer;
    for (const [name, value] of Object.entries(rates)) {
      expectThat(Number.isFinite(value), () => `rate "${name}": got ${value}.`);
    }
    const same = await this.#run({ learningRate: ({ base }) => base });
    expectSame("weights with the same rate", same.net.weights, (await this.#run()).net.weights);
  }

  json(): void {
    for (const [name, value] of Object.entries(this.#optimizer.options)) {
      expectThat(isPlainData(value), () => `option "${name}" is not JSON data.`);
    }
  }

  async again(make: NonNullable<OptimizerCheckOptions["again"]>): Promise<void> {
    const { kind, options } = this.#optimizer;
    const copy = make(JSON.parse(JSON.stringify({ kind, options })));
    expectThat(copy.kind === kind, () => `expected kind "${kind}", got "${copy.kind}".`);
    const { net } = await this.#run({ optimizer: copy });
    expectSame("weights of the copy", net.weights, (await this.#run()).net.weights);
  }

  async #run(
    options: TrainOptions & { readonly dtype?: FloatDType } = {},
  ): Promise<{ readonly history: History; readonly net: Network }> {
    const { dtype = "float64", backend = this.#backends[0], ...others } = options;
    const net = bowlNetwork(dtype);
    const data = bowl();
    const history = await train(net, data, {
      optimizer: this.#optimizer,
      epochs: this.#steps,
      batchSize: data.length,
      shuffle: false,
      backend,
      ...others,
    });
    return { history, net };
  }
}

/** Two outputs of three inputs with noise: a bowl of eight dimensions. */
function bowl(): Dataset {
  const generator = new Generator(0).fork("bowl");
  const rows = 16;
  const inputs = Float64Array.from({ length: rows * 3 }, () => generator.normal());
  const targets = new Float64Array(rows * 2);
  for (let row = 0; row < rows; row++) {
    const [a, b, c] = inputs.subarray(row * 3, row * 3 + 3);
    targets[row * 2] = 2 * a - b + 0.5 + 0.1 * generator.normal();
    targets[row * 2 + 1] = b + 1.5 * c - 1 + 0.1 * generator.normal();
  }
  return new Dataset({ name: "bowl", inputs, inputShape: [3], targets, targetShape: [2] });
}

function bowlNetwork(dtype: FloatDType): Network {
  return network({ input: [3], layers: [layers.linear(2)], dtype, seed: 1 });
}

type Weights = ReadonlyMap<string, TensorData>;

function expectSame(what: string, actual: Weights, expected: Weights): void {
  for (const [path, values] of expected) {
    const other = actual.get(path)!;
    expectThat(
      values.every((value, i) => Object.is(value, other[i])),
      () => `${what}: expected the same bits in "${path}", got other values.`,
    );
  }
}

function expectAllClose(actual: Weights, expected: Weights, relative: number): void {
  for (const [path, values] of expected) {
    expectClose(`"${path}"`, actual.get(path)!, values, relative);
  }
}
