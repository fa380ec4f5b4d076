/** The learning-rate range test, loaded by who asks for it: how the loss fares while the rate grows from
 * step to step. */

import { isEvaluating } from "../optim/index.ts";
import { UsageError } from "../util/index.ts";
import type { TrainOptions } from "./options.ts";
import { Pacer } from "./pause.ts";
import type { TrainingSession } from "./session.ts";
import { steepestFall } from "./steepestFall.ts";

export interface FindLearningRateOptions
  extends Pick<
    TrainOptions,
    "loss" | "optimizer" | "batchSize" | "seed" | "backend" | "classWeights" | "signal"
  > {
  /** The rate of the first step; 1e-7 unless told. */
  readonly from?: number;
  /** The rate of the last step; 10 unless told. */
  readonly to?: number;
  /** Steps, and rates; 100 unless told. */
  readonly steps?: number;
  /** Share of the old mean in the smoothed loss; 0.9 unless told. */
  readonly smoothing?: number;
  /** The test ends when the smoothed loss is so many times the least; 4 unless told. */
  readonly divergence?: number;
}

/** One step of the test. */
export interface LearningRatePoint {
  readonly learningRate: number;
  /** Of the batch, before the step. */
  readonly loss: number;
  /** Exponential mean of the losses so far, corrected for its beginning at 0. */
  readonly smoothed: number;
}

export interface LearningRateCurve {
  readonly points: readonly LearningRatePoint[];
  /** The rate at which the smoothed loss falls fastest to new values; undefined when it never falls. */
  readonly suggestion: number | undefined;
  /** The rate at which the smoothed loss is least. */
  readonly lowest: number | undefined;
  /** Whether the loss grew past the limit or stopped being finite before the last rate. */
  readonly diverged: boolean;
}

/** A test whose options are checked: it runs in a session of training with these options. */
export interface RangeTest {
  readonly options: TrainOptions;
  run(session: TrainingSession): Promise<LearningRateCurve>;
}

/** The test itself: see `findLearningRate`. */
export function rangeTest(options: FindLearningRateOptions): RangeTest {
  const { from = 1e-7, to = 10, steps = 100, smoothing = 0.9, divergence = 4 } = options;
  checkRange({ from, to, steps, smoothing, divergence });
  const { loss, optimizer, batchSize, seed, backend, classWeights, signal } = options;
  if (optimizer !== undefined && isEvaluating(optimizer)) {
    throw new UsageError(
      `findLearningRate: expected an optimizer of one gradient a step, got ` +
        `"${optimizer.kind}", which finds its step lengths itself.`,
    );
  }
  const rateOf = (step: number) => from * (to / from) ** ((step - 1) / (steps - 1));
  return {
    options: {
      ...{ loss, optimizer, batchSize, seed, backend, classWeights },
      epochs: steps,
      learningRate: ({ step }) => rateOf(step),
    },
    run: async (session) =>
      curveOf(await measured(session, { steps, rateOf, smoothing, divergence, signal })),
  };
}

interface Test {
  readonly steps: number;
  readonly rateOf: (step: number) => number;
  readonly smoothing: number;
  readonly divergence: number;
  readonly signal: AbortSignal | undefined;
}

async function measured(
  session: TrainingSession,
  { steps, rateOf, smoothing, divergence, signal }: Test,
): Promise<{ points: LearningRatePoint[]; diverged: boolean }> {
  const pacer = new Pacer();
  const points: LearningRatePoint[] = [];
  let mean = 0;
  let least = Number.POSITIVE_INFINITY;
  let before = { loss: 0, weight: 0 };
  for (let step = 1; step <= steps && !signal?.aborted; step++) {
    const done = (step - 1) % session.stepsPerEpoch;
    const epoch = (step - 1 - done) / session.stepsPerEpoch + 1;
    if (done === 0) {
      session.beginEpoch(epoch);
      before = { loss: 0, weight: 0 };
    }
    await session.prepare(epoch, done);
    session.run(done, 1);
    const sums = session.sums();
    const weight = sums.weight - before.weight;
    const loss = weight === 0 ? 0 : (sums.loss - before.loss) / weight;
    before = sums;
    if (session.brokenStep() > 0) return { points, diverged: true };
    mean = smoothing * mean + (1 - smoothing) * loss;
    const smoothed = mean / (1 - smoothing ** step);
    points.push({ learningRate: rateOf(step), loss, smoothed });
    least = Math.min(least, smoothed);
    if (smoothed > divergence * least) return { points, diverged: true };
    await pacer.rest();
  }
  return { points, diverged: false };
}

function curveOf(test: { points: LearningRatePoint[]; diverged: boolean }): LearningRateCurve {
  const { points } = test;
  const smoothed = points.map((point) => point.smoothed);
  const lowest = smoothed.indexOf(Math.min(...smoothed));
  const steepest = steepestFall(smoothed);
  return {
    ...test,
    suggestion: steepest === undefined ? undefined : points[steepest].learningRate,
    lowest: points[lowest]?.learningRate,
  };
}

function checkRange(options: Required<Omit<FindLearningRateOptions, keyof TrainOptions>>): void {
  const { from, to, steps, smoothing, divergence } = options;
  const expectation = (text: string, got: unknown) =>
    new UsageError(`findLearningRate: expected ${text}, got ${got}.`);
  if (!(from > 0 && to > from && Number.isFinite(to))) {
    throw expectation("0 < from < to", `from ${from} and to ${to}`);
  }
  if (!Number.isInteger(steps) || steps < 2) throw expectation("steps to be 2 or more", steps);
  if (!(smoothing >= 0 && smoothing < 1)) throw expectation("smoothing in [0, 1)", smoothing);
  if (!(divergence > 1)) throw expectation("divergence above 1", divergence);
}
