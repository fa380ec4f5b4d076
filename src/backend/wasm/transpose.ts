/** Blocks of 4 × 4 elements turned by shuffles: rows that lie in memory become lanes, and back. */

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
