/** Optimizers. */

export type { AdamOptions } from "./adam.ts";
export { optimizers } from "./catalogue.ts";
export {
  type Description,
  type EvaluatingAlgorithm,
  type EvaluatingOptimizer,
  type EvaluatingResult,
  type Evaluation,
  isEvaluating,
  type Optimizer,
  type Rates,
  type StateSpec,
  type StepInputs,
  type StepResult,
  type Tensors,
} from "./optimizer.ts";
export {
  defineOptimizer,
  type OptimizerDefinition,
  type Scalar,
  type ScalarInputs,
  type UpdateInputs,
  type UpdateResult,
} from "./perParameter.ts";
export type {
  EpochMeasures,
  LearningRate,
  MeasuredEpoch,
  Schedule,
  StepPosition,
} from "./schedules/schedule.ts";
export type { SgdOptions } from "./sgd.ts";
