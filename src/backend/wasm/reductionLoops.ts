/** Arranges the loops of a reduction: which dimension the lanes take, in which order the rest nest, and
 * in which order terms are added. */

import type { Affine, ReduceKernel, Store, Value } from "../../compile/index.ts";
import {
  AffineRewriter,
  affinesOf,
  isLong,
  type Merged,
  mergeDimensions,
  overMerged,
  reachable,
  sizeOfMerged,
  storageOrder,
  vectorCost,
} from "./dimensions.ts";
import type { LaneCount } from "./lanes.ts";
import { blockSize, crossingDimension } from "./transpose.ts";

/** The kernel over rearranged loops: first the dimensions that stay, then the reduced ones. Everything
 * that decides the order of a sum is here, so that the same loops over a part of a dimension that stays
 * give the same results to the last bit. */
export interface ReductionLoops {
  readonly kind: "reduce";
  readonly op: ReduceKernel["op"];
  readonly lanes: LaneCount;
  readonly extents: readonly number[];
  /** How many of `extents` stay. */
  readonly outerCount: number;
  /** The last dimension that stays, or the last of all. */
  readonly laneDim: number;
  /** The innermost dimension, if loads or stores that lie across the lanes follow it. */
  readonly crossing: number | undefined;
  /** Vectors of results that share the reduced loops, where the lanes lie along a dimension that stays. */
  readonly stripWidth: number;
  /** Accumulators of each vector of results: neighbouring terms go to each of them in turn. */
  readonly copies: number;
  /** Terms that one accumulator takes before a sum of its own begins. */
  readonly longestChain: number;
  readonly inputs: readonly Value[];
  readonly sideStores: readonly Store[];
  readonly stores: readonly Store[];
}

/** Accumulators in flight hide the latency of an addition: on a machine that begins two each cycle and has a
 * result after three or four. An input of many instructions, or blocks that are turned, take longer than
 * that by themselves, and copies of them cost more than they gain. Several sums take the registers that there
 * are: the vectors beside each other share what they load. */
const accumulators = { light: 8, heavy: 2, several: 12 } as const;

/** float32 partial sums of at most this many terms keep a long sum's error near that of its result. */
const longestChain = 512;

export function arrangeReduction(kernel: ReduceKernel, lanes: LaneCount): ReductionLoops {
  const nest = nestLoops(kernel, lanes);
  return { kind: "reduce", op: kernel.op, lanes, ...nest, ...chainsOf(kernel.op, lanes, nest) };
}

/** The loops and what they compute. */
type Nest = Pick<
  ReductionLoops,
  "extents" | "outerCount" | "laneDim" | "inputs" | "sideStores" | "stores"
>;

/** How many terms are under way at once, and in what order they are added. */
function chainsOf(
  op: ReduceKernel["op"],
  lanes: LaneCount,
  { extents, outerCount, laneDim, inputs, sideStores }: Nest,
): Pick<ReductionLoops, "crossing" | "stripWidth" | "copies" | "longestChain"> {
  const innermost = extents.length - 1;
  const crossing =
    lanes === blockSize && laneDim !== innermost
      ? crossingDimension(laneDim, [innermost], inputs, sideStores)
      : undefined;
  const isHeavy = [...reachable(inputs)].some(isLong);
  const kind =
    isHeavy || crossing !== undefined ? "heavy" : inputs.length > 1 ? "several" : "light";
  const inFlight = Math.max(1, Math.floor(accumulators[kind] / inputs.length));
  let stripWidth = 1;
  if (laneDim < outerCount) {
    const vectors = Math.ceil(extents[laneDim] / lanes);
    stripWidth = Math.ceil(vectors / Math.ceil(vectors / inFlight));
  }
  const copies = Math.floor(inFlight / stripWidth);
  const terms = outerCount > innermost ? 1 : extents[innermost];
  const units = laneDim === innermost ? Math.floor(terms / lanes) : terms;
  return {
    crossing,
    stripWidth,
    copies: units >= 2 * copies ? copies : 1,
    longestChain: op === "reduceSum" && inputs[0].dtype === "float32" ? longestChain : Infinity,
  };
}

/** The dimensions in the cheapest order. */
function nestLoops(kernel: ReduceKernel, lanes: LaneCount): Nest {
  const extents = [...kernel.extents, ...kernel.reduced];
  const rank = kernel.extents.length;
  const affines = affinesOf(kernel.inputs, [...kernel.sideStores, ...kernel.stores]);
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
    extents: merged.map(({ extent }) => extent),
    outerCount: best.outer.length,
    laneDim: best.lanesReduced ? merged.length - 1 : best.outer.length - 1,
    inputs: kernel.inputs.map((input) => rewriter.value(input)),
    sideStores: kernel.sideStores.map((store) => rewriter.store(store)),
    stores: kernel.stores.map((store) => rewriter.store(store)),
  };
}

/** The access whose memory order the reduced loops should follow: a store, or else the widest load. */
function guide({ inputs, sideStores }: ReduceKernel, rank: number): Affine {
  if (sideStores.length > 0) return sideStores[0].at;
  let widest: Affine = { offset: 0, strides: [] };
  const reach = ({ strides }: Affine) =>
    strides.slice(rank).filter((stride) => stride !== 0).length;
  for (const value of reachable(inputs)) {
    if (value.kind === "load" && reach(value.at) > reach(widest)) widest = value.at;
  }
  return widest;
}

/** Instructions for each result, roughly. */
function costOf(
  { inputs, sideStores, stores }: ReduceKernel,
  lanes: number,
  laneDim: number,
  { outer, inner, lanesReduced }: { outer: Merged[]; inner: Merged[]; lanesReduced: boolean },
): number {
  const terms = sizeOfMerged(inner);
  const { extent } = (lanesReduced ? inner : outer).at(-1)!;
  const vectors = Math.ceil(extent / lanes) / extent;
  const crossing = lanesReduced ? [] : inner.slice(-1).map(({ innermost }) => innermost);
  const each = inputs.length + vectorCost(laneDim, lanes, crossing, inputs, sideStores);
  const finish = vectorCost(laneDim, lanes, [], [], stores);
  return lanesReduced
    ? terms * vectors * each + 6 * inputs.length + finish
    : vectors * (terms * each + finish);
}
