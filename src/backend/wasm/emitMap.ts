/** Elementwise loops: the lanes along one dimension, the others around it. */

import { bytesPerElement, type Store, type Value } from "../../compile/index.ts";
import type { Site } from "./accesses.ts";
import { Addresses } from "./addresses.ts";
import type { KernelContext } from "./context.ts";
import type { DimensionSet } from "./dependence.ts";
import { isLong, reachable } from "./dimensions.ts";
import { Evaluator } from "./evaluator.ts";
import type { GatherValue } from "./gathers.ts";
import type { MapLoops } from "./mapLoops.ts";
import { chooseAbreast } from "./tiles.ts";
import { blockSize, crossingDimension } from "./transpose.ts";

export function emitMap(context: KernelContext, { extents, lanes, stores }: MapLoops): void {
  const laneDim = extents.length - 1;
  const addresses = new Addresses(context.f, context.base, extents);
  const length = extents[laneDim];
  const mostActive = Math.min(length, lanes);
  const evaluator = new Evaluator(context, {
    addresses,
    lanes,
    laneDim,
    mostActive,
    values: [],
    stores,
  });
  const rounds = mayFillPadding(context, lanes, stores, extents);
  const trips = rounds ? Math.ceil(length / lanes) : Math.floor(length / lanes);
  const rest = rounds ? 0 : length % lanes;
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
  // A long body waits for its own results most of the time: some of them take turns. A few others inside of a loop
  // are written out.
  const isLongBody = [...reachable(stores.map(({ value }) => value))].some(isLong);
  const isFew = laneDim > 0 && trips > 0 && trips <= mostWrittenOut;
  const several = isLongBody ? chooseAbreast(trips) : isFew ? trips : 1;
  const abreast = crossing === undefined ? several : 1;

  /** The loops from `dim` on, over `extent` of its indices. */
  const nest = (
    dim: number,
    extent: number,
    known: DimensionSet,
    base: readonly number[],
    block: number,
  ): void => {
    evaluator.scoped(() => {
      evaluator.hoist(known, blockAt(base, lanes, block));
      if (dim === laneDim) {
        const bodies = (count: number, from: readonly number[]) =>
          context.f.interleave(
            Array.from({ length: count }, (_, i) => () => {
              const at = from.with(laneDim, from[laneDim] + i * lanes);
              body(blockAt(at, lanes, block));
            }),
          );
        const turns = Math.floor(trips / abreast);
        addresses.loop(laneDim, turns, abreast * lanes, () => bodies(abreast, base));
        const last = trips - turns * abreast;
        if (last > 0) bodies(last, base.with(laneDim, turns * abreast * lanes));
        if (rest > 0) body(blockAt(base.with(laneDim, trips * lanes), rest, block));
        return;
      }
      const isCrossing = dim === crossing;
      addresses.inPieces(
        dim,
        isCrossing ? blockSize : 1,
        (size, start) => {
          const from = base.with(dim, base[dim] + start);
          const within = isCrossing ? size : block;
          nest(dim + 1, extents[dim + 1], known | (1 << dim), from, within);
        },
        extent,
      );
    });
  };
  const start = extents.map(() => 0);
  const distant = rowsFromAfar(context, stores, extents);
  if (distant === undefined) {
    nest(0, extents[0], 0, start, 1);
    return;
  }
  const { gather, rowsAtOnce } = distant;
  addresses.inPieces(0, rowsAtOnce, (rows, first) => {
    const touch = (abreast: number, touched: number) => {
      const sites = Array.from({ length: abreast }, (_, i) => ({
        delta: start.with(0, first + touched + i),
        active: lanes,
      }));
      evaluator.scoped(() => evaluator.touchRows(gather, sites, length));
    };
    addresses.inPieces(0, rowsAbreast, touch, rows);
    nest(0, rows, 0, start.with(0, first), 1);
  });
}

/** Trips of a short loop. */
const mostWrittenOut = 4;

/** Bytes of a row, and of a table, from which on waiting for memory takes most of a copy's time; and of rows that a
 * cache holds until they are copied. */
const longRow = 1 << 9;
const largeTable = 1 << 21;
const mostTouched = 1 << 17;

/** Rows of which memory delivers lines in turn: prefetchers follow so many. */
const rowsAbreast = 8;

interface DistantRows {
  readonly gather: GatherValue;
  readonly rowsAtOnce: number;
}

/** The gather of long rows from a table that no cache holds, if the loops copy one: the rows, then along them.
 * All lines of some rows are asked for before the first is copied, so that one wait is that for all. */
function rowsFromAfar(
  { buffers, askedFor }: KernelContext,
  stores: readonly Store[],
  extents: readonly number[],
): DistantRows | undefined {
  const [{ value }] = stores;
  if (extents.length !== 2 || stores.length > 1 || value.kind !== "gather") return undefined;
  const bytes = bytesPerElement[buffers[value.table].dtype];
  const isAlong = value.at.strides[1] === 1 && !varies(value.row, 1);
  const rowBytes = bytes * extents[1];
  const isFar =
    rowBytes >= longRow &&
    rowBytes <= mostTouched &&
    bytes * value.rows * value.rowSize >= largeTable;
  if (!isAlong || !isFar || askedFor?.has(value.table)) return undefined;
  const parts = Math.ceil((rowBytes * extents[0]) / mostTouched);
  return { gather: value, rowsAtOnce: Math.ceil(extents[0] / parts) };
}

/** Whether a value depends on a loop's index. */
function varies(value: Value, dim: number): boolean {
  const all = [...reachable([value])];
  return all.some((part) => "at" in part && (part.at.strides[dim] ?? 0) !== 0);
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
