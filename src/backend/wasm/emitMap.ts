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
import { pieces } from "./tiles.ts";
import { blockSize, crossingDimension } from "./transpose.ts";

export function emitMap(context: KernelContext, { extents, lanes, stores }: MapLoops): void {
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
  // A long body waits for its own results most of the time: two of them take turns.
  const isLongBody = [...reachable(stores.map(({ value }) => value))].some(isLong);
  const abreast = isLongBody && crossing === undefined && trips > 1 ? 2 : 1;

  const nest = (dim: number, known: DimensionSet, base: readonly number[], block: number): void => {
    evaluator.scoped(() => {
      evaluator.hoist(known, blockAt(base, lanes, block));
      if (dim === laneDim) {
        const several = (count: number, from: readonly number[]) =>
          context.f.interleave(
            Array.from({ length: count }, (_, i) => () => {
              const at = from.with(laneDim, from[laneDim] + i * lanes);
              body(blockAt(at, lanes, block));
            }),
          );
        const turns = Math.floor(trips / abreast);
        addresses.loop(laneDim, turns, abreast * lanes, () => several(abreast, base));
        const last = trips - turns * abreast;
        if (last > 0) several(last, base.with(laneDim, turns * abreast * lanes));
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
  const start = extents.map(() => 0);
  const distant = rowsFromAfar(context, stores, extents);
  if (distant !== undefined) {
    addresses.loop(0, extents[0], 1, () =>
      evaluator.scoped(() => evaluator.touchRow(distant, { delta: start, active: lanes }, extent)),
    );
  }
  nest(0, 0, start, 1);
}

/** Bytes of a row, and of a table, from which on waiting for memory takes most of a copy's time; and of all rows
 * that a cache holds until they are copied. */
const longRow = 1 << 9;
const largeTable = 1 << 21;
const mostTouched = 1 << 17;

/** The gather of some long rows from a table that no cache holds, if the loops copy one: the rows, then along
 * them. All of their lines are asked for before the first is copied, so that one wait is that for all. */
function rowsFromAfar(
  { buffers }: KernelContext,
  stores: readonly Store[],
  extents: readonly number[],
): GatherValue | undefined {
  const [{ value }] = stores;
  if (extents.length !== 2 || stores.length > 1 || value.kind !== "gather") return undefined;
  const bytes = bytesPerElement[buffers[value.table].dtype];
  const isAlong = value.at.strides[1] === 1 && !varies(value.row, 1);
  const rowBytes = bytes * extents[1];
  const isFar =
    rowBytes >= longRow &&
    rowBytes * extents[0] <= mostTouched &&
    bytes * value.rows * value.rowSize >= largeTable;
  return isAlong && isFar ? value : undefined;
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
