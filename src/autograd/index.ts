export { type BatchingRule, type BatchingRules, batch, batchingRules } from "./batching.ts";
export { type Cotangent, gradientRules, gradients } from "./gradients.ts";
export type { GradientRule, GradientRules } from "./rules.ts";
