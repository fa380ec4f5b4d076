/** Products of matrices and vectors with NumPy's rules, and sliding products. */

import {
  broadcastShapes,
  build,
  formatShape,
  type Node,
  type Shape,
  sizeOf,
} from "../../ir/index.ts";
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

/** Sums of products over named axes, as in "bij,bjk->bik".
 *
 * Operands are contracted from left to right, each pair as one matmul. */
export function einsum(equation: string, operands: readonly Node[]): Node {
  const { terms, result } = parseEquation(equation, operands);
  const all = terms.map((labels, i): Term => ({ labels, node: operands[i] }));
  const lengths = labelLengths(equation, all);
  const [first, ...rest] = all;
  const total = rest.reduce((left, right, i) => {
    const later = new Set([...result, ...rest.slice(i + 1).flatMap(({ labels }) => [...labels])]);
    return contract(left, right, later, lengths);
  }, first);
  const summed = sumOut(total, new Set(result));
  return build.permute(
    summed.node,
    [...result].map((label) => summed.labels.indexOf(label)),
  );
}

interface Term {
  readonly labels: string;
  readonly node: Node;
}

function parseEquation(equation: string, operands: readonly Node[]) {
  const [left, right, ...more] = equation.replaceAll(" ", "").split("->");
  const terms = left.split(",");
  const counted = [...left.replaceAll(",", "")];
  const once = [...new Set(counted)].filter(
    (label) => counted.indexOf(label) === counted.lastIndexOf(label),
  );
  const result = right ?? once.sort().join("");
  const valid =
    more.length === 0 &&
    terms.length === operands.length &&
    /^[a-zA-Z]*$/.test(counted.join("") + result) &&
    terms.every((labels, i) => labels.length === operands[i].shape.length) &&
    [...terms, result].every((labels) => new Set(labels).size === labels.length) &&
    [...result].every((label) => counted.includes(label));
  if (!valid) {
    throw new ShapeError(
      `einsum: "${equation}" does not describe operands of shapes ` +
        `${operands.map(({ shape }) => formatShape(shape)).join(", ")}; expected one letter for each ` +
        `axis, each at most once in an operand, as in "ij,jk->ik".`,
    );
  }
  return { terms, result };
}

function labelLengths(equation: string, terms: readonly Term[]): ReadonlyMap<string, number> {
  const lengths = new Map<string, number>();
  for (const { labels, node } of terms) {
    for (const [axis, label] of [...labels].entries()) {
      const known = lengths.get(label) ?? node.shape[axis];
      if (known !== node.shape[axis]) {
        throw new ShapeError(
          `einsum: "${label}" in "${equation}" has length ${known} in one operand and ` +
            `${node.shape[axis]} in another; expected equal lengths.`,
        );
      }
      lengths.set(label, known);
    }
  }
  return lengths;
}

/** Sums over the labels that are not needed. */
function sumOut({ labels, node }: Term, needed: ReadonlySet<string>): Term {
  const axes = [...labels].flatMap((label, axis) => (needed.has(label) ? [] : [axis]));
  return {
    labels: [...labels].filter((label) => needed.has(label)).join(""),
    node: build.reduceSum(node, axes),
  };
}

/** One matmul: [shared and kept, own of a, summed] × [shared and kept, summed, own of b]. */
function contract(
  left: Term,
  right: Term,
  later: ReadonlySet<string>,
  lengths: ReadonlyMap<string, number>,
): Term {
  const a = sumOut(left, new Set([...later, ...right.labels]));
  const b = sumOut(right, new Set([...later, ...left.labels]));
  const shared = [...a.labels].filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const ownA = [...a.labels].filter((label) => !shared.includes(label));
  const ownB = [...b.labels].filter((label) => !shared.includes(label));
  const arrange = ({ labels, node }: Term, groups: readonly string[][]): Node => {
    const order = groups.flat().map((label) => labels.indexOf(label));
    return reshape(build.permute(node, order), groups.map(sizeOfLabels));
  };
  const shapeOf = (labels: readonly string[]): Shape => labels.map((label) => lengths.get(label)!);
  const sizeOfLabels = (labels: readonly string[]) => sizeOf(shapeOf(labels));
  const product = build.matmul(
    arrange(a, [batch, ownA, summed]),
    arrange(b, [batch, summed, ownB]),
  );
  const labels = [...batch, ...ownA, ...ownB];
  return { labels: labels.join(""), node: reshape(product, shapeOf(labels)) };
}
