/** What can be wrapped around optimizers: the entry `chainrule/optim/wrappers`. */

export type { AccumulateOptions } from "./accumulate.ts";
export type { EmaOptions, SwaOptions } from "./averages.ts";
export type { ClipOptions } from "./clip.ts";
export type { ParameterGroup } from "./groups.ts";
export type { LookaheadOptions } from "./lookahead.ts";
export type { MaxNormOptions } from "./maxNorm.ts";
export type { PathPattern } from "./paths.ts";
export type { ElasticOptions, PenaltyOptions } from "./penalties.ts";
export {
  type AnyOptimizerWrapper,
  defineGradientTransform,
  type GradientTransformDefinition,
  type OptimizerWrapper,
  type WrapperDefinition,
  wrapper,
} from "./wrapper.ts";
export { chain, type WrapperKind, wrappers } from "./wrapperCatalogue.ts";
