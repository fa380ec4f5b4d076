/** Elementwise loops: the lanes along one dimension, the others around it. */

import type { MapKernel, Store } from "../../compile/index.ts";
import { Addresses } from "./addresses.ts";
import type { KernelContext } from "./context.ts";
import type { DimensionSet } from "./dependence.ts";
import {
  AffineRewriter,
  affinesOf,
  type Merged,
  mergeDimensions,
  overMerged,
  reachable,
  storageOrder,
  vectorCost,
} from "./dimensions.ts";
import { Evaluator, type Site } from "./evaluator.ts";
import { laneCount } from "./lanes.ts";
import { pieces } from "./tiles.ts";
import { blockSize, crossingDimension } from "./transpose.ts";

export function emitMap(context: KernelContext, kernel: MapKernel): void {
  if (kernel.extents.includes(0)) return;
  const lanes = laneCount(context, [], kernel.stores);
  const dimensions = arrange(kernel, lanes);
  const rewriter = new AffineRewriter((at) => overMerged(at, dimensions));
  const stores = kernel.stores.map((store) => rewriter.store(store));
  const extents = dimensions.map(({ extent }) => extent);
  const laneDim = extents.length - 1;
  const addresses = new Addresses(context.f, context.base, extents);
  const evaluator = new Evaluator(context, { addresses, lanes, laneDim, values: [], stores });

  const extent = extents[laneDim];
  const rounds = mayFillPadding(context, lanes, stores, extents);
  const trips = rounds ? Math.ceil(extent / lanes) : Math.floor(extent / lanes);
  const rest = rounds ? 0 : extent % lanes;
  // Neighbours along this dimension make blocks whose loads and stores are turned in registers.
  const outer = Array.from({ length: laneDim }, (_, dim) => dim);
  const crossing = lanes === 4 ? crossingDimension(laneDim, outer, [], stores) : undefined;
  const blockAt = (base: readonly number[], active: number, block: number) =>
    Array.from({ length: block }, (_, i): Site => {
      const isMoved = crossing !== undefined && i > 0;
      return { delta: isMoved ? base.with(crossing, base[crossing] + i) : base, active };
    });
  const body = (sites: readonly Site[]) =>
    evaluator.scoped(() => {
      evaluator.loadAcross(sites, crossing ?? 0);
      evaluator.store(stores, sites, crossing);
    });

  const nest = (dim: number, known: DimensionSet, base: readonly number[], block: number): void => {
    evaluator.scoped(() => {
      evaluator.hoist(known, blockAt(base, lanes, block));
      if (dim === laneDim) {
        addresses.loop(laneDim, trips, lanes, () => body(blockAt(base, lanes, block)));
        if (rest > 0) body(blockAt(base.with(laneDim, trips * lanes), rest, block));
        return;
      }
      let start = 0;
      for (const [size, count] of pieces(extents[dim], dim === crossing ? blockSize : 1)) {
        const from = base.with(dim, start);
        addresses.loop(dim, count, size, () =>
          nest(dim + 1, known | (1 << dim), from, dim === crossing ? size : block),
        );
        start += size * count;
      }
    });
  };
  nest(
    0,
    0,
    extents.map(() => 0),
    1,
  );
}

/** The loops, outermost first; the lanes run along the last. */
function arrange({ extents, stores }: MapKernel, lanes: number): Merged[] {
  const affines = affinesOf([], stores);
  const dims = storageOrder(
    extents.flatMap((extent, dim) => (extent === 1 ? [] : [dim])),
    stores[0].at,
  );
  let best: Merged[] = [{ extent: 1, innermost: extents.length }];
  let bestCost = Infinity;
  for (const last of dims.toReversed()) {
    const others = dims.filter((dim) => dim !== last);
    const order = [...others, last];
    const merged = mergeDimensions(order, extents, affines);
    const { extent } = merged[merged.length - 1];
    const vectors = Math.ceil(extent / lanes) / extent;
    const cost = vectors * vectorCost(last, lanes, others, [], stores);
    if (cost < bestCost) {
      best = merged;
      bestCost = cost;
    }
  }
  return best;
}

/** Whether the one loop may run on to a whole vector: its stores end where their buffers end, in the
 * middle of an aligned vector, and no load takes its lanes from scattered places. */
function mayFillPadding(
  { buffers }: KernelContext,
  lanes: number,
  stores: readonly Store[],
  extents: readonly number[],
): boolean {
  if (extents.length > 1) return false;
  for (const { buffer, at } of stores) {
    const reachesEnd = at.offset + extents[0] === buffers[buffer].size;
    if (at.strides[0] !== 1 || !reachesEnd || at.offset % lanes !== 0) return false;
  }
  for (const value of reachable(stores.map((store) => store.value))) {
    if (value.kind === "gather") return false;
    if (value.kind === "load" && value.at.strides[0] !== 1 && value.at.strides[0] !== 0) {
      return false;
    }
  }
  return true;
}
