/** The stores of one tile of a contraction: its results, and what is computed from them. */

import type { Site } from "./accesses.ts";
import type { Addresses } from "./addresses.ts";
import { v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import type { DimensionSet } from "./dependence.ts";
import type { Evaluator } from "./evaluator.ts";
import type { Vector } from "./lanes.ts";

/** Sums, at most, that stay in registers while many operations store others: beside more, V8 would move the last
 * ones to memory within the loop of the sum, at each step. */
const mostBeside = 9;

export interface TileStoresOptions {
  readonly loops: ContractionLoops;
  readonly addresses: Addresses;
  readonly evaluator: Evaluator;
}

export class TileStores {
  readonly #context: KernelContext;
  readonly #loops: ContractionLoops;
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;

  constructor(context: KernelContext, { loops, addresses, evaluator }: TileStoresOptions) {
    this.#context = context;
    this.#loops = loops;
    this.#addresses = addresses;
    this.#evaluator = evaluator;
  }

  /** Stores the results of a tile at some sites. `known` are the dimensions whose loops surround it. */
  emit(
    sites: readonly (readonly Site[])[],
    sums: readonly (readonly Vector[])[],
    known: DimensionSet,
  ): void {
    const { row, column, blockCount, dot, hasLongStores, hasManyOperations } = this.#loops;
    const within = known | (1 << row) | (1 << column);
    this.#evaluator.scoped(() => {
      if (hasManyOperations && sites.length * sites[0].length > mostBeside) {
        // Those of blocks and of dots lie there.
        if (blockCount === 0 && dot === undefined) sums = this.#setAside(sums);
        this.#evaluator.recall(known, sites[0][0]);
      }
      if (sites.length > 1) this.#evaluator.hoist(within & ~(1 << row), sites.flat());
      const along = within & ~(1 << column);
      if (hasLongStores && sites.length > 1) this.#storeRowByRow(sites, sums, along);
      else this.#storeAll(sites, sums, along);
    });
  }

  /** The sums, read from memory. */
  #setAside(sums: readonly (readonly Vector[])[]): readonly (readonly Vector[])[] {
    const { base, slots } = this.#context;
    const start = slots.keepAll(sums.flat());
    return sums.map((row, i) =>
      row.map((_, j) => v128.load(base, start + 16 * (i * row.length + j))),
    );
  }

  /** The stores of all accumulators, one after the other. `along` are the dimensions over which values
   * vary that are the same in a whole row. */
  #storeAll(
    sites: readonly (readonly Site[])[],
    sums: readonly (readonly Vector[])[],
    along: DimensionSet,
  ): void {
    for (const [i, row] of sites.entries()) {
      this.#evaluator.scoped(() => {
        if (row.length > 1) this.#evaluator.hoist(along, row);
        this.#storeRow(row, sums[i]);
      });
    }
  }

  /** The same as a loop over the rows: where the stores' values take hundreds of instructions, a copy for
   * each accumulator would not fit the instruction cache. */
  #storeRowByRow(
    [row]: readonly (readonly Site[])[],
    sums: readonly (readonly Vector[])[],
    along: DimensionSet,
  ): void {
    const { f, base, slots } = this.#context;
    const start = slots.keepAll(sums.flat());
    const pointer = f.hold(base);
    this.#addresses.loop(this.#loops.row, sums.length, 1, () => {
      this.#evaluator.scoped(() => {
        if (row.length > 1) this.#evaluator.hoist(along, row);
        this.#storeRow(
          row,
          row.map((_, j) => v128.load(pointer, start + 16 * j)),
        );
      });
      f.advance(pointer, 16 * row.length);
    });
  }

  /** Long values wait for their own results most of the time: some vectors take turns. */
  #storeRow(row: readonly Site[], sums: readonly Vector[]): void {
    const abreast = this.#loops.hasLongStores ? 4 : 1;
    for (let from = 0; from < row.length; from += abreast) {
      this.#context.f.interleave(
        row.slice(from, from + abreast).map((site, j) => () => {
          this.#storeOne(sums[from + j], site);
        }),
      );
    }
  }

  #storeOne(sum: Vector, site: Site): void {
    this.#evaluator.scoped(() => {
      this.#evaluator.bindAnchors(this.#context.f.hold(sum));
      this.#evaluator.store(this.#loops.stores, [site]);
    });
  }
}
