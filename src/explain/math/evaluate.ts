/** Evaluates mathematics from nothing but the tree and the values of its symbols, in float64.
 *
 * It knows neither graphs nor automatic differentiation: that its numbers equal those of reverse mode
 * proves the printed equations. */

import { formatShape, type Shape, sizeOf } from "../../ir/index.ts";
import { InternalError } from "../../util/index.ts";
import type { NumberArray, Values } from "./arrays.ts";
import { arrayOf, type Scope, scalarOf } from "./closures.ts";
import {
  type Equation,
  type Expression,
  type Index,
  keyOf,
  type Recursion,
  targetOf,
} from "./expression.ts";
import { shapeOf } from "./shapeOf.ts";

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
