/** Learning-rate schedules as a configuration writes them: the options of each kind, and what they make. */

import { z } from "zod";
import type { Schedule } from "../optim/index.ts";
import { scheduleFrom } from "../optim/saving.ts";
import type { ScheduleKind } from "../optim/schedules/index.ts";
import { type KindTable, kindUnion, type OutputOf, type WrittenOf } from "./kinds.ts";

const length = z.int().min(1);
const share = z.number().min(0);
const unit = z.enum(["step", "epoch"]).optional();

/** A row for each kind that stands alone. Lengths count epochs or steps; defaults are those of the schedules' constructors. */
const plainTable = {
  constant: {
    factor: share.optional(),
    length: length.optional(),
    unit,
  },
  linearWarmUp: {
    startFactor: share.optional(),
    endFactor: share.optional(),
    length: length.optional(),
    unit,
  },
  /** Up to the optimizer's learning rate and far below it, within the run. */
  oneCycle: {
    length: length.optional(),
    warmUp: z.number().min(0).max(1).optional(),
    startFactor: share.optional(),
    endFactor: share.optional(),
    shape: z.enum(["cosine", "linear"]).optional(),
    isThreePhase: z.boolean().optional(),
    unit,
  },
  cosine: {
    length: length.optional(),
    least: share.optional(),
    unit,
  },
  cosineWarmRestarts: {
    length,
    growth: length.optional(),
    least: share.optional(),
    unit,
  },
  step: {
    length,
    factor: share.optional(),
    unit,
  },
  multiStep: {
    milestones: z.array(length).min(1),
    factor: share.optional(),
    unit,
  },
  exponential: { factor: share, unit },
  polynomial: {
    length: length.optional(),
    power: z.number().optional(),
    least: share.optional(),
    unit,
  },
  inverseScaling: {
    power: z.number().optional(),
    unit,
  },
  reduceOnPlateau: {
    monitor: z.enum(["loss", "accuracy"]).optional(),
    factor: share.optional(),
    patience: z.int().min(0).optional(),
    threshold: share.optional(),
    thresholdMode: z.enum(["relative", "absolute"]).optional(),
    cooldown: z.int().min(0).optional(),
    least: share.optional(),
  },
} as const satisfies KindTable;

/** All together: the products of their factors. */
interface Chained<Part> {
  readonly kind: "chained";
  readonly schedules: readonly Part[];
}

/** One after the other. */
interface Sequential<Part> {
  readonly kind: "sequential";
  readonly schedules: readonly Part[];
  /** Where the second, third, … begins: one less than there are schedules. */
  readonly milestones: readonly number[];
  readonly unit?: "step" | "epoch" | undefined;
}

/** A schedule of a configuration. */
export type ScheduleConfig =
  | OutputOf<typeof plainTable>
  | Chained<ScheduleConfig>
  | Sequential<ScheduleConfig>;

/** A schedule as one writes it. */
export type WrittenSchedule =
  | WrittenOf<typeof plainTable>
  | Chained<WrittenSchedule>
  | Sequential<WrittenSchedule>;

const parts = z.array(z.lazy((): z.ZodType<ScheduleConfig> => scheduleSchema)).min(1);

export const scheduleTable = {
  ...plainTable,
  chained: { schedules: parts },
  sequential: { schedules: parts, milestones: z.array(length), unit },
} as const satisfies KindTable & Record<ScheduleKind, object>;

export const scheduleSchema: z.ZodType<ScheduleConfig> = kindUnion(scheduleTable);

/** The schedule of a configuration. */
export function scheduleOfConfig(config: ScheduleConfig): Schedule {
  return scheduleFrom(described(config));
}

function described({ kind, ...options }: ScheduleConfig): {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
} {
  if (!("schedules" in options)) return { kind, options };
  return { kind, options: { ...options, schedules: options.schedules.map(described) } };
}
