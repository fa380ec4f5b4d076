/** Reductions and what is composed of them; `axes` undefined means all axes. */

import {
  build,
  isFloat,
  makeNode,
  type Node,
  normalizeAxes,
  normalizeAxis,
  type Shape,
  sizeOf,
} from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";

const { add, div, fullLike, keptShape, mul, reshape, scalar, sub, unary } = build;

/** One axis, several, or (undefined) all of them; negative axes count from the back. */
export type Axes = number | readonly number[] | undefined;

/** Integers and bools become what sums of them are made in. */
function summable(x: Node): Node {
  return x.dtype === "bool" ? build.cast(x, "int32") : x;
}

/** Integers and bools become float32, where a fraction is to be expected. */
function asFloat(x: Node): Node {
  return isFloat(x.dtype) ? x : build.cast(x, "float32");
}

export function sum(x: Node, axes?: Axes, keepDims = false): Node {
  return build.reduceSum(summable(x), normalizeAxes(axes, x.shape.length, "sum"), keepDims);
}

/** How many elements each result of a reduction covers. */
function countOf(shape: Shape, axes: readonly number[]): number {
  return sizeOf(axes.map((axis) => shape[axis]));
}

export function mean(x: Node, axes?: Axes, keepDims = false): Node {
  const reduced = normalizeAxes(axes, x.shape.length, "mean");
  const total = build.reduceSum(asFloat(x), reduced, keepDims);
  return div(total, scalar(countOf(x.shape, reduced), total.dtype));
}

/** Σ (x − mean)² / (n − correction) */
export function variance(x: Node, axes?: Axes, correction = 0, keepDims = false): Node {
  const reduced = normalizeAxes(axes, x.shape.length, "variance");
  const deviation = sub(asFloat(x), mean(x, reduced, true));
  const total = build.reduceSum(mul(deviation, deviation), reduced, keepDims);
  return div(total, scalar(countOf(x.shape, reduced) - correction, total.dtype));
}

export interface ExtremumOptions {
  readonly keepDims?: boolean;
  /** Whether equal extreme elements share the gradient equally, or the first of them takes it. */
  readonly ties?: "share" | "first";
}

export function extremum(
  op: "reduceMax" | "reduceMin",
  x: Node,
  axes?: Axes,
  { keepDims = false, ties = "share" }: ExtremumOptions = {},
): Node {
  const where = op === "reduceMax" ? "max" : "min";
  const reduced = normalizeAxes(axes, x.shape.length, where);
  if (ties === "share") return build.reduce(op, summable(x), reduced, keepDims);
  const first = build.firstExtremum(op, summable(x), reduced);
  return keepDims ? reshape(first, keptShape(x.shape, reduced)) : first;
}

/** Multiplies neighbours until one element is left, so that the gradient is right at zeros too. */
export function product(x: Node, axes?: Axes, keepDims = false): Node {
  const reduced = normalizeAxes(axes, x.shape.length, "prod");
  let result = summable(x);
  for (const axis of reduced) {
    if (result.shape[axis] === 0) result = padAxis(result, axis, 0, 1, 1);
    while (result.shape[axis] > 1) {
      const even = padAxis(result, axis, 0, result.shape[axis] % 2, 1);
      result = mul(everySecond(even, axis, 0), everySecond(even, axis, 1));
    }
  }
  return keepDims ? result : reshape(result, withoutAxes(x.shape, reduced));
}

function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  return shape.filter((_, axis) => !axes.includes(axis));
}

function everySecond(x: Node, axis: number, first: number): Node {
  const start = x.shape.map((_, i) => (i === axis ? first : 0));
  const size = x.shape.with(axis, x.shape[axis] / 2);
  return makeNode("slice", [x], { start, size, step: x.shape.map((_, i) => (i === axis ? 2 : 1)) });
}

function padAxis(x: Node, axis: number, low: number, high: number, value: number): Node {
  const zeros = x.shape.map(() => 0);
  const amounts = { low: zeros.with(axis, low), high: zeros.with(axis, high), interior: zeros };
  return low + high === 0 ? x : makeNode("pad", [x], { ...amounts, value });
}

/** Running sums along an axis in log₂ n additions of shifted copies (Hillis and Steele, 1986). */
export function cumulativeSum(x: Node, axis: number): Node {
  const along = normalizeAxis(axis, x.shape.length, "cumulativeSum");
  const length = x.shape[along];
  let result = summable(x);
  for (let shift = 1; shift < length; shift *= 2) {
    const head = makeNode("slice", [result], {
      start: x.shape.map(() => 0),
      size: x.shape.with(along, length - shift),
      step: x.shape.map(() => 1),
    });
    result = add(result, padAxis(head, along, shift, 0, 0));
  }
  return result;
}

