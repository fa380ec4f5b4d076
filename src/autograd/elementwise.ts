/** Gradients of the elementwise ops; y stands for the result, g for ∂L/∂y. */

import { build, isFloat, type Node, type OpOf } from "../ir/index.ts";
import {
  discrete,
  type GradientRule,
  type GradientRules,
  leaf,
  piecewiseConstant,
  stopped,
} from "./rules.ts";

const { add, div, fullLike, mul, select, sub, unary, binary } = build;

const zeroWhere = (condition: Node, g: Node) => select(condition, fullLike(0, g), g);
const plusOne = (x: Node) => add(x, fullLike(1, x));
const oneMinus = (x: Node) => sub(fullLike(1, x), x);

/** The operand that wins takes g; equal operands take half each; NaN passes g to both. */
const extremum =
  (loses: "lt" | "gt"): GradientRule<"max" | "min"> =>
  ({ inputs: [a, b] }, g) => {
    const shared = select(binary("eq", a, b), mul(g, fullLike(0.5, g)), g);
    return [zeroWhere(binary(loses, a, b), shared), zeroWhere(binary(loses, b, a), shared)];
  };

export const elementwiseGradients: GradientRules<OpOf<"elementwise">> = {
  neg: (_, g) => [unary("neg", g)],
  /** 0 at 0. */
  abs: ({ inputs: [x] }, g) => [mul(g, unary("sign", x))],
  sign: piecewiseConstant,
  exp: (y, g) => [mul(g, y)],
  expm1: (y, g) => [mul(g, plusOne(y))],
  log: ({ inputs: [x] }, g) => [div(g, x)],
  log1p: ({ inputs: [x] }, g) => [div(g, plusOne(x))],
  sqrt: (y, g) => [div(g, mul(fullLike(2, y), y))],
  sin: ({ inputs: [x] }, g) => [mul(g, unary("cos", x))],
  cos: ({ inputs: [x] }, g) => [unary("neg", mul(g, unary("sin", x)))],
  tanh: (y, g) => [mul(g, oneMinus(mul(y, y)))],
  sigmoid: (y, g) => [mul(g, mul(y, oneMinus(y)))],
  /** 2/√π · exp(−x²) */
  erf: ({ inputs: [x] }, g) => [
    mul(g, mul(fullLike(2 / Math.sqrt(Math.PI), x), unary("exp", unary("neg", mul(x, x))))),
  ],
  floor: piecewiseConstant,
  ceil: piecewiseConstant,
  round: piecewiseConstant,
  not: discrete,
  cast: ({ inputs: [x], dtype }, g) =>
    isFloat(x.dtype) && isFloat(dtype) ? [build.cast(g, x.dtype)] : [],
  stopGradient: stopped,
  add: (_, g) => [g, g],
  sub: (_, g) => [g, unary("neg", g)],
  mul: ({ inputs: [a, b] }, g) => [mul(g, b), mul(g, a)],
  /** ∂(a/b)/∂b = −(a/b)/b */
  div: (y, g) => {
    const b = y.inputs[1];
    const ga = div(g, b);
    return [ga, unary("neg", mul(ga, y))];
  },
  /** ∂aᵇ/∂a = b aᵇ⁻¹, ∂aᵇ/∂b = aᵇ ln a. The guards keep 0 · ∞ out of this and all higher
   * derivatives: 0⁻¹ where a = b = 0, and ln 0 where a = 0 (there ∂aᵇ/∂b is 0, as in PyTorch). */
  pow: (y, g) => {
    const [a, b] = y.inputs;
    const baseIsZero = binary("eq", a, fullLike(0, a));
    const bothAreZero = binary("and", baseIsZero, binary("eq", b, fullLike(0, b)));
    const one = fullLike(1, a);
    const lowered = binary("pow", a, sub(select(bothAreZero, one, b), one));
    const logarithm = unary("log", select(baseIsZero, one, a));
    return [mul(g, mul(b, lowered)), mul(g, mul(y, logarithm))];
  },
  max: extremum("lt"),
  min: extremum("gt"),
  eq: discrete,
  ne: discrete,
  lt: discrete,
  le: discrete,
  gt: discrete,
  ge: discrete,
  and: discrete,
  or: discrete,
  select: ({ inputs: [condition] }, g) => {
    const zero = fullLike(0, g);
    return [undefined, select(condition, g, zero), select(condition, zero, g)];
  },
};

export const leafGradients: GradientRules<OpOf<"leaf">> = {
  input: leaf,
  constant: leaf,
  iota: leaf,
  random: leaf,
};
