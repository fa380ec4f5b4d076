/** The functions of formulas, as graphs. */

import { build, type Node, type Op, sizeOf } from "../../ir/index.ts";
import { fromNode, type Tensor } from "../../tensor/index.ts";

/** A function with the number of operands that it takes. */
export interface FormulaFunction {
  /** Fewest and most operands. */
  readonly operands: readonly [number, number];
  readonly build: (...operands: Node[]) => Node;
}

const elementwise = (op: Op): FormulaFunction => ({
  operands: [1, 1],
  build: (x) => build.unary(op as never, x),
});

const ofTensor = (f: (x: Tensor) => Tensor): FormulaFunction => ({
  operands: [1, 1],
  build: (x) => f(fromNode(x)).node,
});

const constant = (value: number): Node => build.scalar(value, "float64");

/** Of one vector, or of all operands. */
const overAll = (one: (x: Node) => Node, two: (a: Node, b: Node) => Node): FormulaFunction => ({
  operands: [1, Number.POSITIVE_INFINITY],
  build: (...x) => (x.length === 1 ? one(x[0]) : x.reduce(two)),
});

const axesOf = (x: Node) => x.shape.map((_, axis) => axis);

const sumOf = (x: Node) => build.reduceSum(x, axesOf(x));
const meanOf = (x: Node) =>
  x.shape.length === 0 ? x : build.div(sumOf(x), constant(sizeOf(x.shape)));

export const formulaFunctions: Readonly<Record<string, FormulaFunction>> = {
  abs: elementwise("abs"),
  cos: elementwise("cos"),
  dot: { operands: [2, 2], build: (a, b) => sumOf(build.mul(a, b)) },
  erf: elementwise("erf"),
  exp: elementwise("exp"),
  gelu: ofTensor((x) => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5)),
  leakyRelu: ofTensor((x) => x.gt(0).where(x, x.mul(0.01))),
  ln: elementwise("log"),
  log: elementwise("log"),
  log10: { operands: [1, 1], build: (x) => build.div(build.unary("log", x), constant(Math.LN10)) },
  log2: { operands: [1, 1], build: (x) => build.div(build.unary("log", x), constant(Math.LN2)) },
  max: overAll(
    (x) => (x.shape.length === 0 ? x : build.reduce("reduceMax", x, axesOf(x))),
    (a, b) => build.binary("max", a, b),
  ),
  mean: {
    operands: [1, Number.POSITIVE_INFINITY],
    build: (...x) =>
      x.length === 1 ? meanOf(x[0]) : build.div(x.reduce(build.add), constant(x.length)),
  },
  min: overAll(
    (x) => (x.shape.length === 0 ? x : build.reduce("reduceMin", x, axesOf(x))),
    (a, b) => build.binary("min", a, b),
  ),
  norm: { operands: [1, 1], build: (x) => build.unary("sqrt", sumOf(build.mul(x, x))) },
  relu: { operands: [1, 1], build: (x) => build.binary("max", x, constant(0)) },
  sigmoid: elementwise("sigmoid"),
  sign: elementwise("sign"),
  sin: elementwise("sin"),
  // Without the shift that keeps large numbers finite, so that the drawn graph is the formula's.
  softmax: {
    operands: [1, 1],
    build: (x) => {
      const powers = build.unary("exp", x);
      return build.div(powers, sumOf(powers));
    },
  },
  softplus: ofTensor((x) => x.exp().add(1).log()),
  sqrt: elementwise("sqrt"),
  sum: overAll(sumOf, (a, b) => build.add(a, b)),
  tan: { operands: [1, 1], build: (x) => build.div(build.unary("sin", x), build.unary("cos", x)) },
  tanh: elementwise("tanh"),
  variance: {
    operands: [1, 1],
    build: (x) => {
      const centered = build.sub(x, meanOf(x));
      return meanOf(build.mul(centered, centered));
    },
  },
};

/** Names that have a value of their own unless one is given. */
export const formulaConstants: Readonly<Record<string, number>> = {
  pi: Math.PI,
  π: Math.PI,
  e: Math.E,
};