export function any(x: Node, axes?: Axes, keepDims = false): Node {
  const count = sum(truth(x), axes, keepDims);
  return build.binary("gt", count, fullLike(0, count));
}

export function all(x: Node, axes?: Axes, keepDims = false): Node {
  const count = sum(unary("not", truth(x)), axes, keepDims);
  return build.binary("eq", count, fullLike(0, count));
}

/** x ≠ 0 */
export function truth(x: Node): Node {
  return build.cast(x, "bool");
}

/** The index of the first extreme element; of the flattened tensor when there is no axis. */
export function indexOfExtremum(
  op: "argMax" | "argMin",
  x: Node,
  axis: number | undefined,
  keepDims: boolean,
): Node {
  const numbers = summable(x);
  if (axis === undefined) {
    const index = makeNode(op, [reshape(numbers, [sizeOf(x.shape)])], { axis: 0 });
    return keepDims
      ? reshape(
          index,
          x.shape.map(() => 1),
        )
      : index;
  }
  const along = normalizeAxis(axis, x.shape.length, op);
  const index = makeNode(op, [numbers], { axis: along });
  return keepDims ? reshape(index, keptShape(x.shape, [along])) : index;
}

/** The largest element along the axes where it is finite, else 0, as a constant of the gradient:
 * subtracting it keeps exp from overflowing and cancels out of the result. */
function stabilizer(x: Node, axes: readonly number[]): Node {
  const largest = unary("stopGradient", build.reduce("reduceMax", x, axes, true));
  const bound = fullLike(Number.POSITIVE_INFINITY, largest);
  const finite = build.binary("lt", unary("abs", largest), bound);
  return build.select(finite, largest, fullLike(0, largest));
}

/** log Σ exp(x) without overflow. */
export function logSumExp(x: Node, axes?: Axes, keepDims = false): Node {
  const reduced = normalizeAxes(axes, x.shape.length, "logSumExp");
  const shift = stabilizer(asFloat(x), reduced);
  const shifted = unary("exp", sub(asFloat(x), shift));
  const result = add(unary("log", build.reduceSum(shifted, reduced, true)), shift);
  return keepDims ? result : reshape(result, withoutAxes(x.shape, reduced));
}

/** exp(x) / Σ exp(x) along an axis. */
export function softmax(x: Node, axis: number): Node {
  const along = [normalizeAxis(axis, x.shape.length, "softmax")];
  const powers = unary("exp", sub(asFloat(x), stabilizer(asFloat(x), along)));
  return div(powers, build.reduceSum(powers, along, true));
}

/** x − log Σ exp(x) along an axis. */
export function logSoftmax(x: Node, axis: number): Node {
  const along = [normalizeAxis(axis, x.shape.length, "logSoftmax")];
  const shifted = sub(asFloat(x), stabilizer(asFloat(x), along));
  return sub(shifted, unary("log", build.reduceSum(unary("exp", shifted), along, true)));
}

/** (Σ |x|ᵖ)^(1/p) of order p; the gradient of the 2-norm at 0 is 0. */
export function norm(x: Node, axes: Axes, order: number, keepDims: boolean): Node {
  const reduced = normalizeAxes(axes, x.shape.length, "norm");
  const values = asFloat(x);
  const sizes = unary("abs", values);
  if (order === Number.POSITIVE_INFINITY)
    return build.reduce("reduceMax", sizes, reduced, keepDims);
  if (order === 1) return build.reduceSum(sizes, reduced, keepDims);
  if (order === 2) {
    const squares = build.reduceSum(mul(values, values), reduced, keepDims);
    const zero = build.binary("eq", squares, fullLike(0, squares));
    const root = unary("sqrt", build.select(zero, fullLike(1, squares), squares));
    return build.select(zero, fullLike(0, squares), root);
  }
  if (!(order > 0)) {
    throw new UsageError(`norm: expected an order above 0 (1, 2, Infinity, …), got ${order}.`);
  }
  const powers = build.binary("pow", sizes, fullLike(order, sizes));
  const total = build.reduceSum(powers, reduced, keepDims);
  return build.binary("pow", total, fullLike(1 / order, total));
}
