/** The built-in schedules by name. */

import { chained, sequential } from "./combined.ts";
import { constant } from "./constant.ts";
import { cosine, cosineWarmRestarts } from "./cosine.ts";
import { exponential, inverseScaling, multiStep, polynomial, step } from "./decay.ts";
import { reduceOnPlateau } from "./plateau.ts";
import { linearWarmUp, oneCycle } from "./warmUp.ts";

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
