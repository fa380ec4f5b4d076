/** Expressions as closures over the present positions of indices, so that nested sums run fast enough. */

import { formatShape, type Shape, sizeOf, stridesOf } from "../../ir/index.ts";
import { InternalError, UsageError } from "../../util/index.ts";
import {
  multiply,
  type NumberArray,
  scalarValue,
  softmaxOfRows,
  transposed,
  type Values,
} from "./arrays.ts";
import { childrenOf, type Expression, type Index, keyOf, type MathFunction } from "./expression.ts";
import { comparisons, primitives } from "./primitives.ts";
import { shapeOf } from "./shapeOf.ts";

/** The present position of each bound index, and the argument of the function being applied. */
export interface Scope {
  readonly values: Values;
  readonly positions: Map<Index, number>;
  readonly argument: { readonly key: string; readonly value: NumberArray } | undefined;
}

type Scalar = () => number;

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
export function scalarOf(x: Expression, scope: Scope): Scalar {
  switch (x.type) {
    case "number":
      return () => x.value;
    case "index":
      return () => positionOf(x.index, scope);
    case "group": {
      const entries = x.entries.map((entry) => scalarOf(entry, scope));
      return () => entries.reduce((sum, entry, axis) => sum * x.sizes[axis] + entry(), 0);
    }
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
    case "minimum":
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

const reductions = {
  sum: { start: 0, combine: (a: number, b: number) => a + b },
  maximum: { start: Number.NEGATIVE_INFINITY, combine: Math.max },
  minimum: { start: Number.POSITIVE_INFINITY, combine: Math.min },
} as const;

function reductionOf(x: Expression & { type: keyof typeof reductions }, scope: Scope): Scalar {
  const body = scalarOf(x.of, scope);
  const holds = x.type === "minimum" && x.where ? scalarOf(x.where, scope) : undefined;
  const { start, combine } = reductions[x.type];
  const { positions } = scope;
  return () => {
    let result: number = start;
    const visit = (depth: number): void => {
      if (depth === x.over.length) {
        if (holds === undefined || holds() !== 0) result = combine(result, body());
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
  return x.type === "index" || childrenOf(x).some(hasIndices);
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
export function arrayOf(x: Expression, scope: Scope): () => NumberArray {
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
