/** Learning-rate schedules: the entry `chainrule/optim/schedules`. */

export { type ScheduleKind, schedules } from "./catalogue.ts";
export type { SequentialOptions } from "./combined.ts";
export type { ConstantOptions } from "./constant.ts";
export type { CosineOptions, CosineWarmRestartsOptions } from "./cosine.ts";
export type { MultiStepOptions, PolynomialOptions, StepScheduleOptions } from "./decay.ts";
export type { ReduceOnPlateauOptions } from "./plateau.ts";
export {
  defineSchedule,
  type EpochMeasures,
  type LearningRate,
  type MeasuredEpoch,
  type Schedule,
  type ScheduleUnit,
  type StepPosition,
  type UnitOption,
} from "./schedule.ts";
export type { LinearWarmUpOptions, OneCycleOptions } from "./warmUp.ts";
