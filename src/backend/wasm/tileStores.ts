/** The stores of one tile of a contraction: its results, and what is computed from them. */

import type { Site } from "./accesses.ts";
import type { Address, Addresses } from "./addresses.ts";
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

  /** Stores the results of a tile at some sites. `known` are the dimensions whose loops surround it, `place` is
   * where the sums lie one after the other, if they do. */
  emit(
    sites: readonly (readonly Site[])[],
    sums: readonly (readonly Vector[])[],
    known: DimensionSet,
    place?: Address,
  ): void {
    const { row, column, hasLongStores, hasManyOperations } = this.#loops;
    const within = known | (1 << row) | (1 << column);
    const isApart = hasManyOperations && sites.length * sites[0].length > mostBeside;
    const isLoop = isApart || (hasLongStores && sites.length > 1);
    const from = isLoop ? (place ?? this.#placed(sums)) : undefined;
    this.#evaluator.scoped(() => {
      if (isApart) this.#evaluator.recall(known, sites[0][0]);
      if (sites.length > 1) this.#evaluator.hoist(within & ~(1 << row), sites.flat());
      const along = within & ~(1 << column);
      if (from !== undefined) this.#storeRowByRow(sites, from, along);
      else this.#storeAll(sites, sums, along);
    });
  }

  /** Where the sums are put. */
  #placed(sums: readonly (readonly Vector[])[]): Address {
    const { base, slots } = this.#context;
    return { pointer: base, offset: slots.keepAll(sums.flat()) };
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

  /** The same as a loop over the rows: where the stores' values take tens of instructions, a copy for each
   * accumulator takes long to compile; where they take hundreds, it would not fit the instruction cache. */
  #storeRowByRow(sites: readonly (readonly Site[])[], place: Address, along: DimensionSet): void {
    const { f } = this.#context;
    const [row] = sites;
    const pointer = f.hold(place.pointer);
    this.#addresses.loop(this.#loops.row, sites.length, 1, () => {
      this.#evaluator.scoped(() => {
        if (row.length > 1) this.#evaluator.hoist(along, row);
        this.#storeRow(
          row,
          row.map((_, j) => v128.load(pointer, place.offset + 16 * j)),
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
