/** Conformance suites for parts of one's own: the built-in ones pass the very same. */

export { type Check, runChecks } from "./check.ts";
export { checkLayer, type LayerCheckOptions, layerChecks } from "./layer.ts";
export { checkLoss, type LossCheckOptions, lossChecks } from "./loss.ts";
export { checkOptimizer, type OptimizerCheckOptions, optimizerChecks } from "./optimizer.ts";
