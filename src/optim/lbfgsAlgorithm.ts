/** The steps of L-BFGS: loaded by the runs that use it. */

import type { EvaluatingAlgorithm, EvaluatingResult, Evaluation } from "./optimizer.ts";
import { dot, largest, strongWolfe } from "./strongWolfe.ts";

export interface LbfgsOptions {
  /** Length of the first trial of each line search, or of every step without one; 1 unless told. */
  readonly learningRate?: number;
  /** Pairs of changes that approximate the Hessian; 10 unless told. */
  readonly historySize?: number;
  readonly lineSearch?: "strongWolfe" | "none";
  /** The run ends when no component of the gradient is larger; 1e-7 unless told. */
  readonly gradientTolerance?: number;
  /** The run ends when neither weights nor loss change by more; 1e-9 unless told. */
  readonly changeTolerance?: number;
}

/** A step and the change of gradient that it made. */
interface Pair {
  /** s = θ₊ − θ */
  readonly change: Float64Array;
  /** y = g₊ − g */
  readonly bend: Float64Array;
  /** 1 / (y·s) */
  readonly rho: number;
}

/** What L-BFGS keeps from step to step. */
export interface LbfgsState {
  readonly steps: number;
  readonly pairs: readonly Pair[];
  /** Diagonal of the first approximation of the inverse Hessian. */
  readonly scale: number;
  /** The last step, and the gradient where it began. */
  readonly last: { readonly change: Float64Array; readonly gradient: Float64Array } | undefined;
  /** The evaluation of the present point, when the line search made it. */
  readonly evaluation: Evaluation | undefined;
}

/** The steps with some options. */
export function lbfgsAlgorithm(options: Required<LbfgsOptions>): EvaluatingAlgorithm<LbfgsState> {
  return {
    start: () => ({ steps: 0, pairs: [], scale: 1, last: undefined, evaluation: undefined }),
    step: (point, state, learningRate) => lbfgsStep(point, state, { ...options, learningRate }),
    toArrays,
    fromArrays,
  };
}

function* lbfgsStep(
  point: Float64Array,
  state: LbfgsState,
  options: Required<LbfgsOptions>,
): Generator<Float64Array, EvaluatingResult<LbfgsState>, Evaluation> {
  const { learningRate, historySize, lineSearch, gradientTolerance, changeTolerance } = options;
  const evaluation = state.evaluation ?? (yield point);
  const { gradient } = evaluation;
  const stay = { point, state: { ...state, evaluation }, isConverged: true };
  if (largest(gradient) <= gradientTolerance) return stay;
  const { pairs, scale } = remembered(state, gradient, historySize);
  const direction = descent(gradient, pairs, scale);
  const slope = dot(gradient, direction);
  if (slope > -changeTolerance) return stay;
  const isFirst = state.steps === 0;
  const length = isFirst ? learningRate * Math.min(1, 1 / sumOfSizes(gradient)) : learningRate;
  const start = { length: 0, point, evaluation, slope };
  const reached =
    lineSearch === "none"
      ? { point: point.map((value, i) => value + length * direction[i]), length }
      : yield* strongWolfe(start, direction, length, changeTolerance);
  const change = direction.map((value) => value * reached.length);
  const next = "evaluation" in reached ? reached.evaluation : undefined;
  const isStill =
    largest(change) <= changeTolerance ||
    (next !== undefined && Math.abs(next.loss - evaluation.loss) < changeTolerance);
  return {
    point: reached.point,
    state: { steps: state.steps + 1, pairs, scale, last: { change, gradient }, evaluation: next },
    isConverged: isStill || (next !== undefined && largest(next.gradient) <= gradientTolerance),
  };
}

/** The pairs with that of the last step, where the loss curved upwards along it. */
function remembered(
  { last, pairs, scale }: LbfgsState,
  gradient: Float64Array,
  historySize: number,
): { readonly pairs: readonly Pair[]; readonly scale: number } {
  if (last === undefined) return { pairs, scale };
  const bend = gradient.map((value, i) => value - last.gradient[i]);
  const curvature = dot(bend, last.change);
  if (!(curvature > 1e-10)) return { pairs, scale };
  const pair = { change: last.change, bend, rho: 1 / curvature };
  return { pairs: [...pairs, pair].slice(-historySize), scale: curvature / dot(bend, bend) };
}

/** −H g by two loops over the pairs. */
function descent(gradient: Float64Array, pairs: readonly Pair[], scale: number): Float64Array {
  const direction = gradient.map((value) => -value);
  const shares = pairs.map(() => 0);
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { change, bend, rho } = pairs[i];
    shares[i] = rho * dot(change, direction);
    addScaled(direction, bend, -shares[i]);
  }
  for (let j = 0; j < direction.length; j++) direction[j] *= scale;
  pairs.forEach(({ change, bend, rho }, i) => {
    addScaled(direction, change, shares[i] - rho * dot(bend, direction));
  });
  return direction;
}

function addScaled(target: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < target.length; i++) target[i] += factor * x[i];
}

function sumOfSizes(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.abs(x[i]);
  return sum;
}

function toArrays({
  steps,
  scale,
  pairs,
  last,
  evaluation,
}: LbfgsState): Record<string, Float64Array> {
  return {
    "lbfgs/numbers": Float64Array.of(steps, scale, pairs.length),
    ...Object.fromEntries(
      pairs.flatMap(({ change, bend, rho }, i) => [
        [`lbfgs/change${i}`, change],
        [`lbfgs/bend${i}`, bend],
        [`lbfgs/rho${i}`, Float64Array.of(rho)],
      ]),
    ),
    ...(last && { "lbfgs/last change": last.change, "lbfgs/last gradient": last.gradient }),
    ...(evaluation && {
      "lbfgs/loss": Float64Array.of(evaluation.loss),
      "lbfgs/gradient": evaluation.gradient,
    }),
  };
}

function fromArrays(arrays: Readonly<Record<string, Float64Array>>): LbfgsState {
  const [steps, scale, count] = arrays["lbfgs/numbers"];
  const change = arrays["lbfgs/last change"];
  const loss = arrays["lbfgs/loss"];
  return {
    steps,
    scale,
    pairs: Array.from({ length: count }, (_, i) => ({
      change: arrays[`lbfgs/change${i}`],
      bend: arrays[`lbfgs/bend${i}`],
      rho: arrays[`lbfgs/rho${i}`][0],
    })),
    last: change && { change, gradient: arrays["lbfgs/last gradient"] },
    evaluation: loss && { loss: loss[0], gradient: arrays["lbfgs/gradient"] },
  };
}
