/** Arranges the loops of a contraction: which dimension the rows of a tile take, and how the rest nest. */

import {
  type Affine,
  bytesPerElement,
  type ContractKernel,
  type ContractOperand,
  type Store,
  type Value,
  valueRewriter,
  type Window,
} from "../../compile/index.ts";
import { sizeOf } from "../../ir/index.ts";
import { chooseBlocks, choosePanels, type PanelCount } from "./blocking.ts";
import {
  AffineRewriter,
  affinesOf,
  isLong,
  type Merged,
  mergeDimensions,
  operandsOf,
  overMerged,
  reachable,
  sizeOfMerged,
  storageOrder,
} from "./dimensions.ts";
import { type LaneCount, lanesOf } from "./lanes.ts";
import {
  chooseAbreast,
  chooseTile,
  isFused,
  isShortSum,
  type StepCycles,
  type Tile,
} from "./tiles.ts";

/** Indices of an outer dimension for which the summed dimension has one range. */
export interface Run {
  readonly start: number;
  readonly count: number;
  readonly from: number;
  readonly to: number;
}

/** A clipped axis: its summed dimension runs over a range that the outer dimension's index decides. */
export interface ClippedAxis {
  readonly outer: number;
  readonly summed: number;
  readonly window: Window;
  readonly runs: readonly Run[];
}

/** The kernel over rearranged loops: outer dimensions, rows, columns, then the summed dimensions, of which
 * the first `blockCount` run outside of all the others. Whatever decides the order of a sum, or whether its
 * products are fused with it, is a field: parts of the result that are computed apart have the same bits. */
export interface ContractionLoops {
  readonly kind: "contract";
  readonly dtype: "float32" | "float64";
  readonly lanes: LaneCount;
  readonly extents: readonly number[];
  /** The dimension whose indices make the rows of a tile: b does not vary over it. */
  readonly row: number;
  /** The dimension along which the lanes lie: a does not vary over it. */
  readonly column: number;
  readonly tile: Tile;
  /** Where the lanes lie along the sum, because only along it elements of b are neighbours: a tile of sums, rows
   * × columns, that are stored before any of them is used. */
  readonly dot: Tile | undefined;
  /** Whether the rows of such a tile are all there are, and stored together as soon as its sums are known: those of
   * row i are result i of the stores. */
  readonly isNarrow: boolean;
  /** Whether the loop over the rows of tiles is outside of the outer dimensions: where a tile's rows lie
   * farthest apart in a, as those of different images. */
  readonly areRowsOutermost: boolean;
  /** Whether products and sums are one instruction. */
  readonly fused: boolean;
  /** Whether a tile's sum takes less time than its stores, so that what these need stays in registers. */
  readonly isShort: boolean;
  readonly blockCount: number;
  readonly panels: PanelCount;
  readonly a: ContractOperand;
  readonly b: ContractOperand;
  /** What the sums start from: the same in all rows; undefined for 0. */
  readonly start: ContractOperand | undefined;
  readonly clipped: readonly ClippedAxis[];
  readonly stores: readonly Store[];
  /** Whether the values of the stores take hundreds of instructions. */
  readonly hasLongStores: boolean;
  /** Whether they take more than fit in the registers beside the sums of a tile. */
  readonly hasManyOperations: boolean;
}

/** Accumulators of a tile that most contractions could do with. */
const usualTile = 8;

