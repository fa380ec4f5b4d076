/** The functions and comparisons that the evaluator knows, with the names by which they are typeset. */

import { erf } from "../../util/index.ts";
import type { Comparison, Primitive } from "./expression.ts";

interface PrimitiveEntry {
  readonly evaluate: (...x: number[]) => number;
  /** The command of LaTeX; functions without one are set upright. */
  readonly latex?: string;
}

function roundHalfToEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

export const primitives: Readonly<Record<Primitive, PrimitiveEntry>> = {
  exp: { evaluate: Math.exp, latex: "\\exp" },
  ln: { evaluate: Math.log, latex: "\\ln" },
  sin: { evaluate: Math.sin, latex: "\\sin" },
  cos: { evaluate: Math.cos, latex: "\\cos" },
  tan: { evaluate: Math.tan, latex: "\\tan" },
  sinh: { evaluate: Math.sinh, latex: "\\sinh" },
  cosh: { evaluate: Math.cosh, latex: "\\cosh" },
  tanh: { evaluate: Math.tanh, latex: "\\tanh" },
  arctan: { evaluate: Math.atan, latex: "\\arctan" },
  sqrt: { evaluate: Math.sqrt },
  abs: { evaluate: Math.abs },
  sign: { evaluate: Math.sign },
  erf: { evaluate: erf },
  floor: { evaluate: Math.floor },
  ceil: { evaluate: Math.ceil },
  round: { evaluate: roundHalfToEven },
  max: { evaluate: Math.max, latex: "\\max" },
  min: { evaluate: Math.min, latex: "\\min" },
};

export const comparisons: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  "=": (a, b) => a === b,
  "≠": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "≤": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "≥": (a, b) => a >= b,
};
