export {
  evaluateEquation,
  evaluateEquations,
  evaluateExpression,
  type NumberArray,
  scalarValue,
  type Values,
} from "./evaluate.ts";
export * from "./expression.ts";
export { escapeLatex, latex } from "./latex.ts";
export { mathElement, mathml } from "./mathml.ts";
export { shapeOf } from "./shapeOf.ts";
export { plainText } from "./text.ts";
export { type Format, typeset, typesetEquation } from "./typeset.ts";
