/** Shapes: sizes, strides, broadcasting and axes, with NumPy's conventions. */

import { ShapeError } from "../util/index.ts";

/** Lengths of the axes; `[]` is a scalar. */
export type Shape = readonly number[];

/** Number of elements. */
export function sizeOf(shape: Shape): number {
  let product = 1;
  for (let axis = 0; axis < shape.length; axis++) product *= shape[axis];
  return product;
}

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether every length is a whole number of at least zero. */
export function isShape(shape: Shape): boolean {
  return shape.every((length) => Number.isInteger(length) && length >= 0);
}

/** The common shape of operands that broadcast together (NumPy's rule: align right, stretch ones).
 * @throws ShapeError when an axis differs and neither side is 1. */
export function broadcastShapes(a: Shape, b: Shape, where = "broadcast"): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const result = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const left = a[a.length - i] ?? 1;
    const right = b[b.length - i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(
        `${where}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast; ` +
          `axis ${rank - i} has ${left} against ${right}, expected equal lengths or a 1.`,
      );
    }
    result[rank - i] = left === 1 ? right : left;
  }
  return result;
}

/** An axis counted from the front; negative axes count from the back. */
export function normalizeAxis(axis: number, rank: number, where: string): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    const range = rank === 0 ? "no axis (a scalar)" : `an integer from ${-rank} to ${rank - 1}`;
    throw new ShapeError(`${where}: expected ${range}, got axis ${axis}.`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Axes from the front, sorted, without repetition; `undefined` means all of them. */
export function normalizeAxes(
  axes: number | readonly number[] | undefined,
  rank: number,
  where: string,
): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const normalized = list.map((axis) => normalizeAxis(axis, rank, where));
  if (new Set(normalized).size !== normalized.length) {
    throw new ShapeError(`${where}: axes ${formatShape(list)} name the same axis twice.`);
  }
  return normalized.sort((a, b) => a - b);
}
