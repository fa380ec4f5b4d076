/** Evaluates mathematics from nothing but the tree and the values of its symbols, in float64.
 *
 * It knows neither graphs nor automatic differentiation: that its numbers equal those of reverse mode
 * proves the printed equations. Element formulas become closures over the present values of indices,
 * so that the nested sums of a convolution run fast enough. */

import { formatShape, type Shape, sizeOf, stridesOf } from "../../ir/index.ts";
import { InternalError, UsageError } from "../../util/index.ts";
import {
  childrenOf,
  type Equation,
  type Expression,
  type Index,
  keyOf,
  type MathFunction,
  type Recursion,
  targetOf,
} from "./expression.ts";
import { comparisons, primitives } from "./primitives.ts";
import { shapeOf } from "./shapeOf.ts";

/** An array in row-major order. */
export interface NumberArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Values by the keys of symbols and derivatives. */
export type Values = Map<string, NumberArray>;

export const scalarValue = (value: number): NumberArray => ({
  shape: [],
  data: Float64Array.of(value),
});

/** The present position of each bound index, and the argument of the function being applied. */
interface Scope {
  readonly values: Values;
  readonly positions: Map<Index, number>;
  readonly argument: { readonly key: string; readonly value: NumberArray } | undefined;
}

type Scalar = () => number;

/** The value of an expression. @throws UsageError when a symbol has no value. */
export function evaluateExpression(x: Expression, values: Values): NumberArray {
  return arrayOf(x, { values, positions: new Map(), argument: undefined })();
}

/** Computes the right sides for all indices and stores them under the left sides' keys, in order;
 * equations of one recursion go step by step together. */
export function evaluateEquations(lines: readonly Equation[], values: Values): void {
  for (let i = 0; i < lines.length; i++) {
    const { recursion } = lines[i];
    if (recursion === undefined) {
      evaluateEquation(lines[i], values);
      continue;
    }
    let end = i + 1;
    while (end < lines.length && lines[end].recursion === recursion) end++;
    evaluateRecursion(lines.slice(i, end), recursion, values);
    i = end - 1;
  }
}

/** Computes the right side for all indices and stores it under the left side's key. */
export function evaluateEquation(line: Equation, values: Values): NumberArray {
  const target = targetOf(line);
  if (line.recursion !== undefined) {
    evaluateRecursion([line], line.recursion, values);
    return values.get(keyOf(target))!;
  }
  if (line.indices.length === 0) {
    const value = evaluateExpression(line.right, values);
    expectShape(keyOf(target), shapeOf(target), value.shape);
    values.set(keyOf(target), value);
    return value;
  }
  const result = emptyResult(target);
  fill(line, result, { values, positions: new Map(), argument: undefined }, new Set())();
  values.set(keyOf(target), result);
  return result;
}

function expectShape(key: string, expected: Shape, actual: Shape): void {
  if (actual.join() === expected.join()) return;
  throw new InternalError(
    `mathematics: ${key} has shape ${formatShape(expected)}, its equation gives ` +
      `${formatShape(actual)}.`,
  );
}

function emptyResult(target: Expression): NumberArray {
  const shape = shapeOf(target);
  return { shape, data: new Float64Array(sizeOf(shape)) };
}

function evaluateRecursion(
  lines: readonly Equation[],
  { over, isDescending }: Recursion,
  values: Values,
): void {
  const scope: Scope = { values, positions: new Map(), argument: undefined };
  // What has not been computed yet counts as 0: the state before the first step, the error after the last.
  const steps = lines.map((line) => {
    const target = targetOf(line);
    const result = emptyResult(target);
    values.set(keyOf(target), result);
    return fill(line, result, scope, new Set([over]));
  });
  for (let step = 0; step < over.size; step++) {
    scope.positions.set(over, isDescending ? over.size - 1 - step : step);
    for (const compute of steps) compute();
  }
}

