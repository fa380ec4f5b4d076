/** Products with one or two columns: dot products of rows, the lanes along the sum; the lanes of the results
 * lie along the rows. */

import type { Site } from "./accesses.ts";
import { Addresses } from "./addresses.ts";
import { v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import { Evaluator } from "./evaluator.ts";
import { loadContiguous, loadStrided } from "./lanes.ts";
import { accumulators, type NarrowLoops } from "./narrowLoops.ts";
import { multiplyAdd } from "./operations.ts";
import { addLanes, firstLanes } from "./reduction.ts";
import { pieces } from "./tiles.ts";

const elementBytes = 4;
const vectorBytes = 16;

export function emitNarrow(context: KernelContext, loops: NarrowLoops): void {
  new NarrowEmitter(context, loops).emit();
}

class NarrowEmitter {
  readonly #context: KernelContext;
  readonly #loops: NarrowLoops;
  readonly #addresses: Addresses;
  readonly #evaluator: Evaluator;
  /** Where b lies with the columns of each four terms side by side, a vector each. */
  readonly #panel: number;

  constructor(context: KernelContext, loops: NarrowLoops) {
    const { extents, lanes, a, b, stores } = loops;
    this.#context = context;
    this.#loops = loops;
    this.#panel = context.slots.reserve(Math.ceil(extents[1] / lanes) * b.length);
    this.#addresses = new Addresses(context.f, context.base, extents);
    for (const { at } of [a, ...b]) this.#addresses.declare("memory", inBytes(at.strides));
    this.#addresses.declare("memory", this.#panelStrides);
    this.#evaluator = new Evaluator(context, {
      addresses: this.#addresses,
      lanes,
      laneDim: 0,
      values: [],
      stores,
    });
  }

  emit(): void {
    this.#fillPanel();
    const { extents, lanes, b } = this.#loops;
    const rows = accumulators / b.length;
    this.#evaluator.scoped(() => {
      this.#evaluator.hoist(0, [{ delta: [0, 0], active: lanes }]);
      let start = 0;
      for (const [size, count] of pieces(extents[0], rows)) {
        const first = start;
        this.#addresses.loop(0, count, size, () => this.#tile(first, size));
        start += size * count;
      }
    });
  }

  get #panelStrides(): readonly number[] {
    return [0, elementBytes * this.#loops.b.length];
  }

  #fillPanel(): void {
    const { f } = this.#context;
    const { b, lanes } = this.#loops;
    this.#overTerms((term, active) => {
      const to = this.#addresses.at("memory", this.#panelStrides, this.#panel, [0, term]);
      for (const [j, { buffer, at }] of b.entries()) {
        const column = loadStrided(
          "float32",
          lanes,
          this.#address(buffer, at, 0, term),
          at.strides[1],
          active,
        );
        const value = firstLanes(column, active, lanes, "float32");
        f.emit(v128.store(to.pointer, to.offset + vectorBytes * j, value));
      }
    });
  }

  /** The results of a few rows, from row `first` on. */
  #tile(first: number, rows: number): void {
    const { f, constants } = this.#context;
    const { a, b, fused, lanes, stores } = this.#loops;
    this.#evaluator.scoped(() => {
      const sums = Array.from({ length: rows }, () =>
        b.map(() => f.hold(constants.of("float32", 0))),
      );
      this.#overTerms((term, active) => {
        f.scoped(() => {
          const panel = this.#addresses.at("memory", this.#panelStrides, this.#panel, [0, term]);
          const columns = b.map((_, j) =>
            f.hold(v128.load(panel.pointer, panel.offset + vectorBytes * j)),
          );
          for (const [i, row] of sums.entries()) {
            const address = this.#address(a.buffer, a.at, first + i, term);
            const terms = f.hold(
              firstLanes(loadContiguous("float32", lanes, address), active, lanes, "float32"),
            );
            for (const [j, sum] of row.entries()) {
              f.set(sum, multiplyAdd("float32", terms, columns[j], sum, fused));
            }
            f.release(terms);
          }
        });
      });
      for (let start = 0; start < rows; start += lanes) {
        const site: Site = { delta: [first + start, 0], active: Math.min(lanes, rows - start) };
        const some = sums.slice(start, start + lanes);
        this.#evaluator.scoped(() => {
          const totals = b.map((_, j) =>
            addLanes(
              f,
              "float32",
              some.map((row) => row[j]),
            ),
          );
          this.#evaluator.bindAnchors(...totals);
          this.#evaluator.store(stores, [site]);
        });
      }
    });
  }

  /** Runs `body` for each four terms, the last of which may be fewer. */
  #overTerms(body: (term: number, active: number) => void): void {
    const { extents, lanes } = this.#loops;
    const trips = Math.floor(extents[1] / lanes);
    const rest = extents[1] % lanes;
    this.#addresses.loop(1, trips, lanes, () => body(0, lanes));
    if (rest > 0) body(trips * lanes, rest);
  }

  #address(buffer: number, { offset, strides }: NarrowLoops["a"]["at"], row: number, term: number) {
    const start = this.#context.buffers[buffer].offset + elementBytes * offset;
    return this.#addresses.at("memory", inBytes(strides), start, [row, term]);
  }
}

function inBytes(strides: readonly number[]): readonly number[] {
  return strides.map((stride) => stride * elementBytes);
}
