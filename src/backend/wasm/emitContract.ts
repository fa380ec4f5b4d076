/** Matrix products and convolutions: tiles of accumulators in registers, exact tiles at the edges, the
 * stores fused. */

import { bytesPerElement, type ContractOperand } from "../../compile/index.ts";
import { type Address, Addresses } from "./addresses.ts";
import { i32, type Local, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import type { DimensionSet } from "./dependence.ts";
import { Evaluator, type Site } from "./evaluator.ts";
import { type LaneCount, loadContiguous, loadSplat, type Vector } from "./lanes.ts";
import { multiplyAdd } from "./operations.ts";
import { isFused, pieces, type Tile } from "./tiles.ts";

export function emitContract(context: KernelContext, loops: ContractionLoops): void {
  new ContractEmitter(context, loops).emit();
}

/** A short innermost loop of the sum is written out. */
const longestUnrolled = 6;

interface Operand {
  readonly offset: number;
  /** In bytes, over the loops. */
  readonly strides: readonly number[];
}

class ContractEmitter {
  readonly #context: KernelContext;
  readonly #dtype: "float32" | "float64";
  readonly #lanes: LaneCount;
  readonly #loops: ContractionLoops;
  readonly #a: Operand;
  readonly #b: Operand;
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;
  /** Where each dimension starts at this place of the code, and where it ends: less than all of a clipped
   * axis. */
  readonly #range: { from: number; to: number }[];

  constructor(context: KernelContext, loops: ContractionLoops) {
    const { dtype, lanes, extents, column, a, b, stores } = loops;
    this.#context = context;
    this.#dtype = dtype;
    this.#lanes = lanes;
    this.#loops = loops;
    const operand = ({ buffer, at }: ContractOperand): Operand => {
      const bytes = bytesPerElement[dtype];
      return {
        offset: context.buffers[buffer].offset + bytes * at.offset,
        strides: at.strides.map((stride) => stride * bytes),
      };
    };
    this.#range = extents.map((extent) => ({ from: 0, to: extent }));
    this.#a = operand(a);
    this.#b = operand(b);
    this.#addresses = new Addresses(context.f, context.base, extents);
    this.#addresses.declare("memory", this.#a.strides);
    this.#addresses.declare("memory", this.#b.strides);
    this.#evaluator = new Evaluator(context, {
      addresses: this.#addresses,
      lanes,
      laneDim: column,
      values: [],
      stores,
    });
  }

  emit(): void {
    this.#outer(0, 0);
  }

  #outer(dim: number, known: DimensionSet): void {
    this.#evaluator.scoped(() => {
      this.#evaluator.hoistToMemory(known, [this.#site(0, 0, this.#lanes)]);
      if (dim < this.#loops.row) {
        const clipped = this.#loops.clipped.find((axis) => axis.outer === dim);
        const whole = { start: 0, count: this.#loops.extents[dim] };
        for (const run of clipped?.runs ?? [whole]) {
          this.#range[dim] = { from: run.start, to: run.start + run.count };
          if (clipped !== undefined && "from" in run) this.#range[clipped.summed] = run;
          this.#addresses.loop(dim, run.count, 1, () => this.#outer(dim + 1, known | (1 << dim)));
        }
      } else {
        this.#tiles(known);
      }
    });
  }

  /** Rows of tiles, then columns, the edges last. */
  #tiles(known: DimensionSet): void {
    const lanes = this.#lanes;
    const vectors = Math.ceil(this.#loops.extents[this.#loops.column] / lanes);
    let row = 0;
    for (const [rows, rowTiles] of pieces(
      this.#loops.extents[this.#loops.row],
      this.#loops.tile.rows,
    )) {
      const start = row;
      this.#addresses.loop(this.#loops.row, rowTiles, rows, () => {
        let column = 0;
        for (const [width, count] of pieces(vectors, this.#loops.tile.vectors)) {
          const first = column;
          const isLast = first + width * count === vectors;
          const ragged = isLast && this.#loops.extents[this.#loops.column] % lanes !== 0;
          // The last vector may be partial, so its tile is code of its own.
          const alike = ragged ? count - 1 : count;
          this.#addresses.loop(this.#loops.column, alike, width * lanes, () => {
            this.#emitTile({ rows, vectors: width }, start, first, known);
          });
          if (ragged) {
            this.#emitTile({ rows, vectors: width }, start, first + alike * width, known);
          }
          column += width * count;
        }
      });
      row += rows * rowTiles;
    }
  }

  #emitTile({ rows, vectors }: Tile, row: number, column: number, known: DimensionSet): void {
    const { f, constants } = this.#context;
    const lanes = this.#lanes;
    const extent = this.#loops.extents[this.#loops.column];
    const sites = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: vectors }, (_, j) => {
        const start = (column + j) * lanes;
        return this.#site(row + i, start, Math.min(lanes, extent - start));
      }),
    );
    this.#evaluator.scoped(() => {
      const sums = sites.map((list) => list.map(() => f.hold(constants.of(this.#dtype, 0))));
      this.#sum(this.#loops.column + 1, sites, sums);
      const within = known | (1 << this.#loops.row) | (1 << this.#loops.column);
      if (rows > 1) this.#evaluator.hoist(within & ~(1 << this.#loops.row), sites.flat());
      const along = within & ~(1 << this.#loops.column);
      if (this.#loops.hasLongStores && rows > 1) this.#storeRowByRow(sites, sums, along);
      else this.#storeAll(sites, sums, along);
    });
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
        for (const [j, site] of row.entries()) this.#storeOne(sums[i][j], site);
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
        for (const [j, site] of row.entries()) {
          this.#storeOne(v128.load(pointer, start + 16 * j), site);
        }
      });
      f.set(pointer, i32.add(pointer, i32.const(16 * row.length)));
    });
  }

  #storeOne(sum: Vector, site: Site): void {
    this.#evaluator.scoped(() => {
      this.#evaluator.bindAnchor(this.#context.f.hold(sum));
      this.#evaluator.store(this.#loops.stores, [site]);
    });
  }

  /** The loops over the summed dimensions from `dim` on. */
  #sum(
    dim: number,
    sites: readonly (readonly Site[])[],
    sums: readonly (readonly Local<"v128">[])[],
  ): void {
    const { extents, column } = this.#loops;
    if (dim === extents.length) {
      this.#step(sites, sums);
      return;
    }
    const { from, to } = this.#range[dim];
    const isLast = dim === extents.length - 1 && dim > column + 1;
    if (isLast && to - from <= longestUnrolled) {
      for (let k = from; k < to; k++) {
        const moved = sites.map((list) =>
          list.map(({ delta, active }) => ({ delta: delta.with(dim, k), active })),
        );
        this.#step(moved, sums);
      }
    } else {
      this.#addresses.loop(dim, to - from, 1, () => this.#sum(dim + 1, sites, sums));
    }
  }

  /** One step of the contraction: the outer product of a column of a with a row of b. */
  #step(sites: readonly (readonly Site[])[], sums: readonly (readonly Local<"v128">[])[]): void {
    const { f } = this.#context;
    const rows = sites.map(([site]) => loadSplat(this.#dtype, this.#at(this.#a, site)));
    const columns = sites[0].map((site) =>
      loadContiguous(this.#dtype, this.#lanes, this.#at(this.#b, site)),
    );
    const tile = { rows: rows.length, vectors: columns.length };
    const madd = isFused(tile, this.#context.madd);
    const add = (i: number, j: number, a: Vector, b: Vector) =>
      f.set(sums[i][j], multiplyAdd(this.#dtype, a, b, sums[i][j], madd));
    f.scoped(() => {
      if (columns.length <= rows.length) {
        const held = columns.map((column) => f.hold(column));
        for (const [i, row] of rows.entries()) {
          const a = f.hold(row);
          for (const [j, b] of held.entries()) add(i, j, a, b);
          f.release(a);
        }
      } else {
        const held = rows.map((row) => f.hold(row));
        for (const [j, column] of columns.entries()) {
          const b = f.hold(column);
          for (const [i, a] of held.entries()) add(i, j, a, b);
          f.release(b);
        }
      }
    });
  }

  #at({ strides, offset }: Operand, site: Site): Address {
    return this.#addresses.at("memory", strides, offset, site.delta);
  }

  #site(row: number, column: number, active: number): Site {
    const delta = this.#range.map(({ from }, dim) =>
      dim === this.#loops.row ? row : dim === this.#loops.column ? column : from,
    );
    return { delta, active };
  }
}