export function arrangeContraction(
  kernel: ContractKernel,
  lanes: LaneCount,
  madd: boolean,
  cycles?: StepCycles,
): ContractionLoops {
  const extents = [...kernel.extents, ...kernel.reduced];
  const column = kernel.extents.length - 1;
  // Dimensions of clipped axes stay by themselves: no neighbour continues a step along one alone.
  const clippedDims = kernel.windows.flatMap(({ outputDim, summedDim }) => [
    outputDim,
    column + 1 + summedDim,
  ]);
  const alone = clippedDims.map((dim) => ({
    offset: 0,
    strides: extents.map((_, other) => (other === dim ? 1 : 0)),
  }));
  const affines = [kernel.a.at, kernel.b.at, ...affinesOf([], kernel.stores), ...alone];
  const vectors = Math.ceil(extents[column] / lanes);
  const depth = sizeOf(kernel.reduced);
  const hasLongStores = [...reachable(kernel.stores.map(({ value }) => value))].some(isLong);
  // Long strides outermost, so that the inner loops stay in the cache.
  const reach = (dim: number) =>
    Math.abs(kernel.a.at.strides[dim]) + Math.abs(kernel.b.at.strides[dim]);
  const summed = kernel.reduced.map((_, i) => column + 1 + i);
  const reduced = mergeDimensions(
    summed.toSorted((x, y) => reach(y) - reach(x)),
    extents,
    affines,
  );

  const dims = storageOrder(
    extents.flatMap((extent, dim) => (dim < column && extent > 1 ? [dim] : [])),
    kernel.stores[0].at,
  );
  const single: Merged = { extent: 1, innermost: extents.length };
  let best = [...mergeDimensions(dims, extents, affines), single];
  // The best tile when the last of the outer dimensions makes the rows, and the time of all tiles.
  const timeOf = (outer: readonly Merged[]) => {
    const rows = outer[outer.length - 1].extent;
    const stores = hasLongStores ? "longStores" : "quickStores";
    const { tile, cost } = chooseTile(rows, vectors, depth, madd, cycles, stores);
    return { tile, cost: cost * sizeOfMerged(outer.slice(0, -1)) };
  };
  let { tile, cost } = timeOf(best);
  for (const row of dims.toReversed()) {
    if (kernel.b.at.strides[row] !== 0 || clippedDims.includes(row)) continue;
    const order = [...dims.filter((dim) => dim !== row), row];
    const candidate = mergeDimensions(order, extents, affines);
    const time = timeOf(candidate);
    if (time.cost < cost) {
      best = candidate;
      ({ tile, cost } = time);
    }
  }

  const columns: Merged = { extent: extents[column], innermost: column };
  let dot: Tile | undefined;
  if (kernel.b.at.strides[column] !== 1) {
    const steps = Math.ceil(depth / lanesOf(kernel.dtype));
    const rows = best[best.length - 1].extent;
    dot = chooseTile(rows, extents[column], steps, madd, cycles, "dots").tile;
    tile = { rows: 1, vectors: chooseAbreast(vectors) };
  }
  const blocking = chooseBlocks({
    dtype: kernel.dtype,
    summed: reduced,
    outer: [...best, columns],
    operands: [kernel.a.at, kernel.b.at],
    // Of a usual size: with the chosen tiles the order of a sum would depend on what a machine measured.
    tiles: (sizeOfMerged(best) * vectors) / usualTile,
    isClipped: ({ innermost }) => clippedDims.includes(innermost),
  });
  const { blocks, inner } = dot === undefined ? blocking : { blocks: [], inner: reduced };
  const merged = [...best, columns, ...blocks, ...inner];
  const position = (dim: number) => merged.findIndex(({ innermost }) => innermost === dim);
  const rewriter = new AffineRewriter((at) => overMerged(at, merged));
  const isShort = isShortSum(depth);
  const rewritten = kernel.stores.map((store) => rewriter.store(store));
  // Fused sums round once less; in strict mode the order of a sum is that of the graph.
  const { start, stores } =
    madd && isShort && blocks.length === 0 && dot === undefined
      ? startOf(rewritten, kernel.dtype, best.length)
      : { start: undefined, stores: rewritten };
  return {
    kind: "contract",
    dtype: kernel.dtype,
    lanes,
    extents: merged.map(({ extent }) => extent),
    row: best.length - 1,
    column: best.length,
    tile,
    dot,
    isNarrow: false,
    areRowsOutermost: isFarthest(kernel.a.at, best),
    fused: madd && (dot !== undefined || isShort || isFused(tile, madd)),
    isShort,
    blockCount: blocks.length,
    panels: choosePanels(kernel.b.at, reduced, inner, {
      vectors: tile.vectors,
      columns: vectors,
      moved: movedOver(best, kernel.stores),
      elementBytes: bytesPerElement[kernel.dtype],
      reads:
        sizeOfMerged(best.filter(({ innermost }) => !kernel.b.at.strides[innermost])) / tile.rows,
    }),
    a: { buffer: kernel.a.buffer, at: overMerged(kernel.a.at, merged) },
    b: { buffer: kernel.b.buffer, at: overMerged(kernel.b.at, merged) },
    start,
    clipped: kernel.windows.map((window) => ({
      outer: position(window.outputDim),
      summed: position(column + 1 + window.summedDim),
      window,
      runs: runsOf(window, kernel.extents[window.outputDim], kernel.reduced[window.summedDim]),
    })),
    stores,
    hasLongStores,
    hasManyOperations: !hasLongStores && !isShort && hasManyOperations(stores),
  };
}

