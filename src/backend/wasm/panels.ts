/** Panels of a contraction's right operand: its part for the columns of one tile, contiguous in memory. */

import { sizeOf } from "../../ir/index.ts";
import type { Addresses } from "./addresses.ts";
import { v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { loadContiguous } from "./lanes.ts";
import type { Operand } from "./tileSum.ts";
import { pieces } from "./tiles.ts";

export class Panels {
  readonly #context: KernelContext;
  readonly #loops: ContractionLoops;
  readonly #addresses: Addresses;
  readonly #from: Operand;
  /** Where they lie, by the width of their tiles in vectors. */
  readonly #places = new Map<number, Operand>();

  /** Panels begin with the first summed index of a block; the rows lie one after the other. All panels beside
   * each other, or one that takes the place of the last. */
  constructor(
    context: KernelContext,
    loops: ContractionLoops,
    addresses: Addresses,
    from: Operand,
  ) {
    this.#context = context;
    this.#loops = loops;
    this.#addresses = addresses;
    this.#from = from;
    const { extents, column, tile, blockCount, lanes, panels } = loops;
    const summed = extents.slice(column + 1 + blockCount);
    const depth = sizeOf(summed);
    const vectors = Math.ceil(extents[column] / lanes);
    const isAll = panels === "all";
    const offset = context.slots.reserve(depth * (isAll ? vectors : tile.vectors));
    for (const [width] of pieces(vectors, tile.vectors)) {
      let stride = 16 * width;
      const strides = new Array<number>(extents.length).fill(0);
      for (let dim = extents.length - 1; dim > column + blockCount; dim--) {
        strides[dim] = stride;
        stride *= extents[dim];
      }
      if (isAll) strides[column] = (16 / lanes) * depth;
      addresses.declare("memory", strides);
      this.#places.set(width, { offset, strides, isPanel: true });
    }
  }

  /** The panel of a tile's columns as an operand. */
  of(vectors: number): Operand {
    return this.#places.get(vectors)!;
  }

  /** Copies the panel of some columns.
   * @param column how many vectors they are ahead of the loops' index
   * @param start where the dimensions start that the loops are in */
  fill(vectors: number, column: number, start: readonly number[]): void {
    const { f } = this.#context;
    const { extents, lanes, dtype, blockCount } = this.#loops;
    const first = start.with(this.#loops.column, column * lanes);
    const panel = this.of(vectors);
    const copy = (dim: number): void => {
      if (dim < extents.length) {
        this.#addresses.loop(dim, extents[dim], 1, () => copy(dim + 1));
        return;
      }
      const to = this.#addresses.at("memory", panel.strides, panel.offset, first);
      for (let j = 0; j < vectors; j++) {
        const delta = first.with(this.#loops.column, (column + j) * lanes);
        const from = this.#addresses.at("memory", this.#from.strides, this.#from.offset, delta);
        f.emit(v128.store(to.pointer, to.offset + 16 * j, loadContiguous(dtype, lanes, from)));
      }
    };
    copy(this.#loops.column + 1 + blockCount);
  }
}
