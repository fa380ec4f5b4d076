/** Computes the values of a loop body in vectors, each once, and as far out of the loops as it can be. */

import type { Store, Value } from "../../compile/index.ts";
import { InternalError } from "../../util/index.ts";
import { Accesses, type Site } from "./accesses.ts";
import { type Addresses, further } from "./addresses.ts";
import { v128 } from "./assembler/index.ts";
import { columnsTogether, type LoadValue } from "./columns.ts";
import type { KernelContext } from "./context.ts";
import { Dependence, type DimensionSet } from "./dependence.ts";
import { reachable } from "./dimensions.ts";
import { emitExtreme } from "./extremes.ts";
import { FusedSums } from "./fusedSums.ts";
import { Gathers, type GatherValue } from "./gathers.ts";
import { Hoistables } from "./hoistables.ts";
import { type LaneCount, loadContiguous, loadStrided, type Vector } from "./lanes.ts";
import { ScopedMemo } from "./memo.ts";
import { convert, emitOperation, flushedSquare, isFloat } from "./operations.ts";
import { hasShortForm } from "./ranges.ts";
import { Storing } from "./storing.ts";
import { emitUniform } from "./threefry.ts";
import { blockSize, liesAcross, transpose, unweave } from "./transpose.ts";

type OpValue = Value & { readonly kind: "op" };

export interface EvaluatorOptions {
  readonly addresses: Addresses;
  readonly lanes: LaneCount;
  /** The dimension along which the lanes lie. */
  readonly laneDim: number;
  /** How many of the first lanes count at any site (default: all at some). */
  readonly mostActive?: number;
  /** What is computed besides the values of the stores. */
  readonly values: readonly Value[];
  readonly stores: readonly Store[];
}

export class Evaluator {
  readonly #context: KernelContext;
  readonly #accesses: Accesses;
  readonly #lanes: LaneCount;
  readonly #laneDim: number;
  #mostActive: number;
  readonly #roots: readonly Value[];
  readonly #dependence: Dependence;
  readonly #vectors = new ScopedMemo<Vector>();
  readonly #gathers: Gathers;
  readonly #fusedSums: FusedSums;
  readonly #storing: Storing;
  /** Loads of columns beside each other, of rows that lie one after the other along the lanes. */
  readonly #columns: ReadonlyMap<Value, readonly LoadValue[]>;
  readonly #hoistables: Hoistables;
  readonly #keys = new Map<readonly number[], Map<DimensionSet, string>>();
  readonly #keepInLocal: (vector: Vector) => Vector;
  /** Where computed values are kept. */
  #keep: (vector: Vector) => Vector;
  #anchors: readonly Vector[] = [];

