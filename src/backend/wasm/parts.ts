/** Parts of arranged loops: where they can be cut without changing any result, and what they cost. */

import type { Affine, ContractOperand, ScatterAddKernel } from "../../compile/index.ts";
import { sizeOf } from "../../ir/index.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { AffineRewriter, vectorCost } from "./dimensions.ts";
import type { Loops } from "./loops.ts";
import type { MapLoops } from "./mapLoops.ts";
import type { PatchLoops } from "./patchLoops.ts";
import type { ReductionLoops } from "./reductionLoops.ts";

/** A loop that may begin and end at any multiple of `step`: the instructions that give one result are
 * then the same in the part as in the whole. */
export interface Cut {
  readonly dim: number;
  readonly step: number;
  readonly extent: number;
  /** Elements that every part reads (default 0). */
  readonly repeated?: number;
}

interface Rules<L extends Loops> {
  /** Outermost loops first. */
  cuts(loops: L): Cut[];
  /** The loops with other extents and every affine number rewritten. */
  over(loops: L, extents: readonly number[], rewrite: (at: Affine) => Affine): L;
  /** Cycles, very roughly. */
  cost(loops: L): number;
}

/** Neighbouring elements that one thread stores, so that threads do not share cache lines. */
const lineElements = 16;

const map: Rules<MapLoops> = {
  cuts: ({ extents }) => {
    const last = extents.length - 1;
    return extents.map((extent, dim) => ({ dim, step: dim === last ? lineElements : 1, extent }));
  },
  over: (loops, extents, rewrite) => {
    const rewriter = new AffineRewriter(rewrite);
    return { ...loops, extents, stores: loops.stores.map((store) => rewriter.store(store)) };
  },
  cost: ({ extents, lanes, stores }) => {
    const laneDim = extents.length - 1;
    return (sizeOf(extents) / lanes) * vectorCost(laneDim, lanes, [], [], stores);
  },
};

const reduce: Rules<ReductionLoops> = {
  cuts: ({ extents, outerCount, laneDim, stripWidth, lanes }) =>
    extents.slice(0, outerCount).map((extent, dim) => {
      return { dim, step: dim === laneDim ? stripWidth * lanes : 1, extent };
    }),
  over: (loops, extents, rewrite) => {
    const rewriter = new AffineRewriter(rewrite);
    return {
      ...loops,
      extents,
      inputs: loops.inputs.map((input) => rewriter.value(input)),
      sideStores: loops.sideStores.map((store) => rewriter.store(store)),
      stores: loops.stores.map((store) => rewriter.store(store)),
    };
  },
  cost: ({ extents, lanes, laneDim, inputs, sideStores }) =>
    (sizeOf(extents) / lanes) *
    (inputs.length + vectorCost(laneDim, lanes, [], inputs, sideStores)) *
    0.4,
};

const contract: Rules<ContractionLoops> = {
  cuts: ({ extents, row, column, tile, dot, lanes, clipped, a, b }) => {
    const repeated = (dim: number) =>
      [a, b].reduce((sum, { at: { strides } }) => {
        const elements = sizeOf(extents.filter((_, other) => strides[other] !== 0));
        return strides[dim] === 0 ? sum + elements : sum;
      }, 0);
    const cut = (dim: number, step: number) => ({
      dim,
      step,
      extent: extents[dim],
      repeated: repeated(dim),
    });
    return [
      ...Array.from({ length: row }, (_, dim) => cut(dim, 1)).filter(
        ({ dim }) => !clipped.some(({ outer }) => outer === dim),
      ),
      cut(row, (dot ?? tile).rows),
      // The columns of a dot tile's sums are single, its results vectors.
      cut(column, dot === undefined ? tile.vectors * lanes : leastMultiple(dot.vectors, lanes)),
    ];
  },
  over: (loops, extents, rewrite) => {
    const rewriter = new AffineRewriter(rewrite);
    const { a, b, start, stores } = loops;
    return {
      ...loops,
      extents,
      a: { ...a, at: rewrite(a.at) },
      b: { ...b, at: rewrite(b.at) },
      start: start && { ...start, at: rewrite(start.at) },
      stores: stores.map((store) => rewriter.store(store)),
    };
  },
  cost: ({ extents, row, column, lanes, stores }) => {
    const vectors = sizeOf(extents.slice(0, row + 1)) * Math.ceil(extents[column] / lanes);
    const depth = sizeOf(extents.slice(column + 1));
    return vectors * (depth * 0.6 + vectorCost(column, lanes, [], [], stores));
  },
};

function leastMultiple(size: number, lanes: number): number {
  let multiple = size;
  while (multiple % lanes !== 0) multiple += size;
  return multiple;
}

const patch: Rules<PatchLoops> = {
  // Each channel has sums of its own, each image is one's own.
  cuts: ({ direction, extents }) => {
    const dim = direction === "gather" ? extents.length - 1 : 0;
    return [{ dim, step: 1, extent: extents[dim] }];
  },
  over: (loops, extents, rewrite) => {
    const part = ({ buffer, at }: ContractOperand) => ({ buffer, at: rewrite(at) });
    let { blockImages } = loops;
    while (extents[0] % blockImages !== 0) blockImages--;
    return {
      ...loops,
      extents,
      blockImages,
      values: part(loops.values),
      places: part(loops.places),
      image: part(loops.image),
      weights: part(loops.weights),
    };
  },
  cost: ({ direction, extents, vectors }) =>
    sizeOf(extents) * vectors.length * (direction === "gather" ? 0.65 : 1.1),
};

const scatterAdd: Rules<ScatterAddKernel> = {
  cuts: () => [],
  over: (kernel) => kernel,
  cost: ({ count, rowSize }) => count * rowSize,
};

const rules: {
  readonly [K in Loops["kind"]]: Rules<Extract<Loops, { readonly kind: K }>>;
} = { map, reduce, contract, patch, scatterAdd };

const rulesOf = (loops: Loops) => rules[loops.kind] as Rules<Loops>;

/** The loops that can be cut, the outermost first. */
export function cutsOf(loops: Loops): readonly Cut[] {
  return rulesOf(loops).cuts(loops);
}

/** Cycles that the loops take, very roughly. */
export function costOf(loops: Loops): number {
  return rulesOf(loops).cost(loops);
}

/** The loops with the indices from `from` until before `to` of one that can be cut there. */
export function partOf(
  loops: Exclude<Loops, ScatterAddKernel>,
  dim: number,
  from: number,
  to: number,
): Loops {
  const count = Math.min(to, loops.extents[dim]) - from;
  return rulesOf(loops).over(loops, loops.extents.with(dim, count), ({ offset, strides }) => ({
    offset: offset + from * (strides[dim] ?? 0),
    strides,
  }));
}
