/** Reshapes a kernel's loops: drops, reorders and merges dimensions, and finds the one for the lanes. */

import { type Affine, isLongOp, reachable, type Store, type Value } from "../../compile/index.ts";

export { AffineRewriter, operandsOf, reachable } from "../../compile/index.ts";

/** All affine numbers inside values, each value visited once. */
export function affinesOf(values: Iterable<Value>, stores: readonly Store[] = []): Affine[] {
  const found = new Set<Affine>(stores.map(({ at }) => at));
  for (const value of reachable([...values, ...stores.map((store) => store.value)])) {
    if ("at" in value) found.add(value.at);
  }
  return [...found];
}

/** Old dimensions that become one new dimension. */
export interface Merged {
  readonly extent: number;
  /** The old dimension whose strides the new one has. */
  readonly innermost: number;
  /** How many of its indices one step of the new dimension covers; 1 unless it was split. */
  readonly step?: number;
}

/** The dimensions in `order` (outermost first), without those of length 1, neighbours merged where
 * every affine number steps over them as over one. */
export function mergeDimensions(
  order: readonly number[],
  extents: readonly number[],
  affines: readonly Affine[],
): Merged[] {
  const merged: Merged[] = [];
  for (const dim of order) {
    if (extents[dim] === 1) continue;
    const last = merged.at(-1);
    const together =
      last !== undefined &&
      affines.every(
        ({ strides }) =>
          strideOf(strides, last.innermost) === strideOf(strides, dim) * extents[dim],
      );
    if (together) {
      merged[merged.length - 1] = { extent: last.extent * extents[dim], innermost: dim };
    } else {
      merged.push({ extent: extents[dim], innermost: dim });
    }
  }
  return merged;
}

/** Strides that stop before `dim` do not depend on it. */
function strideOf(strides: readonly number[], dim: number): number {
  return strides[dim] ?? 0;
}

/** The affine number over merged dimensions. */
export function overMerged({ offset, strides }: Affine, dimensions: readonly Merged[]): Affine {
  return {
    offset,
    strides: dimensions.map(({ innermost, step = 1 }) => step * strideOf(strides, innermost)),
  };
}

/** How many indices merged dimensions have together. */
export function sizeOfMerged(dimensions: readonly Merged[]): number {
  return dimensions.reduce((product, { extent }) => product * extent, 1);
}

/** Dimensions ordered so that a store walks forward through memory, the largest strides outermost. */
export function storageOrder(dims: readonly number[], store: Affine): number[] {
  const size = (dim: number) => Math.abs(strideOf(store.strides, dim));
  return dims.toSorted((a, b) => size(b) - size(a));
}

/** Instructions for one vector of elements when the lanes run along `dim`, very roughly. Accesses of
 * stride 1 along one of the dimensions `crossing` can be turned in blocks. */
export function vectorCost(
  dim: number,
  lanes: number,
  crossing: readonly number[],
  values: Iterable<Value>,
  stores: readonly Store[],
): number {
  let cost = 0;
  const access = (at: Affine, strided: number): number => {
    const stride = Math.abs(strideOf(at.strides, dim));
    if (stride < 2) return stride === 0 ? 0.5 : 1;
    const isTurned = lanes === 4 && crossing.some((other) => strideOf(at.strides, other) === 1);
    return Math.min(strided, stride === 2 || isTurned ? 3 : strided);
  };
  for (const value of reachable([...values, ...stores.map((store) => store.value)])) {
    if (value.kind === "load") cost += access(value.at, 1.25 * lanes);
    else if (value.kind === "gather") cost += 2 + access(value.at, 2 * lanes);
    else if (value.kind === "random") cost += 100;
    else if (value.kind === "op") cost += isLong(value) ? 20 : 1;
  }
  for (const { at } of stores) cost += access(at, 2 * lanes);
  return cost;
}

/** Whether a value takes tens of instructions. */
export function isLong(value: Value): boolean {
  return value.kind === "random" || (value.kind === "op" && isLongOp(value.op));
}
