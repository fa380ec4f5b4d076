/** Products of matrices and vectors with NumPy's rules, and sliding products. */

import { broadcastShapes, build, formatShape, type Node, sizeOf } from "../../ir/index.ts";
import { ShapeError } from "../../util/index.ts";

const { broadcast, reshape } = build;

/** The matrix product; a vector counts as a row on the left and as a column on the right, and the
 * axes before the last two broadcast. */
export function matmul(a: Node, b: Node): Node {
  if (a.shape.length === 0 || b.shape.length === 0) {
    throw new ShapeError(
      `matmul: expected vectors or matrices, got ${formatShape(a.shape)} and ` +
        `${formatShape(b.shape)}; use mul() for scalars.`,
    );
  }
  const left = a.shape.length === 1 ? reshape(a, [1, a.shape[0]]) : a;
  const right = b.shape.length === 1 ? reshape(b, [b.shape[0], 1]) : b;
  const product = matrixProduct(left, right);
  const rank = product.shape.length;
  const kept = product.shape.filter(
    (_, axis) =>
      !(axis === rank - 2 && a.shape.length === 1) && !(axis === rank - 1 && b.shape.length === 1),
  );
  return reshape(product, kept);
}

function matrixProduct(a: Node, b: Node): Node {
  if (a.shape.at(-1) !== b.shape.at(-2)) {
    throw new ShapeError(
      `matmul: ${formatShape(a.shape)} times ${formatShape(b.shape)}: expected the last axis of the ` +
        `first (${a.shape.at(-1)}) to equal the last but one of the second (${b.shape.at(-2)}).`,
    );
  }
  const [m, k] = a.shape.slice(-2);
  const n = b.shape.at(-1)!;
  if (b.shape.length === 2 && a.shape.length > 2) {
    // One matrix for the whole batch: a single product of a taller matrix.
    const rows = sizeOf(a.shape.slice(0, -1));
    return reshape(build.matmul(reshape(a, [rows, k]), b), [...a.shape.slice(0, -1), n]);
  }
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), "matmul");
  return build.matmul(broadcast(a, [...batch, m, k]), broadcast(b, [...batch, k, n]));
}

function expectVectors(where: string, a: Node, b: Node): void {
  if (a.shape.length !== 1 || b.shape.length !== 1) {
    throw new ShapeError(
      `${where}: expected two vectors, got ${formatShape(a.shape)} and ${formatShape(b.shape)}; ` +
        `use matmul() for matrices.`,
    );
  }
}

/** Σ aᵢ bᵢ of two vectors. */
export function dot(a: Node, b: Node): Node {
  expectVectors("dot", a, b);
  return matmul(a, b);
}

/** aᵢ bⱼ of two vectors. */
export function outer(a: Node, b: Node): Node {
  expectVectors("outer", a, b);
  return build.mul(reshape(a, [a.shape[0], 1]), reshape(b, [1, b.shape[0]]));
}

/** One number for every spatial axis, or one for each. */
export type PerAxis = number | readonly number[];

/** How windows slide over the spatial axes. */
export interface ConvolveOptions {
  /** Elements from one window to the next; default 1. */
  readonly stride?: PerAxis;
  /** Distance of neighbours in a window; default 1. */
  readonly dilation?: PerAxis;
  /** Zeros on both sides, or [before, after] for each axis; default 0. */
  readonly padding?: PerAxis | readonly (readonly [before: number, after: number])[];
}

/** Sliding products of x [batch, ...spatial, channels] with w [...kernel, channels, out]. */
export function convolve(
  x: Node,
  w: Node,
  { stride = 1, dilation = 1, padding = 0 }: ConvolveOptions,
): Node {
  const rank = Math.max(0, x.shape.length - 2);
  const list = <T>(value: T | readonly T[]): readonly T[] =>
    Array.isArray(value) ? value : Array.from({ length: rank }, () => value as T);
  const pairs = list<number | readonly [number, number]>(padding).map((width) =>
    typeof width === "number" ? [width, width] : width,
  );
  return build.convolve(x, w, list(stride), list(dilation), {
    low: pairs.map(([before]) => before),
    high: pairs.map(([, after]) => after),
  });
}
