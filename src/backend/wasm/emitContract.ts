/** Matrix products and convolutions: tiles of accumulators in registers, exact tiles at the edges, the
 * stores fused. */

import { sizeOf } from "../../ir/index.ts";
import type { Site } from "./accesses.ts";
import { Addresses } from "./addresses.ts";
import { f32x4, f64x2, i32, type Local, select, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import { type ClippedAxis, type ContractionLoops, tilesOf } from "./contractionLoops.ts";
import type { DimensionSet } from "./dependence.ts";
import { emitDotSums } from "./dotSums.ts";
import { Evaluator } from "./evaluator.ts";
import { loadContiguous, type Vector } from "./lanes.ts";
import { Panels } from "./panels.ts";
import { TileStores } from "./tileStores.ts";
import { type Operand, placed, type Range, TileSum } from "./tileSum.ts";
import { pieces, type Tile } from "./tiles.ts";
import { TouchAhead } from "./touchAhead.ts";

export function emitContract(context: KernelContext, loops: ContractionLoops): void {
  new ContractEmitter(context, loops).emit();
}

/** Where a tile begins: how far its first row and its first vector are ahead of the loops' indices. */
interface Corner {
  readonly row: number;
  /** In vectors. */
  readonly column: number;
}

/** A clipped axis with more ranges than these does not get code for each. */
const mostRuns = 4;

/** What a pass over the tiles does. */
type Work = "sums" | "stores" | "all";

/** A tile's code. `known` are the dimensions whose loops surround it, `b` its columns of the right operand. */
type EmitTile = (tile: Tile, corner: Corner, known: DimensionSet, b: Operand) => void;

class ContractEmitter {
  readonly #context: KernelContext;
  readonly #loops: ContractionLoops;
  readonly #a: Operand;
  readonly #b: Operand;
  readonly #start: Operand | undefined;
  readonly #panels: Panels | undefined;
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;
  readonly #stores: TileStores;
  readonly #range: Range[];

  constructor(context: KernelContext, loops: ContractionLoops) {
    const { lanes, extents, column, a, b, start, stores } = loops;
    this.#context = context;
    this.#loops = loops;
    this.#range = extents.map((extent) => ({ from: 0, to: extent }));
    this.#a = placed(context, a);
    this.#b = placed(context, b);
    this.#start = start && placed(context, start);
    this.#addresses = new Addresses(context.f, context.base, extents);
    for (const operand of [this.#a, this.#b, this.#start]) {
      if (operand !== undefined) this.#addresses.declare("memory", operand.strides);
    }
    if (loops.panels !== "none") {
      this.#panels = new Panels(context, loops, this.#addresses, this.#b);
    }
    this.#evaluator = new Evaluator(context, {
      addresses: this.#addresses,
      lanes,
      laneDim: column,
      values: [],
      stores,
    });
    const [addresses, evaluator] = [this.#addresses, this.#evaluator];
    this.#stores = new TileStores(context, { loops, addresses, evaluator });
  }

  emit(): void {
    if (this.#loops.blockCount > 0) {
      this.#inBlocks();
      return;
    }
    if (this.#loops.dot !== undefined) {
      this.#fromDots();
      return;
    }
    const tiles = tilesOf(this.#loops);
    const ahead = this.#context.ahead?.map((rows) => new TouchAhead(this.#context, rows, tiles));
    this.#nest("all", (tile, corner, known, b) => {
      for (const rows of ahead ?? []) rows.emit();
      this.#context.f.scoped(() => {
        this.#stores.emit(this.#sites(tile, corner), this.#sum(tile, corner, b), known);
      });
    });
  }

  /** All sums before all stores, unless there are few rows. */
  #fromDots(): void {
    const { dtype, lanes, isNarrow, stores } = this.#loops;
    const addresses = this.#addresses;
    const evaluator = this.#evaluator;
    const dots = (store?: (results: readonly Vector[], site: Site) => void) =>
      emitDotSums(this.#context, this.#loops, addresses, { a: this.#a, b: this.#b }, store);
    if (isNarrow) {
      evaluator.scoped(() => {
        evaluator.hoist(0, [this.#site(0, 0, lanes)]);
        dots((results, site) =>
          evaluator.scoped(() => {
            evaluator.bindAnchors(...results);
            evaluator.store(stores, [site]);
          }),
        );
      });
      return;
    }
    const { strides, offset } = dots();
    this.#nest("stores", (tile, corner, known) => {
      const sites = this.#sites(tile, corner);
      const load = ({ delta }: Site) =>
        loadContiguous(dtype, lanes, addresses.at("memory", strides, offset, delta));
      this.#stores.emit(
        sites,
        sites.map((row) => row.map(load)),
        known,
      );
    });
  }

  /** c = Σ over blocks (Σ within the block a · b): the tiles' sums are added up in memory, in the order in
   * which the tiles come, and stored as results after the last block. */
  #inBlocks(): void {
    const { f, base, slots } = this.#context;
    const { blockCount, column, extents, dtype, lanes } = this.#loops;
    const { add } = dtype === "float32" ? f32x4 : f64x2;
    const vectors = sizeOf(extents.slice(0, column)) * Math.ceil(extents[column] / lanes);
    const offset = slots.reserveZeros(vectors);
    const pointer = f.hold(base);
    /** The places of a tile's sums, from the pointer on. */
    const partial = (tile: Tile) =>
      Array.from({ length: tile.rows }, (_, i) =>
        Array.from({ length: tile.vectors }, (_, j) => offset + 16 * (i * tile.vectors + j)),
      );
    const advance = (tile: Tile) => f.advance(pointer, 16 * tile.rows * tile.vectors);
    const block = (dim: number): void => {
      if (dim <= column + blockCount) {
        this.#addresses.loop(dim, extents[dim], 1, () => block(dim + 1));
        return;
      }
      f.set(pointer, base);
      this.#nest("sums", (tile, corner, _, b) => {
        f.scoped(() => {
          const sums = this.#sum(tile, corner, b);
          for (const [i, row] of partial(tile).entries()) {
            for (const [j, at] of row.entries()) {
              const total = add(v128.load(pointer, at), sums[i][j]);
              f.emit(v128.store(pointer, at, total));
            }
          }
        });
        advance(tile);
      });
    };
    block(column + 1);
    f.set(pointer, base);
    this.#nest("stores", (tile, corner, known) => {
      const sums = partial(tile).map((row) => row.map((at) => v128.load(pointer, at)));
      this.#stores.emit(this.#sites(tile, corner), sums, known, { pointer, offset });
      advance(tile);
    });
  }

  /** The loops over all tiles of the result. Rows are outside of columns. Panels are filled for each index of
   * the dimensions over which b varies; where only one lies in memory at a time, the columns are outside of the
   * rows that read it. */
  #nest(work: Work, emitTile: EmitTile): void {
    const { row } = this.#loops;
    const panels = this.#panels;
    const hoists = work !== "sums";
    const outer = Array.from({ length: row }, (_, dim) => dim);
    if (panels === undefined) {
      this.#outerAndRows(outer, 0, hoists, (rows, at, known) =>
        this.#columns((vectors, column) =>
          emitTile({ rows, vectors }, { row: at, column }, known, this.#b),
        ),
      );
      return;
    }
    const before = outer.filter((dim) => this.#b.strides[dim] !== 0);
    const after = outer.filter((dim) => this.#b.strides[dim] === 0);
    const fill = (vectors: number, column: number) => {
      const start = this.#range.map(({ from }, dim) => (dim < row ? from : 0));
      if (work !== "stores") panels.fill(vectors, column, start);
    };
    this.#outer(before, 0, hoists, (around) => {
      if (this.#loops.panels === "all") {
        this.#columns(fill);
        this.#outerAndRows(after, around, hoists, (rows, at, known) =>
          this.#columns((vectors, column) =>
            emitTile({ rows, vectors }, { row: at, column }, known, panels.of(vectors)),
          ),
        );
        return;
      }
      this.#columns((vectors, column) => {
        fill(vectors, column);
        this.#outerAndRows(after, around, hoists, (rows, at, known) =>
          emitTile({ rows, vectors }, { row: at, column }, known, panels.of(vectors)),
        );
      });
    });
  }

  /** Loops over some of the outer dimensions and over the rows of tiles, inside or outside of them. */
  #outerAndRows(
    dims: readonly number[],
    around: DimensionSet,
    hoists: boolean,
    body: (rows: number, row: number, known: DimensionSet) => void,
  ): void {
    if (this.#loops.areRowsOutermost) {
      this.#rows((rows, row) =>
        this.#outer(dims, around, hoists, (known) => body(rows, row, known)),
      );
    } else {
      this.#outer(dims, around, hoists, (known) =>
        this.#rows((rows, row) => body(rows, row, known)),
      );
    }
  }

  /** Loops over some of the outer dimensions; the ends of clipped axes have code of their own.
   * @param hoists whether what stores need and inner loops leave alone is computed on the way */
  #outer(
    dims: readonly number[],
    known: DimensionSet,
    hoists: boolean,
    body: (known: DimensionSet) => void,
  ): void {
    const { clipped, extents, lanes, isShort } = this.#loops;
    this.#evaluator.scoped(() => {
      if (hoists) {
        const site = this.#site(0, 0, lanes);
        if (isShort) this.#evaluator.hoist(known, [site]);
        else this.#evaluator.hoistToMemory(known, [site]);
      }
      if (dims.length === 0) {
        body(known);
        return;
      }
      const [dim, ...rest] = dims;
      const inner = () => this.#outer(rest, known | (1 << dim), hoists, body);
      const axis = clipped.find(({ outer }) => outer === dim);
      if (axis !== undefined && axis.runs.length > mostRuns && axis.window.summedStep === 1) {
        this.#clipped(axis, inner);
        return;
      }
      const whole = { start: 0, count: extents[dim] };
      for (const run of axis?.runs ?? [whole]) {
        this.#range[dim] = { from: run.start, to: run.start + run.count };
        if (axis !== undefined && "from" in run) this.#range[axis.summed] = run;
        this.#addresses.loop(dim, run.count, 1, inner);
      }
    });
  }

  /** The loop over a clipped axis with one code for all of its ranges: the sum is over the k with
   * 0 ≤ start + k < length, k < extent, where start = output · outputStep − low. */
  #clipped({ outer, summed, window }: ClippedAxis, inner: () => void): void {
    const { f } = this.#context;
    const extent = this.#loops.extents[summed];
    const start = f.hold(i32.const(-window.low));
    const from = f.local("i32");
    const to = f.local("i32");
    this.#range[outer] = { from: 0, to: this.#loops.extents[outer] };
    this.#range[summed] = { from: 0, to: extent, between: [from, to] };
    this.#addresses.loop(outer, this.#loops.extents[outer], 1, () => {
      const zero = i32.const(0);
      f.set(from, i32.sub(zero, start));
      f.set(from, select(from, zero, i32.gtS(from, zero)));
      f.set(to, i32.sub(i32.const(window.length), start));
      f.set(to, select(to, i32.const(extent), i32.ltS(to, i32.const(extent))));
      inner();
      f.advance(start, window.outputStep);
    });
  }

  /** Loops over the rows of tiles, a lower one last. */
  #rows(body: (rows: number, row: number) => void): void {
    const { row, tile } = this.#loops;
    this.#addresses.inPieces(row, tile.rows, body);
  }

  /** Loops over the columns of tiles, a narrower one last. */
  #columns(body: (vectors: number, column: number) => void): void {
    const { extents, column, tile, lanes } = this.#loops;
    const vectors = Math.ceil(extents[column] / lanes);
    let start = 0;
    for (const [width, count] of pieces(vectors, tile.vectors)) {
      const first = start;
      const isLast = first + width * count === vectors;
      const ragged = isLast && extents[column] % lanes !== 0;
      // The last vector may be partial, so its tile is code of its own.
      const alike = ragged ? count - 1 : count;
      this.#addresses.loop(column, alike, width * lanes, () => body(width, first));
      if (ragged) body(width, first + alike * width);
      start += width * count;
    }
  }

  /** Emits the sums of a tile; the accumulators belong to the present scope. */
  #sum(tile: Tile, corner: Corner, b: Operand): readonly (readonly Local<"v128">[])[] {
    const sum = new TileSum(this.#context, {
      loops: this.#loops,
      addresses: this.#addresses,
      range: this.#range,
      a: this.#a,
      b,
      start: this.#start,
    });
    return sum.emit(this.#sites(tile, corner));
  }

  #sites(tile: Tile, { row, column }: Corner): readonly (readonly Site[])[] {
    const { extents, lanes } = this.#loops;
    const extent = extents[this.#loops.column];
    return Array.from({ length: tile.rows }, (_, i) =>
      Array.from({ length: tile.vectors }, (_, j) => {
        const start = (column + j) * lanes;
        return this.#site(row + i, start, Math.min(lanes, extent - start));
      }),
    );
  }

  #site(row: number, column: number, active: number): Site {
    const delta = this.#range.map(({ from }, dim) =>
      dim === this.#loops.row ? row : dim === this.#loops.column ? column : from,
    );
    return { delta, active };
  }
}
