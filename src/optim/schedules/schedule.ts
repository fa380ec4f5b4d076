/** What a learning-rate schedule is: a pure function of where a step stands. */

import { UsageError } from "../../util/index.ts";

/** What an epoch was measured to be, by name of the measure. */
export interface EpochMeasures {
  readonly loss: number;
  readonly accuracy?: number;
}

/** A finished epoch, for schedules that watch a measure. */
export interface MeasuredEpoch {
  readonly train: EpochMeasures;
  readonly validation?: EpochMeasures;
}

/** Where a step stands. */
export interface StepPosition {
  /** From 1. */
  readonly epoch: number;
  /** From 1, all epochs together. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Steps of all planned epochs. */
  readonly totalSteps: number;
  /** The optimizer's own learning rate. */
  readonly base: number;
  /** The epochs before this one. */
  readonly history: readonly MeasuredEpoch[];
}

/** The learning rate of a step; any such function serves for `train`. */
export type LearningRate = (position: StepPosition) => number;

/** A learning rate that is plain data too, for files and reports. */
export interface Schedule extends LearningRate {
  readonly kind: string;
  /** Plain JSON data from which `kind`'s constructor makes the schedule again. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** A schedule of one's own, equal in rights to the built-in ones.
 *
 * @example
 * const halving = (epochs: number) => defineSchedule({
 *   name: "halving",
 *   options: { epochs },
 *   rate: ({ base, epoch }) => base / 2 ** Math.floor((epoch - 1) / epochs),
 * });
 */
export function defineSchedule(definition: {
  readonly name: string;
  readonly options?: object;
  readonly rate: LearningRate;
}): Schedule {
  const { name, options = {}, rate } = definition;
  // A function of its own: the definition's stays as it is.
  return Object.assign((position: StepPosition) => rate(position), {
    kind: name,
    options: options as Schedule["options"],
  });
}

/** What a schedule counts. */
export type ScheduleUnit = "step" | "epoch";

export interface UnitOption {
  /** What lengths and milestones count: epochs or steps. */
  readonly unit?: ScheduleUnit;
}

/** Units that are over before a step: 0 for the first. */
export function elapsed({ epoch, step }: StepPosition, unit: ScheduleUnit): number {
  return unit === "epoch" ? epoch - 1 : step - 1;
}

/** Units of the whole run. */
export function totalOf({ totalSteps, stepsPerEpoch }: StepPosition, unit: ScheduleUnit): number {
  return unit === "epoch" ? totalSteps / stepsPerEpoch : totalSteps;
}

/** @throws UsageError for another unit. */
export function expectUnit(who: string, unit: ScheduleUnit): void {
  if (unit === "step" || unit === "epoch") return;
  throw new UsageError(`${who}: expected the unit "step" or "epoch", got "${unit}".`);
}

/** @throws UsageError unless milestones are rising integers from `least` on. */
export function expectMilestones(who: string, milestones: readonly number[], least = 0): void {
  const isRising = milestones.every(
    (milestone, i) =>
      Number.isInteger(milestone) && milestone >= least && !(milestone <= milestones[i - 1]),
  );
  if (isRising) return;
  throw new UsageError(
    `${who}: expected rising integers from ${least} as milestones, got [${milestones.join(", ")}].`,
  );
}
