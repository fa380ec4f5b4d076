/** Blocks of elements turned by shuffles: rows that lie in memory become lanes, and back. */

import type { Affine, Store, Value } from "../../compile/index.ts";
import { type FunctionBuilder, i32x4, type Local } from "./assembler/index.ts";
import { reachable } from "./dimensions.ts";
import type { LaneCount, Vector } from "./lanes.ts";

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

/** Which of the vectors, and which of its lanes. */
type Place = readonly [vector: number, lane: number];

/** As many vectors as are given, filled from these. */
function weave(
  f: FunctionBuilder,
  given: readonly Vector[],
  lanes: LaneCount,
  from: (vector: number, lane: number) => Place,
): Local<"v128">[] {
  if (given.length === blockSize && lanes === blockSize) return transpose(f, given, blockSize);
  return given.map((_, i) => {
    /** Where one of the result's 32-bit lanes comes from. */
    const at = (j: number): Place => {
      const [vector, lane] = from(i, (j * lanes) >> 2);
      return [vector, lanes === 4 ? lane : 2 * lane + (j & 1)];
    };
    /** Two of them as lanes of one vector: shuffles that take two lanes from the left and then two from the right
     * are one instruction. */
    const half = (j: number): readonly [Vector, number, number] => {
      const [[a, low], [b, high]] = [at(j), at(j + 1)];
      if (a === b) return [given[a], low, high];
      return [f.hold(i32x4.shuffle(given[a], given[b], [low, low, high + 4, high + 4])), 0, 2];
    };
    const [[left, ...low], [right, ...high]] = [half(0), half(2)];
    return f.hold(i32x4.shuffle(left, right, [...low, ...high.map((lane) => lane + 4)]));
  });
}

/** The columns of as many rows as there are lanes, each of 2 to 4 elements, that lie in memory one after the other,
 * given its vectors. */
export function unweave(
  f: FunctionBuilder,
  vectors: readonly Vector[],
  lanes: LaneCount,
): Local<"v128">[] {
  return weave(f, vectors, lanes, (column, row) => {
    const place = row * vectors.length + column;
    return [Math.floor(place / lanes), place % lanes];
  });
}

/** The reverse: given the columns, what lies in memory. */
export function weaveRows(
  f: FunctionBuilder,
  columns: readonly Vector[],
  lanes: LaneCount,
): Local<"v128">[] {
  return weave(f, columns, lanes, (vector, lane) => {
    const place = vector * lanes + lane;
    return [place % columns.length, Math.floor(place / columns.length)];
  });
}