/** How many tiles a result has. */
export function tilesOf({ extents, row, column, lanes, tile }: ContractionLoops): number {
  const outer = sizeOf(extents.slice(0, row));
  const vectors = Math.ceil(extents[column] / lanes);
  return outer * Math.ceil(extents[row] / tile.rows) * Math.ceil(vectors / tile.vectors);
}

/** Where all that is done with the result is to add something to it that lies in memory as the result does, such
 * as a bias: the addend, from which the sum can start, and the stores of that sum. */
function startOf(
  stores: readonly Store[],
  dtype: ContractKernel["dtype"],
  column: number,
): Pick<ContractionLoops, "start" | "stores"> {
  const values = [...reachable(stores.map(({ value }) => value))];
  const users = values.filter((value) => operandsOf(value).some(({ kind }) => kind === "anchor"));
  const [user] = users;
  const none = { start: undefined, stores };
  if (users.length !== 1 || user.kind !== "op" || user.op !== "add") return none;
  if (stores.some(({ value }) => value.kind === "anchor")) return none;
  const anchor = user.inputs.find(({ kind }) => kind === "anchor")!;
  const addend = user.inputs.find(({ kind }) => kind === "load");
  if (addend?.kind !== "load" || addend.dtype !== dtype) return none;
  if (addend.at.strides[column] !== 1) return none;
  const replace = valueRewriter((value) => value, new Map([[user, anchor]]));
  return {
    start: { buffer: addend.buffer, at: addend.at },
    stores: stores.map((store) => ({ ...store, value: replace(store.value) })),
  };
}

/** Neighbouring output indices with the same range of summed indices inside of the image. */
function runsOf(
  { outputStep, summedStep, low, length }: Window,
  outputs: number,
  summed: number,
): Run[] {
  const runs: Run[] = [];
  for (let output = 0; output < outputs; output++) {
    const start = output * outputStep - low;
    const from = Math.min(summed, Math.max(0, Math.ceil(-start / summedStep)));
    const to = Math.max(from, Math.min(summed, Math.floor((length - 1 - start) / summedStep) + 1));
    const last = runs.at(-1);
    if (last !== undefined && last.from === from && last.to === to) {
      runs[runs.length - 1] = { ...last, count: last.count + 1 };
    } else {
      runs.push({ start: output, count: 1, from, to });
    }
  }
  return runs;
}

/** Operations on a sum that need few registers, at most. */
const fewOperations = 4;

/** Whether more operations than that need the kernel's results. */
export function hasManyOperations(stores: readonly Store[]): boolean {
  const dependent = new Set<Value>();
  let operations = 0;
  for (const value of reachable(stores.map((store) => store.value))) {
    const isOn = operandsOf(value).some((operand) => dependent.has(operand));
    if (isOn || value.kind === "anchor") dependent.add(value);
    if (isOn) operations++;
  }
  return operations > fewOperations;
}

/** How many elements are loaded and stored for each index of some dimensions. */
function movedOver(dims: readonly Merged[], stores: readonly Store[]): number {
  const values = [...reachable(stores.map(({ value }) => value))];
  const loads = values.flatMap((value) => (value.kind === "load" ? [value.at] : []));
  return [...loads, ...stores.map(({ at }) => at)].filter(({ strides }) =>
    dims.some(({ innermost }) => (strides[innermost] ?? 0) !== 0),
  ).length;
}

/** Whether the last of some dimensions takes the longest steps. */
function isFarthest({ strides }: Affine, dims: readonly Merged[]): boolean {
  const steps = dims.map(({ innermost }) => Math.abs(strides[innermost] ?? 0));
  return steps.slice(0, -1).every((step) => step < steps[steps.length - 1]);
}
