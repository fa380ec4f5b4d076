/** Contractions (matrix products and convolutions): tiles of accumulators in registers, exact tiles at
 * the edges, the stores fused. */

import type { ContractKernel, ReduceKernel, Store, Value } from "../../compile/index.ts";
import { type Address, Addresses } from "./addresses.ts";
import type { Local } from "./assembler/index.ts";
import { bytesPerElement, type KernelContext } from "./context.ts";
import type { DimensionSet } from "./dependence.ts";
import {
  AffineRewriter,
  affinesOf,
  type Merged,
  mergeDimensions,
  overMerged,
} from "./dimensions.ts";
import { emitReduce } from "./emitReduce.ts";
import { Evaluator, type Site } from "./evaluator.ts";
import { type LaneCount, laneCount, loadContiguous, loadSplat, type Vector } from "./lanes.ts";
import { multiplyAdd } from "./operations.ts";
import { chooseTile, leastForMadd, pieces, type Tile } from "./tiles.ts";

export function emitContract(context: KernelContext, kernel: ContractKernel): void {
  if (kernel.extents.includes(0)) return;
  const isOneColumn = kernel.extents.at(-1) === 1;
  if (isOneColumn || kernel.reduced.includes(0)) emitReduce(context, asReduction(kernel));
  else new ContractEmitter(context, kernel).emit();
}

