/** Elements of table rows that a loop body computes: all lanes from one row, or each from its own. */

import type { Value } from "../../compile/index.ts";
import { type Accesses, ramp, type Site } from "./accesses.ts";
import { drop, i32, i32x4, type Local, v128 } from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { Dependence } from "./dependence.ts";
import { type LaneCount, loadEach, loadStrided, type Vector, widenMask } from "./lanes.ts";
import { ScopedMemo } from "./memo.ts";

export type GatherValue = Value & { readonly kind: "gather" };

/** The row of a gather that all lanes share: its address, and a mask that is 0 for a row outside. */
interface SharedRow {
  readonly pointer: Local<"i32">;
  readonly mask: Vector;
}

/** Bytes of a cache line. */
const lineBytes = 64;

export interface GathersOptions {
  readonly accesses: Accesses;
  readonly dependence: Dependence;
  readonly lanes: LaneCount;
  readonly laneDim: number;
  /** The value at a site, to be used once. */
  valueAt(value: Value, site: Site): Vector;
  /** What the sites share at which the value is the same. */
  keyOf(value: Value, site: Site): string;
}

export class Gathers {
  readonly #context: KernelContext;
  readonly #options: GathersOptions;
  readonly #rows = new ScopedMemo<SharedRow>();

  constructor(context: KernelContext, options: GathersOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Runs `body`; the rows that it computed are forgotten after it. */
  scoped(body: () => void): void {
    this.#rows.push();
    body();
    this.#rows.pop();
  }

  /** Whether all lanes take their elements from one row. */
  sharesRow({ row }: GatherValue): boolean {
    const { dependence, laneDim } = this.#options;
    // What depends on the kernel's result may differ in each lane, as the result does.
    return dependence.isWithin(row, ~(1 << laneDim)) && !dependence.dependsOnAnchor(row);
  }

  value(value: GatherValue, site: Site): Vector {
    if (value.rows === 0) return this.#context.constants.of(value.dtype, 0);
    return this.sharesRow(value) ? this.#fromRow(value, site) : this.#fromEach(value, site);
  }

  #fromRow(value: GatherValue, site: Site): Vector {
    const { accesses, lanes } = this.#options;
    const row = this.sharedRow(value, site);
    const { pointer, offset } = accesses.address("number", value.at, value.table, site);
    const address = { pointer: i32.add(row.pointer, pointer), offset };
    const stride = accesses.stride(value.at);
    return v128.and(loadStrided(value.dtype, lanes, address, stride, site.active), row.mask);
  }

  /** The row that the lanes share, computed once for the present scope. */
  sharedRow(value: GatherValue, site: Site): SharedRow {
    const { accesses, valueAt, keyOf } = this.#options;
    const key = keyOf(value.row, site);
    const known = this.#rows.find(value, key);
    if (known !== undefined) return known;
    const { f, base } = this.#context;
    const row = f.hold(i32x4.extractLane(valueAt(value.row, site), 0));
    const inside = f.hold(i32.ltU(row, i32.const(value.rows)));
    const rowBytes = i32.const(value.rowSize * accesses.bytes(value.table));
    return this.#rows.enter(value, key, {
      pointer: f.hold(i32.add(base, i32.mul(i32.mul(row, inside), rowBytes))),
      mask: f.hold(i32x4.splat(i32.sub(i32.const(0), inside))),
    });
  }

  /** Loads and drops an element of each cache line of the rows that a gather shares at some sites, along which the
   * lanes lie: a line of each row in turn, so that memory is asked in several places at a time. */
  touchRows(value: GatherValue, sites: readonly Site[], elements: number): void {
    const { f } = this.#context;
    const { accesses } = this.#options;
    const rows = sites.map((site) => {
      const { pointer } = this.sharedRow(value, site);
      const first = accesses.address("number", value.at, value.table, site);
      return { pointer: f.hold(i32.add(pointer, first.pointer)), offset: first.offset };
    });
    f.forRange(f.local("i32"), 0, elements * accesses.bytes(value.table), lineBytes, (line) => {
      for (const { pointer, offset } of rows) {
        f.emit(drop(v128.load32Zero(i32.add(pointer, line), offset)));
      }
    });
  }

  #fromEach(value: GatherValue, site: Site): Vector {
    const { f, base, constants } = this.#context;
    const { accesses, lanes, valueAt } = this.#options;
    const elementSize = accesses.bytes(value.table);
    const row = f.hold(valueAt(value.row, site));
    // Engines make a minimum of unsigned numbers in one instruction, a comparison in four.
    const last = constants.of("int32", value.rows - 1);
    const inside = f.hold(i32x4.eq(i32x4.minU(row, last), row));
    const rowBytes = value.rowSize * elementSize;
    const shift = Math.log2(rowBytes);
    const bounded = v128.and(row, inside);
    const starts = Number.isInteger(shift)
      ? i32x4.shl(bounded, shift)
      : i32x4.mul(bounded, constants.of("int32", rowBytes));
    const { pointer, offset } = accesses.address("number", value.at, value.table, site);
    const inRow = ramp(i32.add(base, pointer), accesses.stride(value.at) * elementSize);
    const pointers = f.hold(i32x4.add(starts, inRow));
    const elements = Array.from({ length: site.active }, (_, lane) => ({
      pointer: i32x4.extractLane(pointers, lane),
      offset,
    }));
    const isWide = value.dtype === "float64" || value.dtype === "bool";
    const mask = isWide ? widenMask(inside, lanes) : inside;
    return v128.and(loadEach(value.dtype, lanes, elements), mask);
  }
}
