/** Steps of optimizers that ask for the loss and its gradient several times a step. */

import type { Executable, Program } from "../backend/index.ts";
import { type InputNode, type Node, sizeOf } from "../ir/index.ts";
import type { StoredTensor } from "../nn/index.ts";
import type { EvaluatingAlgorithm, EvaluatingOptimizer, Evaluation } from "../optim/index.ts";
import { InternalError } from "../util/index.ts";
import { lossProgram } from "./lossProgram.ts";
import type { TrainingInputs, TrainingParts } from "./program.ts";

/** Sums over the rows at one point. */
export interface PointSums {
  readonly loss: number;
  readonly weight: number;
  readonly correct: number;
}

/** What a step leaves: never changed in place. */
export interface EvaluatorState {
  readonly steps: number;
  /** All parameters in a row. */
  readonly point: Float64Array;
  readonly optimizer: unknown;
  /** At the point, where it was evaluated. */
  readonly sums: PointSums | undefined;
  /** The first step whose loss was not finite, or 0. */
  readonly brokenStep: number;
  readonly isConverged: boolean;
}

const noSums: PointSums = { loss: 0, weight: 0, correct: 0 };

/** Where the numbers of a state lie in one tensor. */
const countsOf = ({ steps, brokenStep, isConverged }: EvaluatorState): Float64Array =>
  Float64Array.of(steps, brokenStep, Number(isConverged));

/** Makes the evaluator of a session. */
export type OpenEvaluator = (parts: TrainingParts, inputs: TrainingInputs) => Evaluator;

/** What a session needs of an evaluating optimizer. */
export async function evaluatorOf(optimizer: EvaluatingOptimizer): Promise<OpenEvaluator> {
  const algorithm = await optimizer.algorithm();
  return (parts, inputs) => new Evaluator(algorithm, parts, inputs);
}

/** Runs an evaluating optimizer beside a program that gives the loss and its gradient over all rows. */
export class Evaluator {
  readonly program: Program;
  /** Where the last step began. */
  sums: PointSums = noSums;
  readonly #algorithm: EvaluatingAlgorithm;
  readonly #parameters: readonly InputNode[];
  readonly #outputs: ReturnType<typeof lossProgram>["outputs"];
  #executable: Executable | undefined;
  #state: EvaluatorState;

  constructor(algorithm: EvaluatingAlgorithm, parts: TrainingParts, inputs: TrainingInputs) {
    const { program, outputs } = lossProgram("evaluate", parts, inputs);
    this.program = program;
    this.#algorithm = algorithm;
    this.#outputs = outputs;
    this.#parameters = [...inputs.parameters.values()];
    this.#state = {
      steps: 0,
      point: new Float64Array(this.#parameters.reduce((sum, node) => sum + sizeOf(node.shape), 0)),
      optimizer: algorithm.start(),
      sums: undefined,
      brokenStep: 0,
      isConverged: false,
    };
  }

  /** Begins at the parameters that an executable of the program holds. */
  attach(executable: Executable): void {
    this.#executable = executable;
    const point = new Float64Array(this.#state.point.length);
    let at = 0;
    for (const node of this.#parameters) {
      const values = executable.read(node);
      point.set(values, at);
      at += values.length;
    }
    this.#state = { ...this.#state, point };
  }

  get state(): EvaluatorState {
    return this.#state;
  }

  /** Goes back to a state. */
  restore(state: EvaluatorState): void {
    this.#state = state;
    this.#write(state.point);
  }

  /** One step; yields between evaluations. Left early, the parameters are those before the step. */
  *step(learningRate: number): Generator<void, void, void> {
    const before = this.#state;
    const known = new Map<Float64Array, PointSums>();
    if (before.sums !== undefined) known.set(before.point, before.sums);
    let after = before;
    try {
      const dialogue = this.#algorithm.step(before.point, before.optimizer, learningRate);
      let answer = dialogue.next();
      while (!answer.done) {
        const { evaluation, sums } = this.#evaluate(answer.value);
        known.set(answer.value, sums);
        if (answer.value === before.point && !isSound(evaluation)) {
          after = { ...before, steps: before.steps + 1, brokenStep: before.steps + 1 };
          return;
        }
        answer = dialogue.next(evaluation);
        if (!answer.done) yield;
      }
      const { point, state, isConverged } = answer.value;
      after = {
        steps: before.steps + 1,
        point,
        optimizer: state,
        sums: known.get(point),
        brokenStep: 0,
        isConverged,
      };
    } finally {
      this.sums = known.get(before.point) ?? noSums;
      this.restore(after);
    }
  }

  /** The state as tensors by name. */
  tensors(): Map<string, StoredTensor> {
    const { optimizer, sums } = this.#state;
    const arrays: Record<string, Float64Array> = {
      ...this.#algorithm.toArrays(optimizer),
      "evaluator/counts": countsOf(this.#state),
      "evaluator/point": this.#state.point,
      "evaluator/last": Float64Array.of(...Object.values(this.sums)),
      ...(sums && { "evaluator/sums": Float64Array.of(...Object.values(sums)) }),
    };
    return new Map(
      Object.entries(arrays).map(([name, data]) => [
        name,
        { dtype: "float64" as const, shape: [data.length], data },
      ]),
    );
  }

  /** Takes over what {@link tensors} gave. */
  restoreTensors(tensors: ReadonlyMap<string, StoredTensor>): void {
    const arrays = Object.fromEntries(
      [...tensors].map(([name, { data }]) => [name, Float64Array.from(data)]),
    );
    const sumsOf = ([loss, weight, correct]: Float64Array): PointSums => ({
      loss,
      weight,
      correct,
    });
    const [steps, brokenStep, isConverged] = arrays["evaluator/counts"];
    const sums = arrays["evaluator/sums"];
    this.sums = sumsOf(arrays["evaluator/last"]);
    this.restore({
      steps,
      point: arrays["evaluator/point"],
      optimizer: this.#algorithm.fromArrays(arrays),
      sums: sums && sumsOf(sums),
      brokenStep,
      isConverged: isConverged === 1,
    });
  }

  #evaluate(point: Float64Array): { evaluation: Evaluation; sums: PointSums } {
    const executable = this.#write(point);
    executable.run(this.program.name);
    const { objective, gradients, loss, weight, correct } = this.#outputs;
    const number = (node: Node) => executable.read(node)[0];
    const gradient = new Float64Array(point.length);
    let at = 0;
    for (const node of gradients) {
      const values = executable.read(node);
      gradient.set(values, at);
      at += values.length;
    }
    return {
      evaluation: { loss: number(objective), gradient },
      sums: {
        loss: number(loss),
        weight: number(weight),
        correct: correct === undefined ? 0 : number(correct),
      },
    };
  }

  #write(point: Float64Array): Executable {
    const executable = this.#executable;
    if (executable === undefined) throw new InternalError("Evaluator: used before attach().");
    let at = 0;
    for (const node of this.#parameters) {
      const end = at + sizeOf(node.shape);
      executable.write(node, point.subarray(at, end));
      at = end;
    }
    return executable;
  }
}

function isSound({ loss, gradient }: Evaluation): boolean {
  return Number.isFinite(loss) && gradient.every(Number.isFinite);
}
