/** A seeded family of small plans that reach every way of emitting a kernel.
 *
 * Numbers are small multiples of 1/4 and ops are those that stay exact, so that the emitted code must
 * agree to the last bit whatever the order of its sums, fused or not.
 */

import {
  type Affine,
  type Buffer,
  bytesPerElement,
  type ContractOperand,
  type Kernel,
  type Plan,
  type ScalarOp,
  type Store,
  type Value,
} from "../../compile/index.ts";
import type { DType } from "../../ir/index.ts";
import type { Generator } from "../../util/index.ts";

const dtypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

export interface RandomPlan {
  readonly plan: Plan;
  /** What the buffers hold before the run. */
  readonly initial: readonly Float64Array[];
}

/** One kernel of the given kind over buffers of its own. */
export function randomPlan(kind: Kernel["kind"], generator: Generator): RandomPlan {
  return new PlanMaker(generator).make(kind);
}

class PlanMaker {
  readonly #random: Generator;
  readonly #buffers: Buffer[] = [];
  readonly #initial: Float64Array[] = [];
  readonly #loads: (Value & { readonly kind: "load" })[] = [];
  /** How many results the kernel has. */
  #results = 1;
  #end = 0;

  constructor(generator: Generator) {
    this.#random = generator;
  }

  make(kind: Kernel["kind"]): RandomPlan {
    const kernel = this.#kernels[kind]();
    const plan: Plan = {
      buffers: this.#buffers,
      constants: [],
      arenaBytes: this.#end + 64,
      programs: [{ name: "test", kernels: [kernel] }],
      inputs: [],
      transposed: [],
      outputs: [[]],
    };
    return { plan, initial: this.#initial };
  }

  readonly #kernels: { readonly [K in Kernel["kind"]]: () => Kernel } = {
    map: () => {
      const extents = this.#extents(4);
      return { kind: "map", extents, stores: this.#stores(extents, 1 + this.#below(3)) };
    },
    reduce: () => {
      const extents = this.#extents(2);
      const reduced = this.#extents(2);
      const all = [...extents, ...reduced];
      const dtype = this.#pick(dtypes.slice(0, 3));
      this.#results = this.#chance(0.3) ? 2 + this.#below(3) : 1;
      const inputs = Array.from({ length: this.#results }, () =>
        this.#value(dtype, all, this.#below(3)),
      );
      const sideStores = this.#chance(0.3) ? [this.#store(inputs[0], all)] : [];
      const op = this.#pick(["reduceSum", "reduceMax", "reduceMin"] as const);
      this.#loads.length = 0;
      const stores = this.#stores(extents, 1 + this.#below(2), dtype);
      return { kind: "reduce", op, extents, reduced, inputs, sideStores, stores };
    },
    contract: () => {
      const extents = [...this.#extents(2), this.#length(), this.#length()];
      const isDot = this.#chance(0.3);
      const oneSum = isDot || this.#chance(0.5);
      const reduced = oneSum ? [this.#length()] : [this.#length(), this.#below(4)];
      const dtype = this.#pick(["float32", "float32", "float64"] as const);
      const contiguous = isDot ? extents.length : extents.length - 1;
      const a = this.#operand(dtype, extents, reduced, {
        ...(isDot && { [contiguous]: 1 }),
        [extents.length - 1]: 0,
      });
      const b = this.#operand(dtype, extents, reduced, { [contiguous]: 1 });
      const stores = this.#stores(extents, 1 + this.#below(2), dtype);
      return { kind: "contract", dtype, extents, reduced, a, b, windows: [], stores };
    },
    patch: () => {
      const direction = this.#pick(["gather", "scatter"] as const);
      const dtype = this.#pick(["float32", "float32", "float64"] as const);
      const [images, windows, channels] = [1, 2, 3].map((most) => 1 + this.#below(2 * most));
      const [rows, run] = [1 + this.#below(3), 1 + this.#below(9)];
      // Patches of rows that lie `width` apart, each window some elements after the one before.
      const width = run + this.#below(4);
      const step = 1 + this.#below(5);
      const farthest = 7;
      const size = Math.max(0, windows - 1) * step + farthest + rows * width;
      const extents = [images, windows, channels];
      const count = images * windows * channels;
      const values = this.#buffer(dtype, count);
      const places = this.#buffer("int32", count);
      this.#initial[places].forEach((_, i, all) => {
        all[i] = this.#below(farthest + 1);
      });
      const image = this.#buffer(dtype, images * size);
      const isTransposed = this.#chance(0.3);
      const weights = this.#buffer(dtype, channels * rows * run);
      const ownStrides = isTransposed ? [1, channels * run, channels] : [rows * run, run, 1];
      return {
        kind: "patch",
        direction,
        dtype,
        extents,
        patch: [rows, run],
        values,
        places,
        image: { buffer: image, at: { offset: 0, strides: [size, step, 0, width, 1] } },
        weights: { buffer: weights, at: { offset: 0, strides: [0, 0, ...ownStrides] } },
      };
    },
    scatterAdd: () => {
      const [rows, rowSize, count] = [this.#length(), this.#length(), this.#length()];
      const dtype = this.#pick(dtypes.slice(0, 3));
      const target = this.#buffer(dtype, rows * rowSize);
      const indices = this.#buffer("int32", count);
      const updates = this.#buffer(dtype, count * rowSize);
      return { kind: "scatterAdd", dtype, target, rows, rowSize, count, indices, updates };
    },
  };

  /** Strides over extents and reduced that may overlap, as in a convolution, or run backwards, but for those
   * that are given. */
  #operand(
    dtype: DType,
    extents: readonly number[],
    reduced: readonly number[],
    given: Readonly<Record<number, 0 | 1>>,
  ): ContractOperand {
    const all = [...extents, ...reduced];
    const strides = all.map((_, dim) => given[dim] ?? this.#below(3) * this.#pick([1, 1, 4, 7]));
    let offset = this.#below(3);
    const reach = all.reduce((sum, length, dim) => sum + strides[dim] * Math.max(0, length - 1), 1);
    const size = offset + reach;
    for (const [dim, length] of all.entries()) {
      if (dim in given || this.#chance(0.8)) continue;
      offset += strides[dim] * Math.max(0, length - 1);
      strides[dim] *= -1;
    }
    return { buffer: this.#buffer(dtype, size), at: { offset, strides } };
  }

  #stores(extents: readonly number[], count: number, anchor?: DType): Store[] {
    return Array.from({ length: count }, () => {
      const dtype = this.#pick(dtypes);
      return this.#store(this.#value(dtype, extents, 1 + this.#below(4), anchor), extents);
    });
  }

  /** A store to a buffer of its own or, sometimes, over what the kernel loads at the same index. */
  #store(value: Value, extents: readonly number[]): Store {
    const same = this.#loads.find(
      ({ dtype, at }) => dtype === value.dtype && isInjective(at, extents),
    );
    if (same !== undefined && this.#chance(0.5)) {
      this.#loads.length = 0;
      return { buffer: same.buffer, at: same.at, value };
    }
    const { at, size } = this.#layout(extents, false);
    const buffer = this.#buffer(value.dtype, size);
    // What a store must not touch.
    this.#buffer("int32", 4);
    return { buffer, at, value };
  }

  #value(dtype: DType, extents: readonly number[], depth: number, anchor?: DType): Value {
    if (depth === 0) return this.#leaf(dtype, extents, anchor);
    const operand = (of: DType) =>
      this.#value(of, extents, Math.max(0, depth - 1 - this.#below(2)), anchor);
    if (this.#chance(0.2)) {
      const from = this.#pick(dtypes);
      if (from !== dtype) return op("cast", dtype, [operand(from)]);
    }
    if (this.#chance(0.15)) {
      return op("select", dtype, [operand("bool"), operand(dtype), operand(dtype)]);
    }
    if (dtype === "bool") {
      if (this.#chance(0.2)) return op("not", dtype, [operand("bool")]);
      if (this.#chance(0.3)) {
        return op(this.#pick(["and", "or"]), dtype, [operand("bool"), operand("bool")]);
      }
      const from = this.#pick(dtypes.slice(0, 3));
      const compare = this.#pick(["eq", "ne", "lt", "le", "gt", "ge"] as const);
      return op(compare, dtype, [operand(from), operand(from)]);
    }
    if (this.#chance(0.3)) {
      const names: readonly ScalarOp[] =
        dtype === "int32"
          ? ["neg", "abs", "sign"]
          : ["neg", "abs", "sign", "floor", "ceil", "round"];
      return op(this.#pick(names), dtype, [operand(dtype)]);
    }
    const x = operand(dtype);
    const y = this.#chance(0.2) ? x : operand(dtype);
    return op(this.#pick(["add", "sub", "mul", "max", "min", "add", "sub"]), dtype, [x, y]);
  }

  #leaf(dtype: DType, extents: readonly number[], anchor?: DType): Value {
    if (anchor === dtype && this.#chance(0.5)) return this.#anchor(dtype);
    const choice = this.#random.uniform();
    if (choice < 0.1) return { kind: "constant", value: this.#number(dtype), dtype };
    if (choice < 0.2 && dtype !== "bool") {
      return { kind: "index", at: this.#layout(extents, true).at, dtype };
    }
    if (choice < 0.2) return this.#coin(extents);
    if (choice < 0.3) return this.#gather(dtype, extents, anchor);
    const { at, size } = this.#layout(extents, true);
    const load = { kind: "load", buffer: this.#buffer(dtype, size), at, dtype } as const;
    this.#loads.push(load);
    return load;
  }

  #anchor(dtype: DType): Value {
    return { kind: "anchor", result: this.#below(this.#results), dtype };
  }

  /** A random bool: random numbers themselves would not add up exactly. */
  #coin(extents: readonly number[]): Value {
    const key = this.#buffer("int32", 2);
    const { at } = this.#layout(extents, true);
    const random: Value = { kind: "random", key, keyOffset: 0, at, dtype: "float32" };
    return op("lt", "bool", [random, { kind: "constant", value: 0.5, dtype: "float32" }]);
  }

  #gather(dtype: DType, extents: readonly number[], anchor?: DType): Value {
    const { at, size } = this.#layout(extents, true);
    const rowAt = this.#layout(extents, true);
    const rows = this.#below(5);
    const table = this.#buffer(dtype, rows * size);
    const indices = this.#buffer("int32", rowAt.size);
    const row: Value =
      anchor === "int32" && this.#chance(0.5)
        ? this.#anchor("int32")
        : { kind: "load", buffer: indices, at: rowAt.at, dtype: "int32" };
    return { kind: "gather", table, rows, rowSize: size, row, at, dtype };
  }

  /** An affine access in bounds: permuted, sometimes with gaps, backwards or broadcast axes. */
  #layout(extents: readonly number[], mayRepeat: boolean): { at: Affine; size: number } {
    const strides = extents.map(() => 0);
    let offset = this.#chance(0.3) ? this.#below(4) : 0;
    let stride = this.#chance(0.2) ? 2 : 1;
    const order = this.#chance(0.5)
      ? extents.map((_, dim) => extents.length - 1 - dim)
      : this.#random.permutation(extents.length);
    for (const dim of order) {
      if (mayRepeat && this.#chance(0.25)) continue;
      const backwards = this.#chance(0.1);
      strides[dim] = backwards ? -stride : stride;
      if (backwards) offset += stride * Math.max(0, extents[dim] - 1);
      stride *= extents[dim];
      if (this.#chance(0.1)) stride += 1;
    }
    const reach = strides.reduce(
      (sum, s, dim) => sum + Math.max(0, s) * Math.max(0, extents[dim] - 1),
      0,
    );
    const behind = this.#chance(0.3) ? this.#below(4) : 0;
    return { at: { offset, strides }, size: offset + reach + 1 + behind };
  }

  #buffer(dtype: DType, size: number): number {
    this.#buffers.push({ dtype, size, offset: this.#end });
    this.#initial.push(Float64Array.from({ length: size }, () => this.#number(dtype)));
    const bytes = Math.max(1, size * bytesPerElement[dtype]);
    // Closer than a plan's, so that a store that runs over shows.
    this.#end += Math.ceil(bytes / 16) * 16;
    return this.#buffers.length - 1;
  }

  #number(dtype: DType): number {
    if (dtype === "bool") return this.#below(2);
    if (dtype === "int32") return this.#below(9) - 3;
    return (this.#below(25) - 12) / 4;
  }

  #extents(most: number): number[] {
    return Array.from({ length: this.#below(most + 1) }, () => this.#length());
  }

  #length(): number {
    const choice = this.#random.uniform();
    if (choice < 0.02) return 0;
    if (choice < 0.1) return 10 + this.#below(30);
    return 1 + this.#below(9);
  }

  #below(limit: number): number {
    return this.#random.integer(limit);
  }

  #chance(probability: number): boolean {
    return this.#random.uniform() < probability;
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)];
  }
}

function op(name: ScalarOp, dtype: DType, inputs: readonly Value[]): Value {
  return { kind: "op", op: name, inputs, dtype };
}

/** Whether different indices have different addresses; enough for the layouts made here. */
function isInjective({ strides }: Affine, extents: readonly number[]): boolean {
  return strides.every((stride, dim) => stride !== 0 || extents[dim] <= 1);
}
