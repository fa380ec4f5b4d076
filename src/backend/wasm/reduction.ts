/** The arithmetic of reductions: what they start from, how partial results combine, also across lanes. */

import type { ReduceKernel } from "../../compile/index.ts";
import type { DType } from "../../ir/index.ts";
import {
  type FunctionBuilder,
  f32x4,
  f64x2,
  i32x4,
  i64x2,
  type Local,
  v128,
} from "./assembler/index.ts";
import type { KernelContext } from "./context.ts";
import type { LaneCount, Vector } from "./lanes.ts";
import { emitOperation, isFloat } from "./operations.ts";

interface Reduction {
  /** What combines with x to x. */
  identity(dtype: DType): number;
  readonly combine: "add" | "max" | "min";
}

const reductions: Readonly<Record<ReduceKernel["op"], Reduction>> = {
  reduceSum: { identity: () => 0, combine: "add" },
  reduceMax: {
    identity: (dtype) => (isFloat(dtype) ? -Infinity : -0x80000000),
    combine: "max",
  },
  reduceMin: { identity: (dtype) => (isFloat(dtype) ? Infinity : 0x7fffffff), combine: "min" },
};

/** The result of a reduction of nothing. */
export function identityOf(op: ReduceKernel["op"], dtype: DType): number {
  return reductions[op].identity(dtype);
}

/** A reduction of one dtype in one function. */
export class Reducer {
  readonly #context: KernelContext;
  readonly #lanes: LaneCount;
  readonly #dtype: DType;
  readonly #reduction: Reduction;

  constructor(context: KernelContext, lanes: LaneCount, dtype: DType, op: ReduceKernel["op"]) {
    this.#context = context;
    this.#lanes = lanes;
    this.#dtype = dtype;
    this.#reduction = reductions[op];
  }

  get identity(): Vector {
    return this.#context.constants.of(this.#dtype, this.#reduction.identity(this.#dtype));
  }

  combine(a: Vector, b: Vector): Vector {
    return emitOperation(this.#reduction.combine, {
      context: this.#context,
      lanes: this.#lanes,
      from: this.#dtype,
      to: this.#dtype,
      inputs: [a, b],
    });
  }

  /** The first `active` lanes of x, the identity in the others. */
  masked(x: Vector, active: number): Vector {
    const mask = activeMask(active, this.#lanes, this.#dtype);
    return this.#reduction.combine === "add"
      ? v128.and(x, mask)
      : v128.bitselect(x, this.identity, mask);
  }

  /** All lanes combined, in each lane. */
  acrossLanes(x: Vector): Vector {
    const { f } = this.#context;
    let value = f.hold(x);
    if (this.#dtype === "float64") {
      return this.combine(value, i64x2.shuffle(value, value, [1, 0]));
    }
    if (this.#lanes === 4) {
      value = f.hold(this.combine(value, i32x4.shuffle(value, value, [2, 3, 0, 1])));
    }
    return this.combine(value, i32x4.shuffle(value, value, [1, 0, 3, 2]));
  }
}

/** The sum of the lanes of each of some vectors, up to as many as a vector has lanes, in a lane each: of four
 * lanes (0 + 2) + (1 + 3). */
export function addLanes(
  f: FunctionBuilder,
  dtype: "float32" | "float64",
  sums: readonly Vector[],
): Local<"v128"> {
  const at = (i: number) => sums[Math.min(i, sums.length - 1)];
  if (dtype === "float64") {
    const [even, odd] = [0, 1].map((lane) => i64x2.shuffle(at(0), at(1), [lane, lane + 2]));
    return f.hold(f64x2.add(even, odd));
  }
  const [low, high] = [0, 2].map((i) =>
    f.hold(
      f32x4.add(
        i32x4.shuffle(at(i), at(i + 1), [0, 4, 1, 5]),
        i32x4.shuffle(at(i), at(i + 1), [2, 6, 3, 7]),
      ),
    ),
  );
  return f.hold(
    f32x4.add(i32x4.shuffle(low, high, [0, 1, 4, 5]), i32x4.shuffle(low, high, [2, 3, 6, 7])),
  );
}

/** The first `active` lanes of a value, 0 in the others. */
export function firstLanes(
  value: Vector,
  active: number,
  lanes: LaneCount,
  dtype: "float32" | "float64",
): Vector {
  return active === lanes ? value : v128.and(value, activeMask(active, lanes, dtype));
}

/** All ones in the first `active` lanes, 0 in the others. */
function activeMask(active: number, lanes: LaneCount, dtype: DType): Vector {
  const bit = (lane: number) => (lane < active ? -1 : 0);
  if (dtype === "float64") return v128.i64x2Const(BigInt(bit(0)), BigInt(bit(1)));
  return lanes === 4
    ? v128.i32x4Const(bit(0), bit(1), bit(2), bit(3))
    : v128.i32x4Const(bit(0), bit(1), 0, 0);
}
