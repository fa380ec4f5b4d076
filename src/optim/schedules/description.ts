/** Schedules made again from their descriptions. */

import { UsageError } from "../../util/index.ts";
import type { Description } from "../optimizer.ts";
import { type ScheduleKind, schedules } from "./catalogue.ts";
import type { SequentialOptions } from "./combined.ts";
import type { Schedule } from "./schedule.ts";

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
      ? schedules.chained(made)
      : schedules.sequential(made, others as unknown as SequentialOptions);
  }
  const make = schedules[kind as ScheduleKind] as (options: unknown) => Schedule;
  return make(options);
}
