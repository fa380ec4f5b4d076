/** Optimizers, what can be wrapped around them, and learning-rate schedules. */

export type { AccumulateOptions } from "./accumulate.ts";
export type { AdadeltaOptions } from "./adadelta.ts";
export type { AdagradOptions } from "./adagrad.ts";
export type { AdamOptions } from "./adam.ts";
export type { AdamaxOptions } from "./adamax.ts";
export type { EmaOptions, SwaOptions } from "./averages.ts";
export type { BackpropagationOptions, ByName } from "./backpropagation.ts";
export {
  chain,
  type OptimizerKind,
  optimizerFrom,
  optimizers,
  type WrapperKind,
  wrappers,
} from "./catalogue.ts";
export type { ClipOptions } from "./clip.ts";
export type { ParameterGroup } from "./groups.ts";
export type { LbfgsOptions, LbfgsState } from "./lbfgsAlgorithm.ts";
export type { LionOptions } from "./lion.ts";
export type { LookaheadOptions } from "./lookahead.ts";
export type { MaxNormOptions } from "./maxNorm.ts";
export type { NadamOptions } from "./nadam.ts";
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
export type { PathPattern } from "./paths.ts";
export type { ElasticOptions, PenaltyOptions } from "./penalties.ts";
export {
  defineOptimizer,
  type OptimizerDefinition,
  type Scalar,
  type ScalarInputs,
  type UpdateInputs,
  type UpdateResult,
} from "./perParameter.ts";
export type { RadamOptions } from "./radam.ts";
export type { RmspropOptions } from "./rmsprop.ts";
export type { RpropOptions } from "./rprop.ts";
export * from "./schedules/index.ts";
export type { SgdOptions } from "./sgd.ts";
export {
  type AnyOptimizerWrapper,
  defineGradientTransform,
  type GradientTransformDefinition,
  type OptimizerWrapper,
  type WrapperDefinition,
  wrapper,
} from "./wrapper.ts";
