/** Stores what a loop body computes: in whole vectors where rows lie across the lanes or beside each other. */

import type { Store, Value } from "../../compile/index.ts";
import type { Accesses, Site } from "./accesses.ts";
import { type Address, further } from "./addresses.ts";
import { wholeRows } from "./columns.ts";
import type { KernelContext } from "./context.ts";
import { type LaneCount, storeStrided, storesAtOnce, type Vector } from "./lanes.ts";
import { blockSize, liesAcross, transpose, weaveRows } from "./transpose.ts";

export interface StoringOptions {
  readonly accesses: Accesses;
  readonly lanes: LaneCount;
  readonly laneDim: number;
  /** The value at a site, to be used once. */
  valueAt(value: Value, site: Site): Vector;
}

export class Storing {
  readonly #context: KernelContext;
  readonly #options: StoringOptions;

  constructor(context: KernelContext, options: StoringOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Computes the values of all stores at some sites, then stores them; several sites are neighbours
   * along `dim`. */
  store(stores: readonly Store[], sites: readonly Site[], dim = 0): void {
    const { f } = this.#context;
    const { accesses, lanes, laneDim, valueAt } = this.#options;
    const { active } = sites[0];
    const ready = stores.map((store) => {
      const values = sites.map((site) => valueAt(store.value, site));
      const atOnce =
        stores.length * sites.length === 1 && storesAtOnce(accesses.stride(store.at), active);
      return { ...store, values: atOnce ? values : values.map((value) => f.hold(value)) };
    });
    const woven = sites.length === 1 ? this.#storeColumns(ready, sites[0]) : undefined;
    for (const store of ready) {
      const { buffer, at, values } = store;
      if (woven?.has(store)) continue;
      const isBlock = lanes === blockSize && sites.length > 1;
      if (isBlock && liesAcross(at, laneDim, dim)) {
        const step = accesses.stride(at) * accesses.bytes(buffer);
        const first = accesses.address("memory", at, buffer, sites[0]);
        for (const [lane, row] of transpose(f, values, active).entries()) {
          this.#storeVector(buffer, further(first, lane * step), row, 1, sites.length);
        }
      } else {
        const stride = accesses.stride(at);
        sites.forEach((site, i) => {
          const address = accesses.address("memory", at, buffer, site);
          this.#storeVector(buffer, address, values[i], stride, active);
        });
      }
    }
  }

  /** Whether all lanes count, and elements of a buffer fill a vector between them. */
  fillsVectors(buffer: number, { active }: Site): boolean {
    const { accesses, lanes } = this.#options;
    return active === lanes && active * accesses.bytes(buffer) === 16;
  }

  /** Stores columns of whole rows that lie one after the other along the lanes; returns what it stored. */
  #storeColumns<S extends Store & { readonly values: readonly Vector[] }>(
    stores: readonly S[],
    site: Site,
  ): ReadonlySet<S> {
    const { accesses, lanes, laneDim } = this.#options;
    const rows = wholeRows(stores, laneDim).filter(([{ buffer }]) =>
      this.fillsVectors(buffer, site),
    );
    for (const columns of rows) {
      const [{ buffer, at }] = columns;
      const address = accesses.address("memory", at, buffer, site);
      const vectors = weaveRows(
        this.#context.f,
        columns.map(({ values: [value] }) => value),
        lanes,
      );
      for (const [i, vector] of vectors.entries()) {
        this.#storeVector(buffer, further(address, 16 * i), vector, 1, lanes);
      }
    }
    return new Set(rows.flat());
  }

  #storeVector(
    buffer: number,
    address: Address,
    value: Vector,
    stride: number,
    active: number,
  ): void {
    const { dtype } = this.#context.buffers[buffer];
    this.#context.f.emit(
      ...storeStrided(dtype, this.#options.lanes, address, value, stride, active),
    );
  }
}
