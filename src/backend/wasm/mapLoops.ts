/** Arranges the loops of a map: in which order they nest, and which one the lanes take. */

import type { MapKernel, Store } from "../../compile/index.ts";
import {
  AffineRewriter,
  affinesOf,
  type Merged,
  mergeDimensions,
  overMerged,
  storageOrder,
  vectorCost,
} from "./dimensions.ts";
import type { LaneCount } from "./lanes.ts";

/** The kernel over rearranged loops, outermost first; the lanes run along the last. */
export interface MapLoops {
  readonly kind: "map";
  readonly lanes: LaneCount;
  readonly extents: readonly number[];
  readonly stores: readonly Store[];
}

export function arrangeMap({ extents, stores }: MapKernel, lanes: LaneCount): MapLoops {
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
  const rewriter = new AffineRewriter((at) => overMerged(at, best));
  return {
    kind: "map",
    lanes,
    extents: best.map(({ extent }) => extent),
    stores: stores.map((store) => rewriter.store(store)),
  };
}