/** The contraction as a sum of products: for one column, where tiles would be empty. */
function asReduction({ dtype, extents, reduced, a, b, stores }: ContractKernel): ReduceKernel {
  const load = ({ buffer, at }: typeof a): Value => ({ kind: "load", buffer, at, dtype });
  const input: Value = { kind: "op", op: "mul", inputs: [load(a), load(b)], dtype };
  return { kind: "reduce", op: "reduceSum", extents, reduced, input, sideStores: [], stores };
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
  readonly #extents: readonly number[];
  readonly #a: Operand;
  readonly #b: Operand;
  readonly #stores: readonly Store[];
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;
  readonly #tile: Tile;
  /** Positions of the tile's rows, of its columns and of the first summed dimension among the loops. */
  readonly #m: number;
  readonly #n: number;
  readonly #k: number;

  constructor(context: KernelContext, kernel: ContractKernel) {
    const { dtype, stores, a, b } = kernel;
    const rank = kernel.extents.length;
    const extents = [...kernel.extents, ...kernel.reduced];
    const rows = rowDimensions(kernel, extents);
    const summed = summedDimensions(kernel, extents);
    const dimensions = [...rows, { extent: extents[rank - 1], innermost: rank - 1 }, ...summed];
    const rewriter = new AffineRewriter((at) => overMerged(at, dimensions));
    const operand = ({ buffer, at }: typeof a): Operand => {
      const bytes = bytesPerElement[dtype];
      const { offset, strides } = overMerged(at, dimensions);
      return {
        offset: context.buffers[buffer].offset + bytes * offset,
        strides: strides.map((stride) => stride * bytes),
      };
    };
    this.#context = context;
    this.#dtype = dtype;
    this.#lanes = laneCount(context, [{ kind: "anchor", dtype }], stores);
    this.#extents = dimensions.map(({ extent }) => extent);
    this.#m = rows.length - 1;
    this.#n = rows.length;
    this.#k = rows.length + 1;
    this.#a = operand(a);
    this.#b = operand(b);
    this.#stores = stores.map((store) => rewriter.store(store));
    this.#addresses = new Addresses(context.f, context.base, this.#extents);
    this.#addresses.declare("memory", this.#a.strides);
    this.#addresses.declare("memory", this.#b.strides);
    this.#evaluator = new Evaluator(context, {
      addresses: this.#addresses,
      lanes: this.#lanes,
      laneDim: this.#n,
      values: [],
      stores: this.#stores,
    });
    const vectors = Math.ceil(this.#extents[this.#n] / this.#lanes);
    const depth = summed.reduce((product, { extent }) => product * extent, 1);
    this.#tile = chooseTile(this.#extents[this.#m], vectors, depth, context.madd);
  }

  emit(): void {
    this.#batch(0, 0);
  }

  #batch(dim: number, known: DimensionSet): void {
    this.#evaluator.scoped(() => {
      this.#evaluator.hoist(known, [this.#site(0, 0, this.#lanes)]);
      if (dim < this.#m) {
        this.#addresses.loop(dim, this.#extents[dim], 1, () => {
          this.#batch(dim + 1, known | (1 << dim));
        });
      } else {
        this.#tiles(known);
      }
    });
  }

  /** Rows of tiles, then columns, the edges last. */
  #tiles(known: DimensionSet): void {
    const lanes = this.#lanes;
    const vectors = Math.ceil(this.#extents[this.#n] / lanes);
    let row = 0;
    for (const [rows, rowTiles] of pieces(this.#extents[this.#m], this.#tile.rows)) {
      const start = row;
      this.#addresses.loop(this.#m, rowTiles, rows, () => {
        let column = 0;
        for (const [width, count] of pieces(vectors, this.#tile.vectors)) {
          const first = column;
          const isLast = first + width * count === vectors;
          const ragged = isLast && this.#extents[this.#n] % lanes !== 0;
          // The last vector may be partial, so its tile is code of its own.
          const alike = ragged ? count - 1 : count;
          this.#addresses.loop(this.#n, alike, width * lanes, () => {
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
    const extent = this.#extents[this.#n];
    const sites = Array.from({ length: rows }, (_, i) =>
      Array.from({ length: vectors }, (_, j) => {
        const start = (column + j) * lanes;
        return this.#site(row + i, start, Math.min(lanes, extent - start));
      }),
    );
    this.#evaluator.scoped(() => {
      const sums = sites.map((list) => list.map(() => f.hold(constants.of(this.#dtype, 0))));
      this.#sum(this.#k, sites, sums);
      const all = sites.flat();
      const within = known | (1 << this.#m) | (1 << this.#n);
      if (rows > 1) this.#evaluator.hoist(within & ~(1 << this.#m), all);
      if (vectors > 1) this.#evaluator.hoist(within & ~(1 << this.#n), all);
      for (const [i, list] of sites.entries()) {
        for (const [j, site] of list.entries()) {
          this.#evaluator.scoped(() => {
            this.#evaluator.bindAnchor(sums[i][j]);
            this.#evaluator.store(this.#stores, site);
          });
        }
      }
    });
  }

  /** The loops over the summed dimensions from `dim` on. */
  #sum(
    dim: number,
    sites: readonly (readonly Site[])[],
    sums: readonly (readonly Local<"v128">[])[],
  ): void {
    const extent = this.#extents[dim];
    const isInnermost = dim === this.#extents.length - 1;
    if (!isInnermost) {
      this.#addresses.loop(dim, extent, 1, () => this.#sum(dim + 1, sites, sums));
    } else if (dim > this.#k && extent <= longestUnrolled) {
      for (let k = 0; k < extent; k++) {
        const moved = sites.map((list) =>
          list.map(({ delta, active }) => ({ delta: delta.with(dim, k), active })),
        );
        this.#step(moved, sums);
      }
    } else {
      this.#addresses.loop(dim, extent, 1, () => this.#step(sites, sums));
    }
  }

  /** One step of the contraction: the outer product of a column of a with a row of b. */
  #step(sites: readonly (readonly Site[])[], sums: readonly (readonly Local<"v128">[])[]): void {
    const { f } = this.#context;
    const rows = sites.map(([site]) => loadSplat(this.#dtype, this.#at(this.#a, site)));
    const columns = sites[0].map((site) =>
      loadContiguous(this.#dtype, this.#lanes, this.#at(this.#b, site)),
    );
    const madd = this.#context.madd && sums.length * sums[0].length >= leastForMadd;
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
    const delta = this.#extents.map((_, dim) =>
      dim === this.#m ? row : dim === this.#n ? column : 0,
    );
    return { delta, active };
  }
}

/** The dimensions before the columns. The last one is that of the tile's rows, which share the elements
 * of b: b does not depend on it. */
function rowDimensions(
  { extents: outer, a, b, stores }: ContractKernel,
  extents: number[],
): Merged[] {
  const columns = outer.length - 1;
  const order = Array.from({ length: columns }, (_, dim) => dim);
  const rows = mergeDimensions(order, extents, [a.at, b.at, ...affinesOf([], stores)]);
  const shared = rows.findLastIndex(({ innermost }) => b.at.strides[innermost] === 0);
  if (shared >= 0) rows.push(...rows.splice(shared, 1));
  else rows.push({ extent: 1, innermost: Math.max(0, columns - 1) });
  return rows;
}

/** The summed dimensions, long strides outermost so that the inner loops stay in the cache. */
function summedDimensions(
  { extents: outer, a, b }: ContractKernel,
  extents: readonly number[],
): Merged[] {
  const reach = (dim: number) => Math.abs(a.at.strides[dim]) + Math.abs(b.at.strides[dim]);
  const order = extents
    .map((_, dim) => dim)
    .slice(outer.length)
    .sort((x, y) => reach(y) - reach(x));
  const merged = mergeDimensions(order, extents, [a.at, b.at]);
  return merged.length > 0 ? merged : [{ extent: 1, innermost: outer.length }];
}
