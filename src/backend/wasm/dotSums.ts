/** Sums of a product whose operands are both contiguous along the sum:
 *
 *     c[i, j] = Σₖ a[i, k] · b[j, k]
 *
 * The lanes lie along k, so that every load is a vector of terms; a tile of sums, rows of a by rows of b, stays in
 * registers. The lanes of each sum are added up in the end, and the results wait in memory for the stores, whose
 * lanes lie along j.
 */

import type { Site } from "./accesses.ts";
import type { Addresses } from "./addresses.ts";
import type { KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { lanesOf, loadContiguous, storeStrided, type Vector } from "./lanes.ts";
import { addLanes } from "./reduction.ts";
import { type Operand, TileSum } from "./tileSum.ts";
import { pieces } from "./tiles.ts";

export class DotSums {
  readonly #context: KernelContext;
  readonly #loops: ContractionLoops;
  readonly #addresses: Addresses;
  readonly #sum: TileSum;
  /** Rows of whole vectors. */
  readonly #results: Operand;

  /** To be made before the loops: declares what it accesses. */
  constructor(
    context: KernelContext,
    addresses: Addresses,
    loops: ContractionLoops,
    operands: { readonly a: Operand; readonly b: Operand },
  ) {
    const { extents, column } = loops;
    const range = extents.map((extent) => ({ from: 0, to: extent }));
    this.#context = context;
    this.#loops = loops;
    this.#addresses = addresses;
    this.#sum = new TileSum(context, { loops, addresses, range, ...operands });
    const lanes = lanesOf(loops.dtype);
    const strides = new Array<number>(extents.length).fill(0);
    strides[column] = 16 / lanes;
    let vectors = Math.ceil(extents[column] / lanes);
    for (let dim = column - 1; dim >= 0; dim--) {
      strides[dim] = 16 * vectors;
      vectors *= extents[dim];
    }
    this.#results = { offset: context.slots.reserve(vectors), strides };
    addresses.declare("memory", strides);
  }

  /** Columns of tiles are outside of their rows: a tile has more of those, which then stay in the cache. */
  emit(): void {
    const { extents, row, column, dot } = this.#loops;
    const outer = (dim: number): void => {
      if (dim < row) {
        this.#addresses.loop(dim, extents[dim], 1, () => outer(dim + 1));
        return;
      }
      this.#tiles(column, dot!.vectors, (vectors, left) =>
        this.#tiles(row, dot!.rows, (rows, top) => this.#tile([rows, vectors], [top, left])),
      );
    };
    outer(0);
  }

  /** The results at a site. */
  load({ delta }: Site): Vector {
    const { dtype, lanes } = this.#loops;
    const { strides, offset } = this.#results;
    return loadContiguous(dtype, lanes, this.#addresses.at("memory", strides, offset, delta));
  }

  /** Loops over a dimension in tiles of some size, a smaller one last. */
  #tiles(dim: number, size: number, body: (size: number, start: number) => void): void {
    let start = 0;
    for (const [length, count] of pieces(this.#loops.extents[dim], size)) {
      const first = start;
      this.#addresses.loop(dim, count, length, () => body(length, first));
      start += length * count;
    }
  }

  #tile(
    [rows, columns]: readonly [rows: number, columns: number],
    [top, left]: readonly [top: number, left: number],
  ): void {
    const { f } = this.#context;
    const { extents, row, column, dtype } = this.#loops;
    const lanes = lanesOf(dtype);
    f.scoped(() => {
      const start = new Array<number>(extents.length).fill(0);
      const sites = Array.from({ length: rows }, (_, i) =>
        Array.from({ length: columns }, (_, j): Site => {
          return { delta: start.with(row, top + i).with(column, left + j), active: 1 };
        }),
      );
      const sums = this.#sum.emit(sites);
      const { strides, offset } = this.#results;
      for (const [i, list] of sums.entries()) {
        for (let j = 0; j < columns; j += lanes) {
          const some = list.slice(j, j + lanes);
          const at = this.#addresses.at("memory", strides, offset, sites[i][j].delta);
          f.emit(...storeStrided(dtype, lanes, at, addLanes(f, dtype, some), 1, some.length));
        }
      }
    });
  }
}