/** Fills the result for all positions of the indices that are not fixed from outside. */
function fill(
  line: Equation,
  result: NumberArray,
  scope: Scope,
  fixed: ReadonlySet<Index>,
): () => void {
  const { indices, right } = line;
  const shape = shapeOf(right);
  const size = sizeOf(shape);
  const count = indices.reduce((product, index) => product * index.size, 1);
  if (count * size !== result.data.length) {
    throw new InternalError(
      `mathematics: an equation of ${count} elements of shape ${formatShape(shape)} does not fill ` +
        `${formatShape(result.shape)}.`,
    );
  }
  const element = shape.length === 0 ? scalarOf(right, scope) : undefined;
  const part = element ? undefined : arrayOf(right, scope);
  const visit = (depth: number, offset: number): void => {
    if (depth === indices.length) {
      if (element) result.data[offset] = element();
      else result.data.set(part!().data, offset * size);
      return;
    }
    const index = indices[depth];
    const base = offset * index.size;
    if (fixed.has(index)) {
      visit(depth + 1, base + scope.positions.get(index)!);
      return;
    }
    for (let i = 0; i < index.size; i++) {
      scope.positions.set(index, i);
      visit(depth + 1, base + i);
    }
  };
  return () => visit(0, 0);
}

/** Symbols that always have the same value. */
const constants: ReadonlyMap<string, NumberArray> = new Map([["π", scalarValue(Math.PI)]]);

function lookUp(x: Expression & { type: "symbol" | "partial" }, scope: Scope): NumberArray {
  const key = keyOf(x);
  if (scope.argument?.key === key) return scope.argument.value;
  const value = scope.values.get(key) ?? constants.get(key);
  if (value === undefined) {
    throw new UsageError(`mathematics: ${key} has no value; give it one before evaluating.`);
  }
  return value;
}

function positionOf(index: Index, scope: Scope): number {
  if (index.fixed !== undefined) return index.fixed;
  const value = scope.positions.get(index);
  if (value === undefined) throw new InternalError(`mathematics: index ${index.name} is free.`);
  return value;
}

/** A closure for an expression of shape []. */
function scalarOf(x: Expression, scope: Scope): Scalar {
  switch (x.type) {
    case "number":
      return () => x.value;
    case "index":
      return () => positionOf(x.index, scope);
    case "group":
      return () => x.indices.reduce((sum, i) => sum * i.size + positionOf(i, scope), 0);
    case "symbol":
    case "partial":
      return () => lookUp(x, scope).data[0];
    case "add": {
      const terms = x.terms.map((term) => scalarOf(term, scope));
      return () => {
        let sum = 0;
        for (const term of terms) sum += term();
        return sum;
      };
    }
    case "negative": {
      const of = scalarOf(x.of, scope);
      return () => -of();
    }
    case "times":
    case "hadamard": {
      const factors = x.factors.map((factor) => scalarOf(factor, scope));
      return () => {
        let product = 1;
        for (const factor of factors) {
          product *= factor();
          // [i = j] · … : what the bracket rules out may have no value.
          if (product === 0) return 0;
        }
        return product;
      };
    }
    case "fraction": {
      const [top, bottom] = [scalarOf(x.top, scope), scalarOf(x.bottom, scope)];
      return () => top() / bottom();
    }
    case "power": {
      const [base, exponent] = [scalarOf(x.base, scope), scalarOf(x.exponent, scope)];
      return () => base() ** exponent();
    }
    case "primitive": {
      const operands = x.arguments.map((operand) => scalarOf(operand, scope));
      const compute = primitives[x.name].evaluate;
      return () => compute(...operands.map((operand) => operand()));
    }
    case "apply": {
      const to = scalarOf(x.to, scope);
      const f = functionOf(x.function, x.order, scope.values);
      return () => f(to());
    }
    case "sum":
    case "maximum":
      return reductionOf(x, scope);
    case "at":
      return elementOf(x, scope);
    case "cases": {
      const branches = x.branches.map(({ value, condition }) => ({
        value: scalarOf(value, scope),
        condition: scalarOf(condition, scope),
      }));
      const otherwise = scalarOf(x.otherwise, scope);
      return () => {
        for (const { value, condition } of branches) if (condition() !== 0) return value();
        return otherwise();
      };
    }
    case "bracket":
      return scalarOf(x.condition, scope);
    case "compare": {
      const [left, right] = [scalarOf(x.left, scope), scalarOf(x.right, scope)];
      const holds = comparisons[x.operator];
      return () => (holds(left(), right()) ? 1 : 0);
    }
    case "and": {
      const conditions = x.conditions.map((condition) => scalarOf(condition, scope));
      return () => (conditions.every((condition) => condition() !== 0) ? 1 : 0);
    }
    case "squaredNorm": {
      const of = arrayOf(x.of, scope);
      return () => of().data.reduce((sum, value) => sum + value * value, 0);
    }
    case "matmul":
    case "transpose":
    case "softmax":
    case "ones":
    case "diagonal":
      throw new InternalError(`mathematics: ${x.type} is no number.`);
    case "reshape": {
      const array = arrayOf(x.of, scope);
      return () => array().data[0];
    }
  }
}

