/** Training. */

export type { CheckpointOptions } from "./checkpoint.ts";
export type {
  EndEvent,
  EndReason,
  EpochEvent,
  EpochRecord,
  History,
  StartEvent,
  StepEvent,
  TrainEvent,
} from "./events.ts";
export {
  type FindLearningRateOptions,
  findLearningRate,
  type LearningRateCurve,
  type LearningRatePoint,
} from "./findLearningRate.ts";
export type { EarlyStopping, TrainOptions } from "./options.ts";
export { pause } from "./pause.ts";
export type { BestState, RunFacts, TrainingState } from "./state.ts";
export { train } from "./train.ts";