  /** Declares every access to `addresses`: to be made before the loops. */
  constructor(context: KernelContext, options: EvaluatorOptions) {
    const { addresses, lanes, laneDim, values, stores } = options;
    this.#keepInLocal = (vector) => context.f.hold(vector);
    this.#keep = this.#keepInLocal;
    this.#context = context;
    this.#accesses = new Accesses(context, addresses, laneDim);
    this.#lanes = lanes;
    this.#laneDim = laneDim;
    this.#mostActive = options.mostActive ?? lanes;
    this.#roots = [...values, ...stores.map(({ value }) => value)];
    const all = [...reachable(this.#roots)];
    this.#dependence = new Dependence(this.#roots, all);
    const accesses = this.#accesses;
    for (const value of all) {
      if (value.kind === "load") accesses.declare("memory", value.at, accesses.bytes(value.buffer));
      else if (value.kind === "gather") {
        accesses.declare("number", value.at, accesses.bytes(value.table));
      } else if ("at" in value) accesses.declare("number", value.at, 1);
    }
    for (const { buffer, at } of stores) accesses.declare("memory", at, accesses.bytes(buffer));
    this.#gathers = new Gathers(context, {
      accesses,
      dependence: this.#dependence,
      lanes,
      laneDim,
      valueAt: (value, site) => this.value(value, site),
      keyOf: (value, site) => this.#key(value, site),
    });
    this.#hoistables = new Hoistables(this.#dependence, this.#gathers);
    this.#fusedSums = new FusedSums({
      valueAt: (value, site) => this.value(value, site),
      isFree: (value, site) =>
        context.madd &&
        this.#dependence.isFree(value) &&
        this.#vectors.find(value, this.#key(value, site)) === undefined,
    });
    this.#storing = new Storing(context, {
      accesses,
      lanes,
      laneDim,
      valueAt: (value, site) => this.value(value, site),
    });
    this.#columns = columnsTogether(all, laneDim);
  }

  /** Runs `body`; locals and values that it made are forgotten after it. */
  scoped(body: () => void): void {
    this.#vectors.push();
    this.#gathers.scoped(() => this.#context.f.scoped(body));
    this.#vectors.pop();
  }

  /** As `scoped`, for a body of sites in which only some of the first lanes count. */
  scopedTo(active: number, body: () => void): void {
    const before = this.#mostActive;
    this.#mostActive = active;
    this.scoped(body);
    this.#mostActive = before;
  }

  /** Computes now, for the present scope, what the bodies at `sites` need and what varies
   * over no other dimensions than `known`.
   * @param roots the values that are computed from it */
  hoist(known: DimensionSet, sites: readonly Site[], roots = this.#roots): void {
    const { values, gathers } = this.#hoistables.of(roots, known);
    for (const site of sites) {
      for (const value of values) this.#hold(value, site);
      for (const gather of gathers) this.#gathers.sharedRow(gather, site);
    }
  }

  /** As `hoist`, into memory: for loops that need all registers. */
  hoistToMemory(known: DimensionSet, sites: readonly Site[]): void {
    this.#keep = (vector) => this.#context.slots.keep(vector);
    this.hoist(known, sites);
    this.#keep = this.#keepInLocal;
  }

  /** Brings constants and what `hoistToMemory` kept, varying over no other dimensions than `known`, into
   * locals of the present scope. */
  recall(known: DimensionSet, site: Site): void {
    for (const value of reachable(this.#roots)) {
      const isConstant = value.kind === "constant" && value.value !== 0;
      if (!isConstant && !this.#dependence.isWithin(value, known)) continue;
      const key = this.#key(value, site);
      const kept = isConstant ? this.#compute(value, site) : this.#vectors.find(value, key);
      if (kept !== undefined) this.#vectors.enter(value, key, this.#keepInLocal(kept));
    }
  }

  /** Binds the kernel's results, by their numbers, for the values computed after them. */
  bindAnchors(...results: readonly Vector[]): void {
    this.#anchors = results;
  }

  /** The value at a site, to be used once. */
  value(value: Value, site: Site): Vector {
    if (value.kind === "constant") {
      return this.#vectors.find(value, "") ?? this.#compute(value, site);
    }
    return value.kind !== "anchor" && this.#dependence.isShared(value)
      ? this.#hold(value, site)
      : (this.#vectors.find(value, this.#key(value, site)) ?? this.#compute(value, site));
  }

  /** Loads for a block of sites, neighbours along `dim`, what lies across the lanes: each row once. */
  loadAcross(sites: readonly Site[], dim: number): void {
    if (this.#lanes !== blockSize || sites.length < 2) return;
    const { f } = this.#context;
    for (const value of reachable(this.#roots)) {
      if (value.kind !== "load" || !liesAcross(value.at, this.#laneDim, dim)) continue;
      if (this.#vectors.find(value, this.#key(value, sites[0])) !== undefined) continue;
      const first = this.#accesses.address("memory", value.at, value.buffer, sites[0]);
      const step = this.#accesses.stride(value.at) * this.#accesses.bytes(value.buffer);
      const rows = Array.from({ length: sites[0].active }, (_, lane) =>
        f.hold(loadContiguous(value.dtype, this.#lanes, further(first, lane * step))),
      );
      for (const [i, column] of transpose(f, rows, sites.length).entries()) {
        this.#vectors.enter(value, this.#key(value, sites[i]), column);
      }
    }
  }

  /** Computes the values of all stores at some sites, then stores them; several sites are neighbours
   * along `dim`. */
  store(stores: readonly Store[], sites: readonly Site[], dim = 0): void {
    this.#storing.store(stores, sites, dim);
  }

  /** A load's vector, where it is a column beside others, which are then loaded with it. */
  #column(value: LoadValue, site: Site): Vector | undefined {
    const columns = this.#columns.get(value);
    if (columns === undefined || !this.#storing.fillsVectors(value.buffer, site)) return undefined;
    const { f } = this.#context;
    const width = this.#accesses.stride(value.at);
    const [first] = columns;
    const address = this.#accesses.address("memory", first.at, first.buffer, site);
    const vectors = Array.from({ length: width }, (_, i) =>
      f.hold(loadContiguous(first.dtype, this.#lanes, further(address, 16 * i))),
    );
    const parts = unweave(f, vectors, this.#lanes);
    for (const column of columns) {
      const part = parts[column.at.offset - first.at.offset];
      this.#vectors.enter(column, this.#key(column, site), part);
    }
    return parts[value.at.offset - first.at.offset];
  }

  #hold(value: Value, site: Site): Vector {
    const key = this.#key(value, site);
    const known = this.#vectors.find(value, key);
    return known ?? this.#vectors.enter(value, key, this.#keep(this.#compute(value, site)));
  }

  #compute(value: Value, site: Site): Vector {
    switch (value.kind) {
      case "load": {
        const column = this.#column(value, site);
        if (column !== undefined) return column;
        const address = this.#accesses.address("memory", value.at, value.buffer, site);
        return loadStrided(
          value.dtype,
          this.#lanes,
          address,
          this.#accesses.stride(value.at),
          site.active,
        );
      }
      case "constant":
        return this.#context.constants.of(value.dtype, value.value);
      case "index": {
        const indices = this.#accesses.indices(value.at, site);
        return convert(this.#context, this.#lanes, indices, "int32", value.dtype);
      }
      case "gather":
        return this.#gathers.value(value, site);
      case "random":
        return this.#random(value, site);
      case "op":
        return this.#fusedSums.value(value, site) ?? this.#operation(value, site);
      case "anchor":
        if (this.#anchors.length === 0) {
          throw new InternalError("WebAssembly kernel: its result is used before it is computed.");
        }
        return this.#anchors[value.result];
    }
  }

  #operation(value: OpValue, site: Site): Vector {
    const { op, dtype, inputs } = value;
    const operands = inputs.map((input) => this.value(input, site));
    if (this.#context.madd && isFloat(dtype) && mayUnderflow(value)) {
      return flushedSquare(this.#context, dtype, operands[0]);
    }
    const from = op === "select" ? dtype : inputs[0].dtype;
    if ((op === "max" || op === "min") && isFloat(from)) {
      const extreme = emitExtreme(op, from, inputs, operands);
      if (extreme !== undefined) return extreme;
    }
    return emitOperation(op, {
      context: this.#context,
      lanes: this.#lanes,
      active: this.#mostActive,
      isShort: this.#context.madd && hasShortForm(op, inputs[0]),
      from,
      to: dtype,
      inputs: operands,
    });
  }

  /** A value plus a vector. */
  plus(value: Value, site: Site, vector: Vector): Vector {
    const fused = this.#fusedSums.plus(value, site, vector);
    if (fused !== undefined) return fused;
    const { dtype } = value;
    const inputs = [vector, this.value(value, site)];
    const lanes = this.#lanes;
    return emitOperation("add", { context: this.#context, lanes, from: dtype, to: dtype, inputs });
  }

  #random(value: Value & { readonly kind: "random" }, site: Site): Vector {
    const { base, buffers } = this.#context;
    const { offset } = buffers[value.key];
    const [k0, k1] = [0, 1].map((word) =>
      v128.load32Splat(base, offset + 4 * (value.keyOffset + word)),
    );
    const dtype = value.dtype === "float64" ? "float64" : "float32";
    return emitUniform(this.#context, k0, k1, this.#accesses.indices(value.at, site), dtype);
  }

  /** Loads and drops an element of each cache line of some rows, so that all are on their way. */
  touchRows(value: GatherValue, sites: readonly Site[], elements: number): void {
    this.#gathers.touchRows(value, sites, elements);
  }

  /** Sites with one key give one value: those that agree in the dimensions the value depends on. */
  #key(value: Value, { delta }: Site): string {
    const dims = this.#dependence.distinguishing(value);
    if (dims === 0) return "";
    let keys = this.#keys.get(delta);
    if (keys === undefined) {
      keys = new Map();
      this.#keys.set(delta, keys);
    }
    let key = keys.get(dims);
    if (key === undefined) {
      key = delta.map((distance, dim) => (dims & (1 << dim) ? distance : 0)).join(",");
      keys.set(dims, key);
    }
    return key;
  }
}

/** Whether a value is the square of what saturated units make tiny. */
function mayUnderflow({ op, inputs }: OpValue): boolean {
  const x = inputs[0];
  return (
    op === "mul" && x === inputs[1] && x.kind === "op" && (x.op === "exp" || x.op === "sigmoid")
  );
}