/** f or f′ as a function of one number. */
function functionOf(f: MathFunction, order: 0 | 1, values: Values): (x: number) => number {
  const argument = { key: f.argument.key, value: scalarValue(0) };
  const scope: Scope = { values, positions: new Map(), argument };
  const body = scalarOf(order === 0 ? f.value : f.derivative, scope);
  return (x) => {
    argument.value.data[0] = x;
    return body();
  };
}

function reductionOf(x: Expression & { type: "sum" | "maximum" }, scope: Scope): Scalar {
  const body = scalarOf(x.of, scope);
  const isSum = x.type === "sum";
  const { positions } = scope;
  return () => {
    let result = isSum ? 0 : Number.NEGATIVE_INFINITY;
    const visit = (depth: number): void => {
      if (depth === x.over.length) {
        const value = body();
        result = isSum ? result + value : Math.max(result, value);
        return;
      }
      const index = x.over[depth];
      for (let i = 0; i < index.size; i++) {
        positions.set(index, i);
        visit(depth + 1);
      }
    };
    visit(0);
    return result;
  };
}

/** Whether a value may depend on the indices around it. */
function hasIndices(x: Expression): boolean {
  return x.type === "index" || x.type === "group" || childrenOf(x).some(hasIndices);
}

function elementOf(x: Expression & { type: "at" }, scope: Scope): Scalar {
  const shape = shapeOf(x.of);
  const strides = stridesOf(shape);
  const indices = x.indices.map((index) => scalarOf(index, scope));
  const isStored = x.of.type === "symbol" || x.of.type === "partial";
  const compute = isStored ? undefined : arrayOf(x.of, scope);
  let kept: NumberArray | undefined;
  const keep = compute !== undefined && !hasIndices(x.of);
  const source = (): NumberArray => {
    if (compute === undefined) {
      return lookUp(x.of as Expression & { type: "symbol" | "partial" }, scope);
    }
    if (!keep) return compute();
    kept ??= compute();
    return kept;
  };
  return () => {
    let offset = 0;
    for (let axis = 0; axis < indices.length; axis++) {
      const i = indices[axis]();
      if (!(i >= 0 && i < shape[axis] && Number.isInteger(i))) return outside(x, shape, axis, i);
      offset += i * strides[axis];
    }
    return source().data[offset];
  };
}

function outside(x: Expression & { type: "at" }, shape: Shape, axis: number, i: number): number {
  if (x.outside !== undefined) return x.outside;
  throw new InternalError(
    `mathematics: position ${i} of axis ${axis} is outside of shape ${formatShape(shape)}.`,
  );
}

