/** Builds the tree of structured mathematics: sums and products flat, without what changes nothing. */

import type { Shape } from "../../ir/index.ts";
import {
  type Comparison,
  type Equation,
  type Expression,
  type Index,
  isNumber,
  type MathFunction,
  type MathSymbol,
  type Primitive,
} from "./expression.ts";

const asExpression = (x: Expression | number): Expression =>
  typeof x === "number" ? { type: "number", value: x } : x;

export const number = (value: number): Expression => ({ type: "number", value });
export const symbol = (s: MathSymbol): Expression & { type: "symbol" } => ({
  type: "symbol",
  symbol: s,
});
export const partial = (top: MathSymbol, bottom: MathSymbol): Expression & { type: "partial" } => ({
  type: "partial",
  top,
  bottom,
});
export const position = (index: Index): Expression => ({ type: "index", index });

/** The sum, flat, without zeros. */
export function add(...terms: readonly (Expression | number)[]): Expression {
  const flat = terms
    .map(asExpression)
    .flatMap((term) => (term.type === "add" ? term.terms : [term]))
    .filter((term) => !isNumber(term, 0));
  if (flat.length === 0) return number(0);
  return flat.length === 1 ? flat[0] : { type: "add", terms: flat };
}

export function negative(x: Expression | number): Expression {
  const of = asExpression(x);
  if (of.type === "number") return number(of.value === 0 ? 0 : -of.value);
  return of.type === "negative" ? of.of : { type: "negative", of };
}

export const subtract = (a: Expression | number, b: Expression | number): Expression =>
  add(a, negative(b));

/** The product, flat, without ones; zero if a factor is. */
export function times(...factors: readonly (Expression | number)[]): Expression {
  let sign = 1;
  const flat: Expression[] = [];
  const visit = (factor: Expression) => {
    if (factor.type === "negative") {
      sign = -sign;
      visit(factor.of);
    } else if (factor.type === "times") factor.factors.forEach(visit);
    else if (factor.type === "number" && factor.value < 0) {
      sign = -sign;
      visit(number(-factor.value));
    } else if (!isNumber(factor, 1)) flat.push(factor);
  };
  factors.map(asExpression).forEach(visit);
  if (flat.some((factor) => isNumber(factor, 0))) return number(0);
  const product: Expression =
    flat.length === 0 ? number(1) : flat.length === 1 ? flat[0] : { type: "times", factors: flat };
  return sign < 0 ? negative(product) : product;
}

export function hadamard(...factors: readonly Expression[]): Expression {
  const flat = factors.flatMap((factor) =>
    factor.type === "hadamard" ? factor.factors : [factor],
  );
  return flat.length === 1 ? flat[0] : { type: "hadamard", factors: flat };
}

export function matmul(...factors: readonly Expression[]): Expression {
  const flat = factors.flatMap((factor) => (factor.type === "matmul" ? factor.factors : [factor]));
  return flat.length === 1 ? flat[0] : { type: "matmul", factors: flat };
}

export const transpose = (of: Expression): Expression =>
  of.type === "transpose" ? of.of : { type: "transpose", of };

export function fraction(top: Expression | number, bottom: Expression | number): Expression {
  const [a, b] = [asExpression(top), asExpression(bottom)];
  if (isNumber(b, 1)) return a;
  if (a.type === "negative") return negative({ type: "fraction", top: a.of, bottom: b });
  return { type: "fraction", top: a, bottom: b };
}

export function power(base: Expression, exponent: Expression | number): Expression {
  const e = asExpression(exponent);
  return isNumber(e, 1) ? base : { type: "power", base, exponent: e };
}

export const primitive = (
  name: Primitive,
  ...operands: readonly (Expression | number)[]
): Expression => ({ type: "primitive", name, arguments: operands.map(asExpression) });

export const apply = (f: MathFunction, to: Expression): Expression => ({
  type: "apply",
  function: f,
  order: 0,
  to,
});
export const applyDerivative = (f: MathFunction, to: Expression): Expression => ({
  type: "apply",
  function: f,
  order: 1,
  to,
});
export const softmax = (of: Expression): Expression => ({ type: "softmax", of });

export function sum(over: readonly Index[], of: Expression): Expression {
  return over.length === 0 ? of : { type: "sum", over, of };
}

export const maximum = (over: readonly Index[], of: Expression): Expression => ({
  type: "maximum",
  over,
  of,
});

export const minimum = (
  over: readonly Index[],
  of: Expression,
  where?: Expression,
): Expression => ({ type: "minimum", over, of, ...(where && { where }) });

/** of_{indices}; indices of indices join. */
export function at(
  of: Expression | MathSymbol,
  indices: readonly (Expression | Index)[],
  outside?: number,
): Expression {
  const base = "key" in of ? symbol(of) : of;
  const list = indices.map((index) => ("type" in index ? index : position(index)));
  if (list.length === 0) return base;
  if (base.type === "at" && outside === undefined && base.outside === undefined) {
    return { type: "at", of: base.of, indices: [...base.indices, ...list] };
  }
  return { type: "at", of: base, indices: list, ...(outside !== undefined && { outside }) };
}

export const group = (...indices: readonly Index[]): Expression =>
  grouped(
    indices.map(position),
    indices.map(({ size }) => size),
  );

/** Positions on axes of these sizes as one; a single one is itself. */
export const grouped = (entries: readonly Expression[], sizes: readonly number[]): Expression =>
  entries.length === 1 ? entries[0] : { type: "group", entries, sizes };

export const compare = (
  left: Expression | number,
  operator: Comparison,
  right: Expression | number,
): Expression => ({
  type: "compare",
  operator,
  left: asExpression(left),
  right: asExpression(right),
});

export const and = (...conditions: readonly Expression[]): Expression =>
  conditions.length === 1 ? conditions[0] : { type: "and", conditions };

export const bracket = (condition: Expression): Expression => ({ type: "bracket", condition });

/** [i = j]; 1 where both have one position only. */
export const kronecker = (i: Index, j: Index): Expression =>
  i.size === 1 && j.size === 1 ? number(1) : bracket(compare(position(i), "=", position(j)));

export const cases = (
  branches: readonly { readonly value: Expression; readonly condition: Expression }[],
  otherwise: Expression | number,
): Expression => ({ type: "cases", branches, otherwise: asExpression(otherwise) });

export const ones = (size: number): Expression => ({ type: "ones", size });
export const diagonal = (of: Expression): Expression => ({ type: "diagonal", of });
export const reshape = (of: Expression, shape: Shape): Expression => ({
  type: "reshape",
  of,
  shape,
});
export const squaredNorm = (of: Expression): Expression => ({ type: "squaredNorm", of });

/** left = right for all values of `indices`, which the left side carries. */
export function equation(
  left: MathSymbol | (Expression & { type: "symbol" | "partial" }),
  indices: readonly Index[],
  right: Expression,
  options: Pick<Equation, "recursion" | "isGeneral"> = {},
): Equation {
  const base = "key" in left ? symbol(left) : left;
  return { left: at(base, indices) as Equation["left"], indices, right, ...options };
}
