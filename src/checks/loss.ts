/** The suite that every loss must pass, built in or not. */

import type { Backend } from "../backend/index.ts";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { type FloatDType, type Shape, sizeOf } from "../ir/index.ts";
import { type Loss, lossOfBatch } from "../nn/index.ts";
import { isPlainData } from "../nn/saving.ts";
import { compile, type Tensor, tensor, valueAndGrad } from "../tensor/index.ts";
import { Generator } from "../util/index.ts";
import {
  backendTolerance,
  type Check,
  centralDifferences,
  expectClose,
  expectSameBits,
  expectShape,
  expectThat,
  gradientTolerance,
  runChecks,
} from "./check.ts";

export interface LossCheckOptions {
  /** Shape of what a network gives for a sample. */
  readonly output: Shape;
  /** Shape of a sample's target of values; or "labels" for class indices. Default: the output's. */
  readonly target?: Shape | "labels";
  /** Draws one output value; default normal. */
  readonly drawOutput?: (generator: Generator) => number;
  /** Draws one target value; default normal. Labels are drawn from all classes. */
  readonly drawTarget?: (generator: Generator) => number;
  /** Makes the loss again from its description; without it, that is not checked. */
  readonly again?: (description: { kind: string; options: Record<string, unknown> }) => Loss;
  /** Default 0. */
  readonly seed?: number;
}

/** Checks a loss: one number for each sample, which depends on that sample only; reductions; dtypes;
 * gradients against central differences; both backends against each other; determinism; its readout
 * and classes; plain options.
 *
 * @throws UsageError that lists every claim which does not hold
 * @example
 * await checkLoss(myLoss, { output: [3] });
 */
export async function checkLoss(loss: Loss, options: LossCheckOptions): Promise<void> {
  await runChecks(`checkLoss "${loss.kind}"`, lossChecks(loss, options));
}

/** The checks of `checkLoss` one by one, for a test runner. */
export function lossChecks(loss: Loss, options: LossCheckOptions): Check[] {
  const trial = new LossTrial(loss, options);
  const { again } = options;
  return [
    { name: "each sample has one number", run: () => trial.shapes() },
    { name: "no sample depends on another", run: () => trial.rows() },
    { name: "the loss of a batch is the mean or the sum", run: () => trial.reduction() },
    {
      name: "values and gradients are finite, of the prediction's dtype",
      run: () => trial.types(),
    },
    { name: "the gradient equals central differences", run: () => trial.gradients() },
    { name: "both backends agree in float64", run: () => trial.backends("float64") },
    { name: "both backends agree in float32", run: () => trial.backends("float32") },
    { name: "the same inputs give the same bits", run: () => trial.determinism() },
    { name: "readout and classes have a row for each row", run: () => trial.readout() },
    { name: "options are plain data", run: () => trial.json() },
    ...(again ? [{ name: "its description gives it back", run: () => trial.again(again) }] : []),
  ];
}

interface Pair {
  readonly prediction: Tensor;
  readonly target: Tensor;
}

class LossTrial {
  readonly #loss: Loss;
  readonly #options: LossCheckOptions;

  constructor(loss: Loss, options: LossCheckOptions) {
    this.#loss = loss;
    this.#options = options;
  }

  shapes(): void {
    for (const batch of [1, 2, 5]) {
      const { prediction, target } = this.#pair(batch, "float64");
      const losses = this.#loss.perSample(prediction, target);
      expectShape(`batch of ${batch}`, losses.shape, [batch]);
      const weights = this.#loss.sampleWeights?.(prediction, target);
      if (weights !== undefined) expectShape("sampleWeights", weights.shape, [batch]);
    }
  }

