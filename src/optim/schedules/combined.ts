/** Schedules made of schedules. */

import { UsageError } from "../../util/index.ts";
import {
  defineSchedule,
  elapsed,
  expectMilestones,
  expectUnit,
  type Schedule,
  type StepPosition,
  totalOf,
  type UnitOption,
} from "./schedule.ts";

/** Schedules at once: each takes the rate of the one before as its η₀, so that factors multiply.
 *
 * @throws UsageError for no schedules.
 * @example
 * schedules.chained([schedules.linearWarmUp({ length: 100 }), schedules.exponential({ factor: 0.95 })]);
 */
export function chained(schedules: readonly Schedule[]): Schedule {
  if (schedules.length === 0) {
    throw new UsageError("Schedule chained: expected at least one schedule, got none.");
  }
  return defineSchedule({
    name: "chained",
    options: { schedules: schedules.map(described) },
    rate: (position) =>
      schedules.reduce((base, schedule) => schedule({ ...position, base }), position.base),
  });
}

export interface SequentialOptions extends UnitOption {
  /** Where the second, third, … schedule begins: one less than there are schedules. */
  readonly milestones: readonly number[];
}

/** Schedules one after the other, each of which counts from its own beginning and takes the time until
 * the next for the whole run; milestones in epochs unless told.
 *
 * @throws UsageError when the milestones do not rise or do not fit the schedules.
 * @example
 * schedules.sequential([schedules.linearWarmUp({ length: 500 }), schedules.cosine()], {
 *   milestones: [500],
 *   unit: "step",
 * });
 */
export function sequential(
  schedules: readonly Schedule[],
  { milestones, unit = "epoch" }: SequentialOptions,
): Schedule {
  expectMilestones("Schedule sequential", milestones, 1);
  expectUnit("Schedule sequential", unit);
  if (schedules.length !== milestones.length + 1) {
    throw new UsageError(
      `Schedule sequential: expected one milestone less than schedules, got ${milestones.length} ` +
        `for ${schedules.length}.`,
    );
  }
  return defineSchedule({
    name: "sequential",
    options: { schedules: schedules.map(described), milestones, unit },
    rate: (position) => {
      const t = elapsed(position, unit);
      const index = milestones.filter((milestone) => milestone <= t).length;
      const start = milestones[index - 1] ?? 0;
      const end = milestones[index] ?? Math.max(totalOf(position, unit), start + 1);
      const unitSteps = unit === "epoch" ? position.stepsPerEpoch : 1;
      return schedules[index](within(position, start * unitSteps, end * unitSteps));
    },
  });
}

/** A position as a run from step `start` (0 for the first) to `end` sees it. */
function within(position: StepPosition, start: number, end: number): StepPosition {
  const { stepsPerEpoch, history } = position;
  const step = position.step - start;
  return {
    ...position,
    step,
    epoch: Math.floor((step - 1) / stepsPerEpoch) + 1,
    totalSteps: end - start,
    history: start === 0 ? history : history.slice(Math.ceil(start / stepsPerEpoch)),
  };
}

function described({ kind, options }: Schedule) {
  return { kind, options };
}