/** A closure for an expression of any shape. */
function arrayOf(x: Expression, scope: Scope): () => NumberArray {
  const shape = shapeOf(x);
  if (shape.length === 0 && x.type !== "symbol" && x.type !== "partial") {
    const scalar = scalarOf(x, scope);
    return () => scalarValue(scalar());
  }
  switch (x.type) {
    case "symbol":
    case "partial":
      return () => {
        const value = lookUp(x, scope);
        if (value.shape.join() !== shape.join()) {
          throw new UsageError(
            `mathematics: ${keyOf(x)} needs shape ${formatShape(shape)}, its value has ` +
              `${formatShape(value.shape)}.`,
          );
        }
        return value;
      };
    case "add":
      return elementwise(shape, x.terms, scope, (...terms) => terms.reduce((a, b) => a + b, 0));
    case "negative":
      return elementwise(shape, [x.of], scope, (value) => -value);
    case "times":
    case "hadamard":
      return elementwise(shape, x.factors, scope, (...factors) => factors.reduce((a, b) => a * b));
    case "fraction":
      return elementwise(shape, [x.top, x.bottom], scope, (top, bottom) => top / bottom);
    case "power":
      return elementwise(shape, [x.base, x.exponent], scope, (base, e) => base ** e);
    case "primitive":
      return elementwise(shape, x.arguments, scope, primitives[x.name].evaluate);
    case "apply":
      return elementwise(shape, [x.to], scope, functionOf(x.function, x.order, scope.values));
    case "matmul":
      return productOf(x.factors, scope);
    case "transpose": {
      const of = arrayOf(x.of, scope);
      return () => transposed(of());
    }
    case "softmax": {
      const of = arrayOf(x.of, scope);
      return () => softmaxOfRows(of());
    }
    case "at": {
      const of = arrayOf(x.of, scope);
      const indices = x.indices.map((index) => scalarOf(index, scope));
      const size = sizeOf(shape);
      return () => {
        const source = of();
        let offset = 0;
        for (let axis = 0; axis < indices.length; axis++) {
          const i = indices[axis]();
          if (!(i >= 0 && i < source.shape[axis])) {
            const fill = outside(x, source.shape, axis, i);
            return { shape, data: new Float64Array(size).fill(fill) };
          }
          offset = offset * source.shape[axis] + i;
        }
        return { shape, data: source.data.slice(offset * size, (offset + 1) * size) };
      };
    }
    case "sum":
    case "maximum":
      return arraySum(x, shape, scope);
    case "ones":
      return () => ({ shape, data: new Float64Array(x.size).fill(1) });
    case "diagonal": {
      const of = arrayOf(x.of, scope);
      return () => {
        const data = new Float64Array(sizeOf(shape));
        of().data.forEach((value, i) => {
          data[i * (shape[0] + 1)] = value;
        });
        return { shape, data };
      };
    }
    case "reshape": {
      const of = arrayOf(x.of, scope);
      return () => ({ shape, data: of().data });
    }
    default:
      throw new InternalError(`mathematics: ${x.type} has no array value.`);
  }
}

function elementwise(
  shape: Shape,
  operands: readonly Expression[],
  scope: Scope,
  compute: (...values: number[]) => number,
): () => NumberArray {
  const arrays = operands.map((operand) => arrayOf(operand, scope));
  return () => {
    const inputs = arrays.map((array) => array());
    const data = new Float64Array(sizeOf(shape));
    for (let i = 0; i < data.length; i++) {
      data[i] = compute(...inputs.map((input) => input.data[input.shape.length === 0 ? 0 : i]));
    }
    return { shape, data };
  };
}

function arraySum(
  x: Expression & { type: "sum" | "maximum" },
  shape: Shape,
  scope: Scope,
): () => NumberArray {
  const body = arrayOf(x.of, scope);
  return () => {
    const data = new Float64Array(sizeOf(shape));
    const visit = (depth: number): void => {
      if (depth === x.over.length) {
        body().data.forEach((value, i) => {
          data[i] += value;
        });
        return;
      }
      for (let i = 0; i < x.over[depth].size; i++) {
        scope.positions.set(x.over[depth], i);
        visit(depth + 1);
      }
    };
    visit(0);
    return { shape, data };
  };
}

function productOf(factors: readonly Expression[], scope: Scope): () => NumberArray {
  const arrays = factors.map((factor) => arrayOf(factor, scope));
  return () => arrays.map((array) => array()).reduce(multiply);
}

function multiply(a: NumberArray, b: NumberArray): NumberArray {
  const [m, k] = a.shape.length === 1 ? [a.shape[0], 1] : a.shape;
  const n = b.shape.length === 1 ? 1 : b.shape[1];
  const data = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const left = a.data[i * k + p];
      for (let j = 0; j < n; j++) data[i * n + j] += left * b.data[p * n + j];
    }
  }
  return { shape: b.shape.length === 1 ? [m] : [m, n], data };
}

function transposed({ shape, data }: NumberArray): NumberArray {
  if (shape.length === 1) return { shape: [1, shape[0]], data };
  const [rows, columns] = shape;
  const result = new Float64Array(data.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = data[i * columns + j];
  }
  return { shape: [columns, rows], data: result };
}

function softmaxOfRows({ shape, data }: NumberArray): NumberArray {
  const width = shape[shape.length - 1];
  const result = new Float64Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const largest = Math.max(...row);
    const powers = row.map((value) => Math.exp(value - largest));
    const total = powers.reduce((sum, value) => sum + value, 0);
    result.set(
      powers.map((value) => value / total),
      start,
    );
  }
  return { shape, data: result };
}
