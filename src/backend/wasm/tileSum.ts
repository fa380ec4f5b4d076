/** The sums of one tile of a contraction: C += A·B with C, rows × vectors, in registers. */

import type { ContractOperand } from "../../compile/index.ts";
import type { Site } from "./accesses.ts";
import { type Address, type Addresses, further } from "./addresses.ts";
import type { Local } from "./assembler/index.ts";
import { elementBytes, type KernelContext } from "./context.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { lanesOf, loadContiguous, loadSplat, type Vector } from "./lanes.ts";
import { multiplyAdd } from "./operations.ts";
import { firstLanes } from "./reduction.ts";

export interface Operand {
  readonly offset: number;
  /** In bytes, over the loops. */
  readonly strides: readonly number[];
  /** Whether it holds the vectors of one tile's columns, side by side. */
  readonly isPanel?: boolean;
}

/** An operand by its place in the arena. */
export function placed(
  context: KernelContext,
  { buffer, at: { offset, strides } }: ContractOperand,
): Operand {
  const bytes = elementBytes(context, buffer);
  return {
    offset: context.buffers[buffer].offset + bytes * offset,
    strides: strides.map((stride) => stride * bytes),
  };
}

/** Where a dimension starts at some place of the code, and where it ends: less than all of a clipped axis. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** The same for a loop whose ends are known when the program runs: then `from` and `to` are those of all. */
  readonly between?: readonly [from: Local<"i32">, to: Local<"i32">];
}

export interface TileSumOptions {
  readonly loops: ContractionLoops;
  readonly addresses: Addresses;
  /** Of each dimension. */
  readonly range: readonly Range[];
  readonly a: Operand;
  readonly b: Operand;
  /** What the sums start from (default: 0). */
  readonly start?: Operand;
}

type Sites = readonly (readonly Site[])[];
type Accumulators = readonly (readonly Local<"v128">[])[];

/** A short innermost loop of the sum is written out; a longer one where it is the only one, for it ends once a
 * tile, which then takes long beside its few steps. */
const longestUnrolled = { only: 10, inner: 6 } as const;

export class TileSum {
  readonly #context: KernelContext;
  readonly #options: TileSumOptions;

  constructor(context: KernelContext, options: TileSumOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Emits the sum over all summed dimensions that are not blocks, for the results at `sites`. */
  emit(sites: Sites): Accumulators {
    const { f, constants } = this.#context;
    const { start, loops } = this.#options;
    const { dtype, lanes, column, blockCount } = loops;
    const first = (site: Site) =>
      start === undefined
        ? constants.of(dtype, 0)
        : loadContiguous(dtype, lanes, this.#at(start, site));
    const sums = sites.map((list) => list.map((site) => f.hold(first(site))));
    this.#over(column + 1 + blockCount, sites, sums);
    return sums;
  }

  /** The loops over the summed dimensions from `dim` on. */
  #over(dim: number, sites: Sites, sums: Accumulators): void {
    const { range, addresses, loops } = this.#options;
    const { extents } = loops;
    if (dim === extents.length) {
      this.#step(sites, sums, loops.dot && 1);
      return;
    }
    const { from, to, between } = range[dim];
    if (between !== undefined) {
      addresses.loopBetween(dim, ...between, () => this.#over(dim + 1, sites, sums));
      return;
    }
    const isInnermost = dim === extents.length - 1;
    if (isInnermost && loops.dot !== undefined) {
      this.#alongLanes(dim, sites, sums);
      return;
    }
    const isOnly = dim === loops.column + 1 + loops.blockCount;
    if (isInnermost && to - from <= longestUnrolled[isOnly ? "only" : "inner"]) {
      for (let k = from; k < to; k++) {
        const moved = sites.map((list) =>
          list.map(({ delta, active }) => ({ delta: delta.with(dim, k), active })),
        );
        this.#step(moved, sums);
      }
    } else {
      addresses.loop(dim, to - from, 1, () => this.#over(dim + 1, sites, sums));
    }
  }

  /** The innermost loop, a vector of terms at a time; the last may have fewer. */
  #alongLanes(dim: number, sites: Sites, sums: Accumulators): void {
    const { addresses, loops } = this.#options;
    const lanes = lanesOf(loops.dtype);
    const trips = Math.floor(loops.extents[dim] / lanes);
    const rest = loops.extents[dim] % lanes;
    addresses.loop(dim, trips, lanes, () => this.#step(sites, sums, lanes));
    if (rest === 0) return;
    const last = sites.map((list) =>
      list.map(({ delta, active }) => ({ delta: delta.with(dim, trips * lanes), active })),
    );
    this.#step(last, sums, rest);
  }

  /** One term of each sum: the outer product of a column of a with a row of b. Where the lanes lie
   * along the sum, one term of each of `terms` lanes. */
  #step(sites: Sites, sums: Accumulators, terms?: number): void {
    const { f } = this.#context;
    const { dtype, fused } = this.#options.loops;
    const { a, b } = this.#options;
    const alongSum = (operand: Operand, site: Site) => {
      const lanes = lanesOf(dtype);
      const vector = loadContiguous(dtype, lanes, this.#at(operand, site));
      return firstLanes(vector, terms!, lanes, dtype);
    };
    const isDot = terms !== undefined;
    const rows = sites.map((row) =>
      isDot ? alongSum(a, row[0]) : loadSplat(dtype, this.#at(a, row[0])),
    );
    const columns = sites[0].map((site, j) =>
      isDot ? alongSum(b, site) : this.#vector(sites[0], j),
    );
    const add = (i: number, j: number, a: Vector, b: Vector) =>
      f.set(sums[i][j], multiplyAdd(dtype, a, b, sums[i][j], fused));
    f.scoped(() => {
      if (columns.length <= rows.length) {
        const held = columns.map((column) => f.hold(column));
        for (let i = 0; i < rows.length; i++) {
          const a = f.hold(rows[i]);
          for (let j = 0; j < held.length; j++) add(i, j, a, held[j]);
          f.release(a);
        }
      } else {
        const held = rows.map((row) => f.hold(row));
        for (let j = 0; j < columns.length; j++) {
          const b = f.hold(columns[j]);
          for (let i = 0; i < held.length; i++) add(i, j, held[i], b);
          f.release(b);
        }
      }
    });
  }

  /** The tile's j-th vector of b. */
  #vector(row: readonly Site[], j: number): Vector {
    const { b, loops } = this.#options;
    const address = b.isPanel ? further(this.#at(b, row[0]), 16 * j) : this.#at(b, row[j]);
    return loadContiguous(loops.dtype, loops.lanes, address);
  }

  #at({ strides, offset }: Operand, site: Site): Address {
    return this.#options.addresses.at("memory", strides, offset, site.delta);
  }
}
