/** Learning-rate schedules as a configuration writes them: the options of each kind. */

import { z } from "zod";
import type { ScheduleKind } from "../optim/index.ts";

const length = z.int().min(1);
const share = z.number().min(0);
const unit = z.enum(["step", "epoch"]).optional();

/** One schema a kind. Lengths count epochs or steps; defaults are those of the schedules' constructors. */
const schemas = {
  constant: z.strictObject({
    kind: z.literal("constant"),
    factor: share.optional(),
    length: length.optional(),
    unit,
  }),
  linearWarmUp: z.strictObject({
    kind: z.literal("linearWarmUp"),
    startFactor: share.optional(),
    endFactor: share.optional(),
    length: length.optional(),
    unit,
  }),
  /** Up to the optimizer's learning rate and far below it, within the run. */
  oneCycle: z.strictObject({
    kind: z.literal("oneCycle"),
    length: length.optional(),
    warmUp: z.number().min(0).max(1).optional(),
    startFactor: share.optional(),
    endFactor: share.optional(),
    shape: z.enum(["cosine", "linear"]).optional(),
    isThreePhase: z.boolean().optional(),
    unit,
  }),
  cosine: z.strictObject({
    kind: z.literal("cosine"),
    length: length.optional(),
    least: share.optional(),
    unit,
  }),
  cosineWarmRestarts: z.strictObject({
    kind: z.literal("cosineWarmRestarts"),
    length,
    growth: length.optional(),
    least: share.optional(),
    unit,
  }),
  step: z.strictObject({
    kind: z.literal("step"),
    length,
    factor: share.optional(),
    unit,
  }),
  multiStep: z.strictObject({
    kind: z.literal("multiStep"),
    milestones: z.array(length).min(1),
    factor: share.optional(),
    unit,
  }),
  exponential: z.strictObject({ kind: z.literal("exponential"), factor: share, unit }),
  polynomial: z.strictObject({
    kind: z.literal("polynomial"),
    length: length.optional(),
    power: z.number().optional(),
    least: share.optional(),
    unit,
  }),
  inverseScaling: z.strictObject({
    kind: z.literal("inverseScaling"),
    power: z.number().optional(),
    unit,
  }),
  reduceOnPlateau: z.strictObject({
    kind: z.literal("reduceOnPlateau"),
    monitor: z.enum(["loss", "accuracy"]).optional(),
    factor: share.optional(),
    patience: z.int().min(0).optional(),
    threshold: share.optional(),
    thresholdMode: z.enum(["relative", "absolute"]).optional(),
    cooldown: z.int().min(0).optional(),
    least: share.optional(),
  }),
} satisfies Record<Exclude<ScheduleKind, "chained" | "sequential">, z.ZodObject>;

/** A schedule of a configuration. */
export const scheduleSchema = z.discriminatedUnion("kind", [
  schemas.constant,
  schemas.linearWarmUp,
  schemas.oneCycle,
  schemas.cosine,
  schemas.cosineWarmRestarts,
  schemas.step,
  schemas.multiStep,
  schemas.exponential,
  schemas.polynomial,
  schemas.inverseScaling,
  schemas.reduceOnPlateau,
]);
