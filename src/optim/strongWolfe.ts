/** A line search for a step that satisfies the strong Wolfe conditions. */

import type { Evaluation } from "./optimizer.ts";

/** One point on the line x + t·d. */
export interface Trial {
  /** Length t of the step. */
  readonly length: number;
  /** x + t·d. */
  readonly point: Float64Array;
  readonly evaluation: Evaluation;
  /** ∂f/∂t = g·d. */
  readonly slope: number;
}

/** Share of the decrease that the slope promises which is enough (c₁). */
const sufficient = 1e-4;
/** Share of the first slope that may remain (c₂). */
const flat = 0.9;
/** Evaluations at most. */
const mostTrials = 25;

/** Finds t with f(x + td) ≤ f + c₁t·g·d and |g(x + td)·d| ≤ c₂|g·d|: brackets it by growing steps, then
 * narrows the bracket by cubic interpolation. Gives the best trial when it finds none.
 *
 * Nocedal and Wright, "Numerical Optimization", algorithms 3.5 and 3.6, with the safeguards of Mark
 * Schmidt's minFunc, which PyTorch has too.
 */
export function* strongWolfe(
  start: Trial,
  direction: Float64Array,
  firstLength: number,
  tolerance: number,
): Generator<Float64Array, Trial, Evaluation> {
  const isInsufficient = ({ length, evaluation: { loss } }: Trial) =>
    loss > start.evaluation.loss + sufficient * length * start.slope;
  const isFlat = ({ slope }: Trial) => Math.abs(slope) <= -flat * start.slope;
  let previous = start;
  let trial = yield* tryLength(start.point, direction, firstLength);
  let growths = 0;
  let bracket: [Trial, Trial] | undefined;
  while (growths < mostTrials && bracket === undefined) {
    const isRising = growths > 1 && trial.evaluation.loss >= previous.evaluation.loss;
    if (isInsufficient(trial) || isRising) bracket = [previous, trial];
    else if (isFlat(trial)) return trial;
    else if (trial.slope >= 0) bracket = [previous, trial];
    else {
      const { length } = trial;
      const shortest = length + 0.01 * (length - previous.length);
      const next = interpolated(previous, trial, shortest, 10 * length);
      previous = trial;
      trial = yield* tryLength(start.point, direction, next);
      growths++;
    }
  }
  return yield* narrowed(bracket ?? [start, trial], growths);

  function* narrowed(
    ends: readonly [Trial, Trial],
    trialsBefore: number,
  ): Generator<Float64Array, Trial, Evaluation> {
    const widest = largest(direction);
    let [low, high] = ordered(...ends);
    let isSlow = false;
    for (let trials = trialsBefore; trials < mostTrials; trials++) {
      const left = Math.min(low.length, high.length);
      const right = Math.max(low.length, high.length);
      if ((right - left) * widest < tolerance) break;
      let length = interpolated(low, high, left, right);
      const margin = 0.1 * (right - left);
      const isNearEnd = Math.min(right - length, length - left) < margin;
      if (isNearEnd && (isSlow || length >= right || length <= left)) {
        length = right - length < length - left ? right - margin : left + margin;
        isSlow = false;
      } else {
        isSlow = isNearEnd;
      }
      const next = yield* tryLength(start.point, direction, length);
      if (isInsufficient(next) || next.evaluation.loss >= low.evaluation.loss) {
        [low, high] = ordered(low, next);
      } else {
        if (isFlat(next)) return next;
        if (next.slope * (high.length - low.length) >= 0) high = low;
        low = next;
      }
    }
    return low;
  }
}

function* tryLength(
  from: Float64Array,
  direction: Float64Array,
  length: number,
): Generator<Float64Array, Trial, Evaluation> {
  const point = from.map((value, i) => value + length * direction[i]);
  const evaluation = yield point;
  return {
    length,
    point,
    // A point where the loss is not a number lies too far out.
    evaluation: Number.isFinite(evaluation.loss)
      ? evaluation
      : { ...evaluation, loss: Number.POSITIVE_INFINITY },
    slope: dot(evaluation.gradient, direction),
  };
}

/** The lower end first. */
function ordered(a: Trial, b: Trial): [Trial, Trial] {
  return a.evaluation.loss <= b.evaluation.loss ? [a, b] : [b, a];
}

/** Length at which the cubic through two trials and their slopes is least, within limits; the middle
 * when it has no minimum. */
function interpolated(one: Trial, other: Trial, low: number, high: number): number {
  const [a, b] = one.length <= other.length ? [one, other] : [other, one];
  const width = b.length - a.length;
  const d1 =
    a.slope + b.slope - (3 * (a.evaluation.loss - b.evaluation.loss)) / (a.length - b.length);
  const square = d1 ** 2 - a.slope * b.slope;
  const d2 = Math.sqrt(square);
  const least = b.length - width * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
  return Number.isFinite(least) ? Math.min(Math.max(least, low), high) : (low + high) / 2;
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** max |xᵢ| */
export function largest(x: Float64Array): number {
  let result = 0;
  for (let i = 0; i < x.length; i++) result = Math.max(result, Math.abs(x[i]));
  return result;
}
