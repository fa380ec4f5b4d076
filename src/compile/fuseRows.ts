/** Short rows: what reduces the rows of a narrow matrix, and what is computed from that, becomes one loop.
 *
 * A softmax over three classes with its loss, its accuracy and its gradient is half a dozen loops over
 * the same rows, some of them reductions of three terms, with an array between each and the next. With
 * the columns written out,
 *
 *     m[i] = max(z[i, 0], z[i, 1], z[i, 2]),   e₀[i] = exp(z[i, 0] − m[i]),   …
 *
 * all of it is elementwise work on columns: one loop whose lanes run along the rows, without the arrays.
 */

import { sameShape } from "../ir/index.ts";
import { sameAffine } from "./affine.ts";
import type {
  Affine,
  BufferId,
  Kernel,
  MapKernel,
  ReduceKernel,
  ScalarOp,
  Store,
  Value,
} from "./kernel.ts";
import { positionsBy } from "./positionsBy.ts";
import { buffersReadBy, storesOf, tablesOf, writesOf } from "./traverse.ts";
import { ValueTable, valueRewriter } from "./valueTable.ts";

/** Columns that are written out at most: vectors of as many lanes hold whole rows between them. */
const mostColumns = 4;

/** The kernels, with those that work on the same short rows made one.
 * @param isRead whether something besides the kernels reads a buffer */
export function fuseRows(
  kernels: readonly Kernel[],
  isRead: (buffer: BufferId) => boolean,
): readonly Kernel[] {
  let present = kernels;
  const tried = new Set<Kernel>();
  for (;;) {
    const seed = present.find((kernel) => isShortReduction(kernel) && !tried.has(kernel));
    if (seed === undefined) return present;
    tried.add(seed);
    present = new RowFusion(present, seed as ReduceKernel).fuse(isRead);
  }
}

/** Whether a kernel reduces rows of a few elements. */
function isShortReduction(kernel: Kernel): boolean {
  return (
    kernel.kind === "reduce" &&
    kernel.extents.some((extent) => extent > 1) &&
    kernel.reduced.length === 1 &&
    isShort(kernel.reduced[0])
  );
}

function isShort(columns: number): boolean {
  return columns > 1 && columns <= mostColumns;
}

/** A kernel, or one of two that it falls into: what a reduction stores on its way, and the sum of that. */
interface Part {
  readonly kernel: Kernel;
  /** The kernel that it is half of. */
  readonly whole: Kernel;
  readonly reads: ReadonlySet<BufferId>;
  readonly writes: readonly BufferId[];
  /** What it reads elsewhere than at the index of its loops. */
  readonly tables: () => readonly BufferId[];
  /** It as stores in a loop over the rows: one list for each way that its dimensions allow. */
  readonly forms: () => Forms;
}

type Forms = readonly (readonly Store[])[];

/** The loop's body so far. */
interface Body {
  readonly stores: readonly Store[];
  /** The stores of each buffer. */
  readonly written: ReadonlyMap<BufferId, readonly Store[]>;
}

const emptyBody: Body = { stores: [], written: new Map() };

/** One loop over the rows of a short reduction, and the kernels that can join it. */
class RowFusion {
  readonly #kernels: readonly Kernel[];
  readonly #rows: readonly number[];
  readonly #table = new ValueTable();
  /** Buffers that several kernels write: no store of one says what they hold. */
  readonly #assembled: ReadonlySet<BufferId>;
  readonly #parts: readonly Part[];
  /** The parts that read each buffer, and those of each kernel, by their position. */
  readonly #readers: ReadonlyMap<BufferId, readonly number[]>;
  readonly #halves: ReadonlyMap<Kernel, readonly number[]>;
  /** The parts that join, by their position, as stores; and all of these as one body. */
  readonly #joined = new Map<number, readonly Store[]>();
  #body = emptyBody;

  constructor(kernels: readonly Kernel[], seed: ReduceKernel) {
    this.#kernels = kernels;
    this.#rows = seed.extents;
    const writers = kernels.flatMap(writesOf);
    this.#assembled = new Set(writers.filter((buffer, i) => writers.indexOf(buffer) !== i));
    this.#parts = kernels.flatMap((kernel) => this.#partsOf(kernel));
    this.#readers = positionsBy(this.#parts, ({ reads }) => reads);
    this.#halves = positionsBy(this.#parts, ({ whole }) => [whole]);
    this.#tryToJoin(this.#parts.findIndex(({ whole }) => whole === seed));
  }

