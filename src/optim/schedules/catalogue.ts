/** The built-in schedules by name, and making them from descriptions. */

import { UsageError } from "../../util/index.ts";
import type { Description } from "../optimizer.ts";
import { chained, type SequentialOptions, sequential } from "./combined.ts";
import { cosine, cosineWarmRestarts } from "./cosine.ts";
import { exponential, inverseScaling, multiStep, polynomial, step } from "./decay.ts";
import { reduceOnPlateau } from "./plateau.ts";
import type { Schedule } from "./schedule.ts";
import { constant, linearWarmUp, oneCycle } from "./warmUp.ts";

/** Constructors of the built-in schedules. */
export const schedules = {
  constant,
  step,
  multiStep,
  exponential,
  polynomial,
  inverseScaling,
  cosine,
  cosineWarmRestarts,
  oneCycle,
  linearWarmUp,
  reduceOnPlateau,
  chained,
  sequential,
} as const;

/** Name of a built-in schedule. */
export type ScheduleKind = keyof typeof schedules;

/** The schedule of a description: `{ kind, options }`, where the options of `chained` and `sequential`
 * hold the descriptions of their `schedules`.
 *
 * @throws UsageError for an unknown kind, or options out of range.
 * @example
 * scheduleFrom({ kind: "step", options: { length: 30 } });
 */
export function scheduleFrom({ kind, options = {} }: Description): Schedule {
  if (!Object.hasOwn(schedules, kind)) {
    const known = Object.keys(schedules).join(", ");
    throw new UsageError(`Schedule: expected one of ${known}, got "${kind}".`);
  }
  if (kind === "chained" || kind === "sequential") {
    const { schedules: parts = [], ...others } = options;
    const made = (parts as readonly Description[]).map(scheduleFrom);
    return kind === "chained"
      ? chained(made)
      : sequential(made, others as unknown as SequentialOptions);
  }
  const make = schedules[kind as ScheduleKind] as (options: unknown) => Schedule;
  return make(options);
}
