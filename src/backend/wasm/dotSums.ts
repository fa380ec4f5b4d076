/** Sums of a product whose operands are both contiguous along the sum:
 *
 *     c[i, j] = Σₖ a[i, k] · b[j, k]
 *
 * The lanes lie along k, so that every load is a vector of terms; a tile of sums, rows of a by rows of b, stays in
 * registers. The lanes of each sum are added up in the end, and the results wait in memory for the stores, whose
 * lanes lie along j; those of narrow products are stored at once.
 */

import type { Site } from "./accesses.ts";
import type { Addresses } from "./addresses.ts";
import type { KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { lanesOf, storeStrided, type Vector } from "./lanes.ts";
import { addLanes } from "./reduction.ts";
import { type Operand, TileSum } from "./tileSum.ts";

/** Emits all sums; not within loops, for it declares what it accesses.
 * @param store what is done at once with some results of each row
 * @returns where the results are otherwise: rows of whole vectors */
export function emitDotSums(
  context: KernelContext,
  loops: ContractionLoops,
  addresses: Addresses,
  operands: { readonly a: Operand; readonly b: Operand },
  store: ((results: readonly Vector[], site: Site) => void) | undefined,
): Operand {
  const { f, slots } = context;
  const { extents, row, column, dtype } = loops;
  const tile = loops.dot!;
  const lanes = lanesOf(dtype);
  const start = new Array<number>(extents.length).fill(0);
  const strides = start.with(column, 16 / lanes);
  let vectors = Math.ceil(extents[column] / lanes);
  for (let dim = row; dim >= 0; dim--) {
    strides[dim] = 16 * vectors;
    vectors *= extents[dim];
  }
  const results: Operand = { offset: store ? 0 : slots.reserve(vectors), strides };
  addresses.declare("memory", strides);
  const range = extents.map((extent) => ({ from: 0, to: extent }));
  const sum = new TileSum(context, { loops, addresses, range, ...operands });

  const emitTile = (rows: number, top: number, columns: number, left: number) => {
    const sites = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: columns }, (_, j) => {
        return { delta: start.with(row, top + i).with(column, left + j), active: 1 };
      }),
    );
    const sums = sum.emit(sites);
    for (let j = 0; j < columns; j += lanes) {
      const active = Math.min(lanes, columns - j);
      const totals = sums.map((row, i) => {
        const total = addLanes(f, dtype, row.slice(j, j + lanes));
        if (store === undefined) {
          const at = addresses.at("memory", strides, results.offset, sites[i][j].delta);
          f.emit(...storeStrided(dtype, lanes, at, total, 1, active));
        }
        return total;
      });
      store?.(totals, { ...sites[0][j], active });
    }
  };
  // Columns of tiles are outside of their rows: a tile has more of those, which then stay in the cache.
  const outer = (dim: number): void => {
    if (dim < row) {
      addresses.loop(dim, extents[dim], 1, () => outer(dim + 1));
      return;
    }
    addresses.inPieces(column, tile.vectors, (columns, left) =>
      addresses.inPieces(row, tile.rows, (rows, top) =>
        f.scoped(() => emitTile(rows, top, columns, left)),
      ),
    );
  };
  outer(0);
  return results;
}