  fuse(isRead: (buffer: BufferId) => boolean): readonly Kernel[] {
    for (let before = 0; before < this.#joined.size; ) {
      before = this.#joined.size;
      for (const position of this.#parts.keys()) this.#tryToJoin(position);
    }
    if (this.#joined.size < 2) return this.#kernels;
    const others = this.#parts.filter((_, i) => !this.#joined.has(i));
    const outside = new Set(others.flatMap(({ reads }) => [...reads]));
    const merged: MapKernel = {
      kind: "map",
      extents: this.#rows,
      stores: this.#body.stores.filter(({ buffer }) => isRead(buffer) || outside.has(buffer)),
    };
    const last = Math.max(...this.#joined.keys());
    const result: Kernel[] = [];
    for (const [i, { kernel, whole }] of this.#parts.entries()) {
      if (i === last) result.push(merged);
      else if (!this.#joined.has(i)) {
        const isHalved = this.#halves.get(whole)!.some((j) => this.#joined.has(j));
        if (isHalved) result.push(kernel);
        else if (result.at(-1) !== whole) result.push(whole);
      }
    }
    return result;
  }

  #tryToJoin(position: number): void {
    const part = this.#parts[position];
    if (this.#joined.has(position)) return;
    if (this.#joined.size > 0 && (!this.#touches(part) || this.#makesCycle(position))) return;
    const isLast = [...this.#joined.keys()].every((other) => other < position);
    for (const form of part.forms()) {
      const body = isLast
        ? this.#extend(this.#body, position, form)
        : this.#compose(new Map(this.#joined).set(position, form));
      if (body === undefined) continue;
      this.#joined.set(position, form);
      this.#body = body;
      return;
    }
  }

  /** Whether a part or its other half reads what those that joined write, or writes what they read. */
  #touches({ whole }: Part): boolean {
    const halves = this.#halves.get(whole)!.map((i) => this.#parts[i]);
    return [...this.#joined.keys()].some((i) => {
      const member = this.#parts[i];
      return halves.some(
        ({ reads, writes }) =>
          member.writes.some((buffer) => reads.has(buffer)) ||
          writes.some((buffer) => member.reads.has(buffer)),
      );
    });
  }

  /** Whether, if a part joined, something that stays would have to run both after and before the loop. */
  #makesCycle(position: number): boolean {
    const isInside = (i: number) => i === position || this.#joined.has(i);
    /** A kernel whose halves both stay is not divided. */
    const halves = (i: number) => {
      const both = this.#halves.get(this.#parts[i].whole)!;
      return both.some(isInside) ? [i] : both;
    };
    const readersOf = (i: number) =>
      this.#parts[i].writes
        .flatMap((buffer) => this.#readers.get(buffer) ?? [])
        .filter((reader) => reader !== i);
    const seen = new Set<number>();
    const pending = [position, ...this.#joined.keys()].flatMap(readersOf);
    while (pending.length > 0) {
      const next = pending.pop()!;
      if (isInside(next) || seen.has(next)) continue;
      for (const half of halves(next)) {
        seen.add(half);
        const readers = readersOf(half);
        if (readers.some(isInside)) return true;
        pending.push(...readers);
      }
    }
    return false;
  }

  #compose(parts: ReadonlyMap<number, readonly Store[]>): Body | undefined {
    let body: Body | undefined = emptyBody;
    for (const [position, stores] of [...parts].sort(([a], [b]) => a - b)) {
      body = this.#extend(body, position, stores);
      if (body === undefined) return undefined;
    }
    return body;
  }

  /** A body with the stores of one more part, for which what the others store are values; undefined where it
   * would read another row than the one at hand. */
  #extend({ stores, written }: Body, position: number, more: readonly Store[]): Body | undefined {
    if (this.#parts[position].tables().some((table) => written.has(table))) return undefined;
    let isWhole = true;
    const copy = this.#table.copier({
      at: (at) => at,
      stored: (buffer, at) => {
        const known = written.get(buffer);
        if (known === undefined) return undefined;
        const found = known.find((store) => sameAffine(store.at, at));
        if (found === undefined) isWhole = false;
        return found?.value;
      },
    });
    const copies = more.map((store) => ({ ...store, value: copy(store.value) }));
    if (!isWhole) return undefined;
    const all = new Map(written);
    for (const store of copies) all.set(store.buffer, [...(all.get(store.buffer) ?? []), store]);
    return { stores: [...stores, ...copies], written: all };
  }

  #partsOf(kernel: Kernel): Part[] {
    const part = (half: Kernel, forms: () => Forms): Part => ({
      kernel: half,
      whole: kernel,
      reads: buffersReadBy(half),
      writes: writesOf(half),
      tables: () => tablesOf(half),
      forms,
    });
    const none = () => [];
    const isAssembled = storesOf(kernel).some(({ buffer }) => this.#assembled.has(buffer));
    if (isAssembled) return [part(kernel, none)];
    if (kernel.kind === "map") return [part(kernel, () => this.#formsOf(kernel))];
    if (kernel.kind !== "reduce") return [part(kernel, none)];
    if (isShortReduction(kernel) && sameShape(kernel.extents, this.#rows)) {
      return [part(kernel, () => [this.#writtenOut(kernel)])];
    }
    const side: MapKernel = {
      kind: "map",
      extents: [...kernel.extents, ...kernel.reduced],
      stores: kernel.sideStores,
    };
    return side.stores.length === 0 || !this.#hasForms(side)
      ? [part(kernel, none)]
      : [part(side, () => this.#formsOf(side)), part(withoutSideStores(kernel), none)];
  }

  #hasForms({ extents }: MapKernel): boolean {
    return sameShape(extents, this.#rows) || this.#columnDims(extents).length > 0;
  }

  /** The dimensions that may be columns beside the rows. */
  #columnDims(extents: readonly number[]): number[] {
    return [...extents.keys()].filter(
      (dim) => isShort(extents[dim]) && sameShape(extents.toSpliced(dim, 1), this.#rows),
    );
  }

  /** A map over the rows: as it is, or with the columns of a dimension beside them written out. */
  #formsOf({ extents, stores }: MapKernel): Forms {
    if (sameShape(extents, this.#rows)) {
      return [this.#table.stores(stores, { at: (at) => at })];
    }
    return this.#columnDims(extents).map((dim) => columnsOf(stores, dim, extents, this.#table));
  }

  /** A short reduction: the terms of a row combined in pairs. */
  #writtenOut({
    op,
    extents,
    reduced,
    inputs: [input],
    sideStores,
    stores,
  }: ReduceKernel): Store[] {
    const dim = extents.length;
    const all = [...extents, ...reduced];
    const terms = Array.from({ length: reduced[0] }, (_, column) =>
      this.#table.copier({ at: (at) => atColumn(at, dim, column, all) })(input),
    );
    const { dtype } = input;
    const combine = (from: number, count: number): Value => {
      if (count === 1) return terms[from];
      const half = Math.ceil(count / 2);
      const inputs = [combine(from, half), combine(from + half, count - half)];
      return this.#table.of({ kind: "op", op: combining[op], inputs, dtype });
    };
    const anchor = combine(0, terms.length);
    return [
      ...columnsOf(sideStores, dim, all, this.#table),
      ...this.#table.stores(stores, { at: (at) => at, anchor }),
    ];
  }
}

const combining: Readonly<Record<ReduceKernel["op"], ScalarOp>> = {
  reduceSum: "add",
  reduceMax: "max",
  reduceMin: "min",
};

function columnsOf(
  stores: readonly Store[],
  dim: number,
  extents: readonly number[],
  table: ValueTable,
): Store[] {
  return Array.from({ length: extents[dim] }, (_, column) => {
    const at = (affine: Affine) => atColumn(affine, dim, column, extents);
    return table.stores(stores, { at });
  }).flat();
}

/** The affine number at one index of a dimension, over the others. */
function atColumn(
  { offset, strides }: Affine,
  dim: number,
  column: number,
  extents: readonly number[],
): Affine {
  const all = extents.map((_, d) => strides[d] ?? 0);
  return { offset: offset + column * all[dim], strides: all.toSpliced(dim, 1) };
}

/** The reduction with what it stored on its way loaded. */
function withoutSideStores(kernel: ReduceKernel): ReduceKernel {
  const loads = new Map<Value, Value>(
    kernel.sideStores.map(({ buffer, at, value }) => [
      value,
      { kind: "load", buffer, at, dtype: value.dtype },
    ]),
  );
  return {
    ...kernel,
    inputs: kernel.inputs.map(valueRewriter((value) => value, loads)),
    sideStores: [],
  };
}
