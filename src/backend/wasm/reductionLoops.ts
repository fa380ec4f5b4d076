/** Arranges the loops of a reduction: which dimension the lanes take, and in which order the rest nest. */

import type { Affine, ReduceKernel, Store, Value } from "../../compile/index.ts";
import {
  AffineRewriter,
  affinesOf,
  isLong,
  type Merged,
  mergeDimensions,
  overMerged,
  reachable,
  storageOrder,
  vectorCost,
} from "./dimensions.ts";
import type { LaneCount } from "./lanes.ts";

/** The kernel over rearranged loops: first the dimensions that stay, then the reduced ones. */
export interface ReductionLoops {
  readonly kind: "reduce";
  readonly op: ReduceKernel["op"];
  readonly lanes: LaneCount;
  readonly extents: readonly number[];
  /** How many of `extents` stay. */
  readonly outerCount: number;
  /** The last dimension that stays, or the last of all. */
  readonly laneDim: number;
  /** Whether the input takes many instructions, so that copies of it would cost more than they gain. */
  readonly isHeavy: boolean;
  readonly input: Value;
  readonly sideStores: readonly Store[];
  readonly stores: readonly Store[];
}

export function arrangeReduction(kernel: ReduceKernel, lanes: LaneCount): ReductionLoops {
  const extents = [...kernel.extents, ...kernel.reduced];
  const rank = kernel.extents.length;
  const affines = affinesOf([kernel.input], [...kernel.sideStores, ...kernel.stores]);
  const dims = extents.flatMap((extent, dim) => (extent === 1 ? [] : [dim]));
  const walk = guide(kernel, rank);
  const outer = storageOrder(
    dims.filter((dim) => dim < rank),
    kernel.stores[0]?.at ?? walk,
  );
  const inner = storageOrder(
    dims.filter((dim) => dim >= rank),
    walk,
  );

  let best = { outer: [] as Merged[], inner: [] as Merged[], lanesReduced: true };
  let bestCost = Infinity;
  for (const last of [...inner.toReversed(), ...outer.toReversed()]) {
    const lanesReduced = last >= rank;
    const order = (list: readonly number[]) =>
      list.includes(last) ? [...list.filter((dim) => dim !== last), last] : list;
    const candidate = {
      outer: mergeDimensions(order(outer), extents, affines),
      inner: mergeDimensions(order(inner), extents, affines),
      lanesReduced,
    };
    const cost = costOf(kernel, lanes, last, candidate);
    if (cost < bestCost) {
      best = candidate;
      bestCost = cost;
    }
  }

  const merged = [...best.outer, ...best.inner];
  if (merged.length === 0) merged.push({ extent: 1, innermost: extents.length });
  const rewriter = new AffineRewriter((at) => overMerged(at, merged));
  return {
    kind: "reduce",
    op: kernel.op,
    lanes,
    extents: merged.map(({ extent }) => extent),
    outerCount: best.outer.length,
    laneDim: best.lanesReduced ? merged.length - 1 : best.outer.length - 1,
    isHeavy: [...reachable([kernel.input])].some(isLong),
    input: rewriter.value(kernel.input),
    sideStores: kernel.sideStores.map((store) => rewriter.store(store)),
    stores: kernel.stores.map((store) => rewriter.store(store)),
  };
}

/** The access whose memory order the reduced loops should follow: a store, or else the widest load. */
function guide({ input, sideStores }: ReduceKernel, rank: number): Affine {
  if (sideStores.length > 0) return sideStores[0].at;
  let widest: Affine = { offset: 0, strides: [] };
  const reach = ({ strides }: Affine) =>
    strides.slice(rank).filter((stride) => stride !== 0).length;
  for (const value of reachable([input])) {
    if (value.kind === "load" && reach(value.at) > reach(widest)) widest = value.at;
  }
  return widest;
}

/** Instructions for each result, roughly. */
function costOf(
  { input, sideStores, stores }: ReduceKernel,
  lanes: number,
  laneDim: number,
  { outer, inner, lanesReduced }: { outer: Merged[]; inner: Merged[]; lanesReduced: boolean },
): number {
  const terms = inner.reduce((product, { extent }) => product * extent, 1);
  const { extent } = (lanesReduced ? inner : outer).at(-1)!;
  const vectors = Math.ceil(extent / lanes) / extent;
  const crossing = lanesReduced ? [] : inner.slice(-1).map(({ innermost }) => innermost);
  const each = 1 + vectorCost(laneDim, lanes, crossing, [input], sideStores);
  const finish = vectorCost(laneDim, lanes, [], [], stores);
  return lanesReduced ? terms * vectors * each + 6 + finish : vectors * (terms * each + finish);
}
