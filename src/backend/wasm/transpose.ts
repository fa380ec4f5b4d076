/** Blocks of elements turned by shuffles: rows that lie in memory become lanes, and back. */

import type { Affine, Store, Value } from "../../compile/index.ts";
import { type FunctionBuilder, i32x4, type Local } from "./assembler/index.ts";
import { reachable } from "./dimensions.ts";
import type { Vector } from "./lanes.ts";

/** Elements of a block's side; only 32-bit elements are turned. */
export const blockSize = 4;

/** Whether neighbouring lanes are far apart in memory, but neighbouring indices of `dim` adjacent. */
export function liesAcross({ strides }: Affine, laneDim: number, dim: number): boolean {
  const stride = Math.abs(strides[laneDim] ?? 0);
  return stride > 1 && strides[dim] === 1;
}

/** The dimension of `dims` along which most accesses can be turned; undefined if none can. */
export function crossingDimension(
  laneDim: number,
  dims: readonly number[],
  values: readonly Value[],
  stores: readonly Store[],
): number | undefined {
  const accesses = stores.map(({ at }) => at);
  for (const value of reachable([...values, ...stores.map((store) => store.value)])) {
    if (value.kind === "load") accesses.push(value.at);
  }
  let best: number | undefined;
  let most = 0;
  for (const dim of dims) {
    const count = accesses.filter((at) => liesAcross(at, laneDim, dim)).length;
    if (count > most) {
      most = count;
      best = dim;
    }
  }
  return best;
}

/** Lane j of vector i becomes lane i of vector j, for the first `count` vectors of the result. Missing
 * vectors count as the last one. */
export function transpose(
  f: FunctionBuilder,
  vectors: readonly Vector[],
  count: number,
): Local<"v128">[] {
  const at = (i: number) => vectors[Math.min(i, vectors.length - 1)];
  const halves = (lanes: readonly number[]) =>
    [0, 2].map((i) => f.hold(i32x4.shuffle(at(i), at(i + 1), lanes)));
  const low = halves([0, 4, 1, 5]);
  const high = count > 2 ? halves([2, 6, 3, 7]) : low;
  return Array.from({ length: count }, (_, i) => {
    const [first, second] = i < 2 ? low : high;
    return f.hold(i32x4.shuffle(first, second, i % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7]));
  });
}

type Shuffle = readonly [left: number, right: number, lanes: readonly number[]];

/** Shuffles of vectors, each of two that are given or were made before, by number. The lanes of a result are
 * two of the left and then two of the right wherever that can be: then it is one instruction. */
interface Weaving {
  readonly shuffles: readonly Shuffle[];
  /** The results. */
  readonly at: readonly number[];
}

/** Four rows of `width` elements that lie one after the other, as columns: element k of the memory, in
 * vector ⌊k/4⌋, is in row ⌊k/width⌋ and column k mod width. */
const columnsOfRows: Readonly<Record<2 | 3, Weaving>> = {
  2: {
    shuffles: [
      [0, 1, [0, 2, 4, 6]],
      [0, 1, [1, 3, 5, 7]],
    ],
    at: [2, 3],
  },
  3: {
    shuffles: [
      [1, 2, [2, 2, 5, 5]],
      [0, 3, [0, 3, 4, 6]],
      [0, 1, [1, 1, 4, 4]],
      [1, 2, [3, 3, 6, 6]],
      [5, 6, [0, 2, 4, 6]],
      [0, 1, [2, 2, 5, 5]],
      [8, 2, [0, 2, 4, 7]],
    ],
    at: [4, 7, 9],
  },
};

/** The reverse. */
const rowsOfColumns: Readonly<Record<2 | 3, Weaving>> = {
  2: {
    shuffles: [
      [0, 1, [0, 4, 1, 5]],
      [0, 1, [2, 6, 3, 7]],
    ],
    at: [2, 3],
  },
  3: {
    shuffles: [
      [0, 1, [0, 4, 1, 5]],
      [2, 0, [0, 0, 5, 5]],
      [3, 4, [0, 1, 4, 6]],
      [1, 2, [1, 1, 5, 5]],
      [0, 1, [2, 2, 6, 6]],
      [6, 7, [0, 2, 4, 6]],
      [2, 0, [2, 2, 7, 7]],
      [1, 2, [2, 6, 3, 7]],
      [9, 10, [0, 2, 6, 7]],
    ],
    at: [5, 8, 11],
  },
};

function weave(f: FunctionBuilder, given: readonly Vector[], { shuffles, at }: Weaving) {
  const vectors: Vector[] = [...given];
  for (const [left, right, lanes] of shuffles) {
    vectors.push(f.hold(i32x4.shuffle(vectors[left], vectors[right], lanes)));
  }
  return at.map((i) => vectors[i] as Local<"v128">);
}

/** The columns of 4 rows of 2 to 4 elements that lie in memory one after the other, given its vectors. */
export function unweave(f: FunctionBuilder, vectors: readonly Vector[]): Local<"v128">[] {
  const width = vectors.length;
  return width === 2 || width === 3
    ? weave(f, vectors, columnsOfRows[width])
    : transpose(f, vectors, width);
}

/** The reverse: given the columns, what lies in memory. */
export function weaveRows(f: FunctionBuilder, columns: readonly Vector[]): Local<"v128">[] {
  const width = columns.length;
  return width === 2 || width === 3
    ? weave(f, columns, rowsOfColumns[width])
    : transpose(f, columns, width);
}