  rows(): void {
    const { prediction, target } = this.#pair(5, "float64");
    const all = this.#loss.perSample(prediction, target).data;
    for (let row = 0; row < 5; row++) {
      const alone = this.#loss.perSample(
        prediction.slice([row, row + 1]),
        target.slice([row, row + 1]),
      );
      expectClose(`sample ${row} alone`, alone.data, all.slice(row, row + 1), 1e-13);
    }
  }

  reduction(): void {
    const { prediction, target } = this.#pair(5, "float64");
    const losses = this.#loss.perSample(prediction, target).data;
    const weights =
      this.#loss.sampleWeights?.(prediction, target).data ?? new Float64Array(5).fill(1);
    const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);
    const expected = this.#loss.reduction === "sum" ? sum(losses) : sum(losses) / sum(weights);
    const actual = lossOfBatch(this.#loss, prediction, target);
    expectClose(this.#loss.reduction, actual.data, Float64Array.of(expected), 1e-13);
  }

  types(): void {
    for (const dtype of ["float32", "float64"] as const) {
      for (const [what, each] of this.#run(this.#pair(5, dtype))) {
        expectThat(each.dtype === dtype, () => `${what}: expected ${dtype}, got ${each.dtype}.`);
        expectThat(
          each.data.every(Number.isFinite),
          () => `${what}: expected finite values, got ${each.data}.`,
        );
      }
    }
  }

  gradients(): void {
    const { prediction, target } = this.#pair(4, "float64");
    const numeric = centralDifferences(Float64Array.from(prediction.data), (values) => {
      const moved = tensor(values, { dtype: "float64", shape: prediction.shape });
      return lossOfBatch(this.#loss, moved, target).item();
    });
    const analytic = this.#run({ prediction, target }).get("gradient")!;
    expectClose("gradient", analytic.data, numeric, gradientTolerance);
  }

  backends(dtype: FloatDType): void {
    const pair = this.#pair(5, dtype);
    const expected = this.#run(pair);
    for (const [what, { data }] of this.#run(pair, wasmBackend())) {
      expectClose(what, data, expected.get(what)!.data, backendTolerance[dtype]);
    }
  }

  determinism(): void {
    for (const backend of [referenceBackend(), wasmBackend()]) {
      const [first, second] = [1, 2].map(() => this.#run(this.#pair(5, "float32"), backend));
      for (const [what, { data }] of first) {
        expectSameBits(`${what} on ${backend.name}`, data, second.get(what)!.data);
      }
    }
  }

  readout(): void {
    const { prediction } = this.#pair(5, "float64");
    const read = this.#loss.readout(prediction);
    expectThat(read.shape[0] === 5, () => `readout: expected 5 rows, got [${read.shape}].`);
    if (this.#options.target !== "labels") return;
    const classes = this.#loss.classify(prediction);
    expectShape("classify", classes.shape, [5]);
    expectThat(classes.dtype === "int32", () => `classify: expected int32, got ${classes.dtype}.`);
    const count = this.#loss.classCount(this.#options.output);
    expectThat(
      classes.data.every((each) => each >= 0 && each < count),
      () => `classify: expected classes from 0 to ${count - 1}, got ${classes.data}.`,
    );
  }

  json(): void {
    for (const [name, value] of Object.entries(this.#loss.options)) {
      expectThat(isPlainData(value), () => `option "${name}" is not JSON data.`);
    }
  }

  again(make: NonNullable<LossCheckOptions["again"]>): void {
    const { kind, options } = this.#loss;
    const copy = make(JSON.parse(JSON.stringify({ kind, options })));
    const { prediction, target } = this.#pair(4, "float64");
    const expected = lossOfBatch(this.#loss, prediction, target).data;
    expectClose("loss of the copy", lossOfBatch(copy, prediction, target).data, expected, 0);
  }

  #pair(batch: number, dtype: FloatDType): Pair {
    const { output, target = output, seed = 0 } = this.#options;
    const { drawOutput, drawTarget } = this.#options;
    const generator = new Generator(seed);
    const normal = (each: Generator) => each.normal();
    const filled = (shape: Shape, label: string, draw: (generator: Generator) => number) => {
      const stream = generator.fork(label);
      return Float64Array.from({ length: sizeOf(shape) }, () => draw(stream));
    };
    const of = (shape: Shape, label: string, draw = normal) =>
      tensor(filled([batch, ...shape], label, draw), { dtype, shape: [batch, ...shape] });
    const prediction = of(output, "output", drawOutput);
    if (target !== "labels") return { prediction, target: of(target, "target", drawTarget) };
    const count = this.#loss.classCount(output);
    const classes = filled([batch], "target", (each) => each.integer(count));
    return { prediction, target: tensor(classes, { dtype: "int32" }) };
  }

  #run(pair: Pair, backend: Backend = referenceBackend()): Map<string, Tensor> {
    const program = compile(
      ({ prediction, target }: Pair) => {
        const [value, gradient] = valueAndGrad((each: Tensor) =>
          lossOfBatch(this.#loss, each, target),
        )(prediction);
        return { value, gradient, perSample: this.#loss.perSample(prediction, target) };
      },
      { backend },
    );
    return new Map(Object.entries(program(pair)));
  }
}
