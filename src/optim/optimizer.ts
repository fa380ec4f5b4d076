/** What an optimizer is: its state and one whole update of all parameters, as a graph. */

import type { Shape } from "../ir/index.ts";
import type { Tensor } from "../tensor/index.ts";

/** Tensors by path of a parameter, such as `0.weight`, or by name of a state. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** Plain JSON data from which a built-in optimizer, wrapper or schedule can be made again. */
export interface Description {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** Numbers that a compiled step reads from memory; they can change without compiling again. */
export type Rates = Readonly<Record<string, number>> & { readonly learningRate: number };

/** One tensor that an optimizer keeps from step to step. */
export interface StateSpec {
  readonly shape: Shape;
  /** Its value before the first step: a number everywhere, or a copy of a parameter. */
  readonly initial: number | { readonly parameter: string };
}

/** What a step sees. */
export interface StepInputs {
  /** The parameters by path. */
  readonly parameters: Tensors;
  /** ∂L/∂θ of each parameter, by the same paths. */
  readonly gradients: Tensors;
  /** The optimizer's state by name. */
  readonly state: Tensors;
  /** The hyper-parameters, scalars. */
  readonly rates: Readonly<Record<string, Tensor>>;
  /** Number of this step, from 1, a scalar of the parameters' dtype. */
  readonly step: Tensor;
}

/** The next values of the parameters and of the state, by the same names. */
export interface StepResult {
  readonly parameters: Tensors;
  readonly state: Tensors;
}

/** An optimizer: plain data and pure functions that extend the graph of a training step. */
export interface Optimizer {
  readonly kind: string;
  /** Plain JSON data from which the optimizer can be made again. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly rates: Rates;
  /** The state for parameters of the given shapes. */
  state(shapes: ReadonlyMap<string, Shape>): ReadonlyMap<string, StateSpec>;
  /** One update of all parameters. */
  step(inputs: StepInputs): StepResult;
  /** The same optimizer with some options changed (of a wrapper: those of what it wraps). */
  with(changes: Readonly<Record<string, unknown>>): Optimizer;
  /** Name of the state that stands for a parameter when the network is evaluated, validated and in the
   * end (weight averaging); undefined for the parameter itself. */
  evaluated?(path: string): string | undefined;
  /** Σ of the penalties on the parameters, a scalar, where there are any. */
  risk?(inputs: Pick<StepInputs, "parameters" | "rates">): Tensor;
}

/** A value of the loss and its gradient at a point. */
export interface Evaluation {
  readonly loss: number;
  /** [point.length] */
  readonly gradient: Float64Array;
}

/** What a step of an evaluating optimizer returns. */
export interface EvaluatingResult<State> {
  readonly point: Float64Array;
  readonly state: State;
  /** Whether nothing is left to gain: the run ends here. */
  readonly isConverged: boolean;
}

/** How an evaluating optimizer steps. All parameters are one vector; it runs beside the compiled program,
 * in float64. */
export interface EvaluatingAlgorithm<State = unknown> {
  /** The state before the first step: plain data. */
  start(): State;
  /** One step as a dialogue: yields points to evaluate, receives their evaluations. */
  step(
    point: Float64Array,
    state: State,
    learningRate: number,
  ): Generator<Float64Array, EvaluatingResult<State>, Evaluation>;
  /** A state as arrays by name, to save it, and the state of such arrays. */
  toArrays(state: State): Record<string, Float64Array>;
  fromArrays(arrays: Readonly<Record<string, Float64Array>>): State;
}

/** An optimizer that asks for the loss and its gradient over all rows as often as it needs within a step
 * (line searches). */
export interface EvaluatingOptimizer<State = unknown> {
  readonly kind: string;
  readonly needs: "evaluations";
  readonly options: Readonly<Record<string, unknown>>;
  readonly rates: Rates;
  /** Its steps, asked for when a run begins: only runs that need them have to load them. */
  algorithm(): Promise<EvaluatingAlgorithm<State>>;
  with(changes: Readonly<Record<string, unknown>>): EvaluatingOptimizer<State>;
  /** As an `Optimizer`'s; part of the loss that is evaluated. */
  risk?(inputs: Pick<StepInputs, "parameters" | "rates">): Tensor;
}

/** Whether an optimizer evaluates several points a step, over all rows. */
export function isEvaluating(
  optimizer: Optimizer | EvaluatingOptimizer,
): optimizer is EvaluatingOptimizer {
  return "needs" in optimizer;
}
