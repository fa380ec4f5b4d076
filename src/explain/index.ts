/** Explanations: derivations, gradient checks, computation graphs, formulas and activation sheets. */

export {
  type ActivationSheet,
  activationFigure,
  activationKinds,
  activationSheet,
  functionLine,
  sheetText,
} from "./activations/sheet.ts";
export {
  type CheckOptions,
  checkGradients,
  type GradientCheck,
  type ParameterCheck,
} from "./check/checkGradients.ts";
export { type Difference, differentiateNumerically } from "./check/differences.ts";
export type { FirstDifference } from "./check/locate.ts";
export type {
  Derivation,
  DerivedParameter,
  Line,
  LineGroup,
  Section,
  SectionName,
} from "./derive/derivation.ts";
export { type DeriveOptions, derive } from "./derive/derive.ts";
export { checkSteps, evaluateDerivation, type StepDifference } from "./derive/evaluate.ts";
export { type RuleName, rules } from "./derive/rules.ts";
export {
  explain,
  type FormulaExplanation,
  type FormulaGraph,
  type FormulaStep,
  type FormulaValue,
} from "./formula/explain.ts";
export { formulaMarkdown, formulaPage } from "./formula/page.ts";
export { type ParsedFormula, parseFormula } from "./formula/parse.ts";
export {
  type Detail,
  type DrawOptions,
  drawGraph,
  type GraphDrawing,
  pictureOf,
} from "./graph/drawGraph.ts";
export type {
  GraphPicture,
  PictureEdge,
  PictureNode,
  PictureValue,
} from "./graph/picture.ts";
export * as math from "./math/index.ts";
export type {
  ExplainedLayer,
  ExplainedLoss,
  ExplainedNetwork,
  ExplainedOptimizer,
} from "./model.ts";
export { explainPage, type PageOptions } from "./page.ts";
export { toHtml } from "./render/toHtml.ts";
export { toLatex } from "./render/toLatex.ts";
export { toMarkdown } from "./render/toMarkdown.ts";
export { toText } from "./render/toText.ts";
export type { ExplainedSamples } from "./samples.ts";
export type { Language, Words } from "./words.ts";
export {
  type WorkedOptions,
  type WorkedRow,
  type WorkedStep,
  type WorkedTable,
  workedStep,
  workedText,
} from "./worked.ts";
