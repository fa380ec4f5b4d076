export { type NumberArray, scalarValue, type Values } from "./arrays.ts";
export { evaluateEquation, evaluateEquations, evaluateExpression } from "./evaluate.ts";
export * from "./expression.ts";
export { type Format, inLanguage } from "./format.ts";
export { escapeLatex, latex } from "./latex.ts";
export { mathElement, mathml } from "./mathml.ts";
export { shapeOf } from "./shapeOf.ts";
export { plainText } from "./text.ts";
export { typeset, typesetEquation } from "./typeset.ts";
