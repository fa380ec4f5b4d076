/** Metrics: pure functions and accumulators. */

export { ConfusionAccumulator, MeanAccumulator } from "./accumulators.ts";
export { accuracy, balancedAccuracy, type ConfusionMatrix, confusionMatrix } from "./confusion.ts";
export type { Labels } from "./labels.ts";
export {
  type AverageOptions,
  type ClassScores,
  f1,
  type PrecisionRecall,
  precision,
  precisionRecallF1,
  recall,
  type Scores,
} from "./precisionRecall.ts";
export {
  meanAbsoluteError,
  meanSquaredError,
  r2,
  rootMeanSquaredError,
} from "./regression.ts";
export { type ClassificationReport, classificationReport, type ReportOptions } from "./report.ts";
export {
  areaUnder,
  type OneVersusRestAuc,
  type RocCurve,
  type RocOptions,
  rocAuc,
  rocAucOneVersusRest,
  rocCurve,
} from "./roc.ts";
export { logLoss, predictedClasses, topKAccuracy } from "./scores.ts";
