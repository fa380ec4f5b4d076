/** The meaning of the elementwise ops.
 *
 * Arithmetic is in double precision and rounds once, by storing into the array of the result's
 * dtype. Storing a number into an Int32Array keeps its low 32 bits, so that int32 wraps around.
 */

import {
  allocate,
  type DType,
  isFloat,
  type Node,
  type OpOf,
  type TensorData,
} from "../../ir/index.ts";
import { erf } from "../../util/index.ts";
import type { ReferenceRules } from "./rules.ts";

const unary =
  (compute: (x: number) => number) =>
  (node: Node, [x]: readonly TensorData[]): TensorData => {
    const result = allocate(node.dtype, x.length);
    for (let i = 0; i < x.length; i++) result[i] = compute(x[i]);
    return result;
  };

const binary =
  (compute: (a: number, b: number) => number) =>
  (node: Node, [a, b]: readonly TensorData[]): TensorData => {
    const result = allocate(node.dtype, a.length);
    for (let i = 0; i < a.length; i++) result[i] = compute(a[i], b[i]);
    return result;
  };

const compare = (holds: (a: number, b: number) => boolean) =>
  binary((a, b) => (holds(a, b) ? 1 : 0));

/** Nearest integer, halves to even; keeps −0, infinities and NaN. */
function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  const above = x - below;
  if (above < 0.5) return below === 0 && Object.is(Math.sign(x), -0) ? -0 : below;
  if (above > 0.5 || below % 2 !== 0) return Math.ceil(x);
  return Number.isNaN(above) ? x : below;
}

/** 1 / (1 + exp(−x)) without the loss of digits that 1 + exp(−x) brings for negative x. */
function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function convert(from: DType, to: DType): (x: number) => number {
  if (to === "bool") return (x) => (x !== 0 ? 1 : 0);
  if (to === "int32" && isFloat(from)) {
    // NaN passes through and is stored as 0.
    return (x) => Math.trunc(Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x)));
  }
  return (x) => x;
}

const product = binary((a, b) => a * b);
const wrappedProduct = binary(Math.imul);

export const elementwiseRules: ReferenceRules<OpOf<"elementwise">> = {
  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  expm1: unary(Math.expm1),
  log: unary(Math.log),
  log1p: unary(Math.log1p),
  sqrt: unary(Math.sqrt),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tanh: unary(Math.tanh),
  sigmoid: unary(sigmoid),
  erf: unary(erf),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary(roundHalfToEven),
  not: unary((x) => 1 - x),
  cast: (node, inputs) => unary(convert(node.inputs[0].dtype, node.attributes.dtype))(node, inputs),
  stopGradient: (_, [x]) => x,
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: (node, inputs) => (node.dtype === "int32" ? wrappedProduct : product)(node, inputs),
  div: binary((a, b) => a / b),
  pow: binary(Math.pow),
  max: binary(Math.max),
  min: binary(Math.min),
  eq: compare((a, b) => a === b),
  ne: compare((a, b) => a !== b),
  lt: compare((a, b) => a < b),
  le: compare((a, b) => a <= b),
  gt: compare((a, b) => a > b),
  ge: compare((a, b) => a >= b),
  and: binary((a, b) => a & b),
  or: binary((a, b) => a | b),
  select: (node, [condition, a, b]) => {
    const result = allocate(node.dtype, a.length);
    for (let i = 0; i < a.length; i++) result[i] = condition[i] ? a[i] : b[i];
    return result;
  },
};
