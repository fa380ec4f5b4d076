/** Reductions: the lanes along a reduced dimension, or along one that stays. */

import type { Value } from "../../compile/index.ts";
import type { Site } from "./accesses.ts";
import { Addresses } from "./addresses.ts";
import { type Local, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import { hasManyOperations } from "./contractionLoops.ts";
import type { DimensionSet } from "./dependence.ts";
import { Evaluator } from "./evaluator.ts";
import type { Vector } from "./lanes.ts";
import { Reducer } from "./reduction.ts";
import type { ReductionLoops } from "./reductionLoops.ts";
import { pieces } from "./tiles.ts";
import { blockSize } from "./transpose.ts";

/** An accumulator for each of the kernel's results. */
type Totals = readonly Local<"v128">[];

/** Vectors of results, at least, whose stores may be a loop. */
const fewestLooped = 4;

export function emitReduce(context: KernelContext, loops: ReductionLoops): void {
  new ReduceEmitter(context, loops).emit();
}

class ReduceEmitter {
  readonly #context: KernelContext;
  readonly #loops: ReductionLoops;
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;
  readonly #reducer: Reducer;
  /** What the reduced loops compute. */
  readonly #terms: readonly Value[];

  constructor(context: KernelContext, loops: ReductionLoops) {
    const { op, lanes, extents, laneDim, inputs, sideStores, stores } = loops;
    this.#context = context;
    this.#loops = loops;
    this.#addresses = new Addresses(context.f, context.base, extents);
    this.#evaluator = new Evaluator(context, {
      addresses: this.#addresses,
      lanes,
      laneDim,
      values: inputs,
      stores: [...sideStores, ...stores],
    });
    this.#terms = [...inputs, ...sideStores.map(({ value }) => value)];
    this.#reducer = new Reducer(context, lanes, inputs[0].dtype, op);
  }

  emit(): void {
    this.#outer(0, 0);
  }

  /** The loops over dimensions that stay, from `dim` inwards. */
  #outer(dim: number, known: DimensionSet): void {
    const { extents, outerCount, laneDim, lanes } = this.#loops;
    this.#evaluator.scoped(() => {
      if (dim === outerCount) {
        this.#strip([this.#site([], lanes)], known);
      } else if (dim === laneDim) {
        this.#strips(dim, known);
      } else {
        this.#evaluator.hoist(known, [this.#site([], lanes)]);
        this.#addresses.loop(dim, extents[dim], 1, () => this.#outer(dim + 1, known | (1 << dim)));
      }
    });
  }

  /** The last dimension that stays, in strips of several vectors. */
  #strips(dim: number, known: DimensionSet): void {
    const { extents, lanes, stripWidth: width } = this.#loops;
    const vectors = Math.ceil(extents[dim] / lanes);
    const partial = extents[dim] % lanes;
    // The strip that holds the partial vector, or fewer vectors than the others, comes last.
    const whole = partial === 0 ? Math.floor(vectors / width) : Math.floor((vectors - 1) / width);
    const strip = (start: number, count: number) =>
      Array.from({ length: count }, (_, i) => {
        const isPartial = partial > 0 && start + i === vectors - 1;
        return this.#site([[dim, (start + i) * lanes]], isPartial ? partial : lanes);
      });
    this.#evaluator.hoist(known, [this.#site([], lanes)]);
    const emit = (sites: readonly Site[]) =>
      this.#evaluator.scoped(() => this.#strip(sites, known | (1 << dim)));
    this.#addresses.loop(dim, whole, width * lanes, () => emit(strip(0, width)));
    const rest = vectors - whole * width;
    if (rest > 0) emit(strip(whole * width, rest));
  }

  /** All reduced dimensions for a few vectors of results, then their stores. */
  #strip(sites: readonly Site[], known: DimensionSet): void {
    const { f } = this.#context;
    const { outerCount, laneDim } = this.#loops;
    this.#evaluator.hoist(known, sites, this.#terms);
    const results = sites.map(() => this.#newTotals());
    this.#reduce(outerCount, sites, known, results);
    if (laneDim < outerCount) {
      this.#storeFromMemory(sites, results);
      return;
    }
    for (const [i, { delta }] of sites.entries()) {
      const totals = results[i].map((total) => f.hold(this.#reducer.acrossLanes(total)));
      this.#storeOne({ delta, active: 1 }, totals);
    }
  }

  /** The stores of some vectors of results. These are read from memory: V8 stores what is still in a register then at
   * every trip of the loop before. Long stores of many vectors are a loop: copies would take long to compile. */
  #storeFromMemory(sites: readonly Site[], results: readonly Totals[]): void {
    const { f, base, slots } = this.#context;
    const { laneDim, lanes, inputs, stores } = this.#loops;
    const start = slots.keepAll(results.flat());
    const bytes = 16 * inputs.length;
    const storeAt = (site: Site, pointer: Local<"i32">, offset: number) =>
      this.#storeOne(
        site,
        inputs.map((_, i) => v128.load(pointer, offset + 16 * i)),
      );
    const whole = sites.filter(({ active }) => active === lanes).length;
    const looped = whole >= fewestLooped && hasManyOperations(stores) ? whole : 0;
    if (looped > 0) {
      const pointer = f.hold(base);
      this.#addresses.loop(laneDim, looped, lanes, () => {
        storeAt(sites[0], pointer, start);
        f.advance(pointer, bytes);
      });
    }
    for (let i = looped; i < sites.length; i++) storeAt(sites[i], base, start + bytes * i);
  }

  #storeOne(site: Site, totals: readonly Vector[]): void {
    this.#evaluator.scopedTo(site.active, () => {
      this.#evaluator.bindAnchors(...totals);
      this.#evaluator.store(this.#loops.stores, [site]);
    });
  }

  #newTotals(): Totals {
    return this.#loops.inputs.map(() => this.#context.f.hold(this.#reducer.identity));
  }

  #combine(into: Totals, others: Totals): void {
    for (const [i, total] of into.entries()) {
      this.#context.f.set(total, this.#reducer.combine(total, others[i]));
    }
  }

  /** The loops over reduced dimensions, from `dim` inwards, adding to the totals of each site. */
  #reduce(dim: number, sites: readonly Site[], known: DimensionSet, into: readonly Totals[]): void {
    const { extents } = this.#loops;
    if (dim >= extents.length - 1) {
      this.#innermost(dim, sites, into);
      return;
    }
    const terms = this.#termsWithin(dim + 1);
    this.#inRuns(dim, extents[dim], 1, terms, sites, into, (at, target) => {
      this.#evaluator.scoped(() => {
        this.#evaluator.hoist(known | (1 << dim), at, this.#terms);
        this.#reduce(dim + 1, at, known | (1 << dim), target);
      });
    });
  }

  /** Runs `body` for `trips` steps of `dim`, in blocks with accumulators of their own where `terms`
   * additions a step would make a chain that is too long. */
  #inRuns(
    dim: number,
    trips: number,
    step: number,
    terms: number,
    sites: readonly Site[],
    into: readonly Totals[],
    body: (sites: readonly Site[], into: readonly Totals[]) => void,
  ): void {
    const { longestChain } = this.#loops;
    if (terms * trips <= longestChain) {
      this.#addresses.loop(dim, trips, step, () => body(sites, into));
      return;
    }
    const block = Math.max(1, Math.floor(longestChain / terms));
    const blocks = Math.floor(trips / block);
    const run = (count: number, at: readonly Site[]) =>
      this.#evaluator.scoped(() => {
        const partial = into.map(() => this.#newTotals());
        this.#addresses.loop(dim, count, step, () => body(at, partial));
        for (const [i, totals] of into.entries()) this.#combine(totals, partial[i]);
      });
    this.#addresses.loop(dim, blocks, block * step, () => run(block, sites));
    const rest = trips - blocks * block;
    if (rest > 0) run(rest, moved(sites, dim, blocks * block * step));
  }

  /** The last reduced dimension. */
  #innermost(dim: number, sites: readonly Site[], into: readonly Totals[]): void {
    if (this.#loops.crossing === dim) this.#inBlocks(dim, sites, into);
    else this.#unrolled(dim, sites, into);
  }

  /** Neighbouring terms in blocks whose loads and stores are turned in registers. */
  #inBlocks(dim: number, sites: readonly Site[], into: readonly Totals[]): void {
    let start = 0;
    for (const [size, count] of pieces(this.#loops.extents[dim], blockSize)) {
      const from = moved(sites, dim, start);
      this.#inRuns(dim, count, size, size, from, into, (at, to) => {
        for (const [i, site] of at.entries()) {
          const block = Array.from({ length: size }, (_, j) => moved([site], dim, j)[0]);
          this.#accumulate(block, to[i]);
        }
      });
      start += size * count;
    }
  }

  /** Several accumulators a site while there are enough terms. */
  #unrolled(dim: number, sites: readonly Site[], into: readonly Totals[]): void {
    const { extents, laneDim, lanes, copies: unroll } = this.#loops;
    const extent = extents[dim] ?? 1;
    const unit = dim === laneDim ? lanes : 1;
    const units = Math.floor(extent / unit);
    const tail = extent % unit;
    const copies = Array.from({ length: unroll }, (_, copy) => copy);
    const targets = copies.map((copy) => (copy === 0 ? into : into.map(() => this.#newTotals())));
    const trips = Math.floor(units / unroll);
    const flat = copies.flatMap((copy) => moved(sites, dim, copy * unit));
    this.#inRuns(dim, trips, unroll * unit, 1, flat, targets.flat(), (at, to) => {
      this.#evaluator.scoped(() => {
        // What the vectors of a strip share.
        if (sites.length > 1) this.#evaluator.hoist(~(1 << laneDim), at, this.#terms);
        for (const [i, site] of at.entries()) this.#accumulate([site], to[i]);
      });
    });
    for (let done = trips * unroll; done < units; done++) {
      for (const [i, site] of moved(sites, dim, done * unit).entries()) {
        this.#accumulate([site], targets[done % unroll][i]);
      }
    }
    if (tail > 0) {
      for (const [i, site] of moved(sites, dim, units * unit).entries()) {
        this.#accumulate([{ ...site, active: tail }], into[i], true);
      }
    }
    // In pairs, then pairs of these: a chain would wait for each addition.
    for (let distance = 1; distance < unroll; distance *= 2) {
      for (let copy = 0; copy + distance < unroll; copy += 2 * distance) {
        for (const [i, totals] of targets[copy].entries()) {
          this.#combine(totals, targets[copy + distance][i]);
        }
      }
    }
  }

  /** Adds the inputs at a block of sites to the totals and makes the side stores. */
  #accumulate(block: readonly Site[], into: Totals, isMasked = false): void {
    const { f } = this.#context;
    const { inputs, sideStores, crossing: dim = 0 } = this.#loops;
    this.#evaluator.scoped(() => {
      this.#evaluator.loadAcross(block, dim);
      for (const [i, total] of into.entries()) {
        f.set(total, this.#added(inputs[i], block, total, isMasked));
      }
      if (sideStores.length > 0) this.#evaluator.store(sideStores, block, dim);
    });
  }

  /** A total with an input at a block of sites. */
  #added(input: Value, block: readonly Site[], total: Vector, isMasked: boolean): Vector {
    if (block.length === 1 && !isMasked && this.#loops.op === "reduceSum") {
      return this.#evaluator.plus(input, block[0], total);
    }
    const terms = block.map((site): Vector => {
      const value = this.#evaluator.value(input, site);
      return isMasked ? this.#reducer.masked(value, site.active) : value;
    });
    // In pairs: the additions of a block wait less for each other.
    const sum = (from: number, count: number): Vector => {
      if (count === 1) return terms[from];
      const half = Math.ceil(count / 2);
      return this.#reducer.combine(sum(from, half), sum(from + half, count - half));
    };
    return this.#reducer.combine(total, sum(0, terms.length));
  }

  /** How many terms one accumulator takes in the loops from `dim` inwards. */
  #termsWithin(dim: number): number {
    const { extents, laneDim, lanes, longestChain } = this.#loops;
    let terms = 1;
    for (let d = dim; d < extents.length; d++) {
      terms *= d === laneDim ? Math.ceil(extents[d] / lanes) : extents[d];
    }
    return Math.min(terms, longestChain);
  }

  #site(distances: readonly (readonly [dim: number, distance: number])[], active: number): Site {
    const delta = this.#loops.extents.map(() => 0);
    for (const [dim, distance] of distances) delta[dim] = distance;
    return { delta, active };
  }
}

function moved(sites: readonly Site[], dim: number, distance: number): readonly Site[] {
  if (distance === 0) return sites;
  return sites.map(({ delta, active }) => ({
    delta: delta.with(dim, delta[dim] + distance),
    active,
  }));
}
