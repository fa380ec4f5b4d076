/** Elements in the lanes of a vector: loading, storing, constants, and bools as masks.
 *
 * A kernel computes with 4 lanes, or with 2 when it has a float64 value. With 2 lanes, float32 and
 * int32 live in the low half of a vector, and a bool is a mask of 64 bits.
 */

import { type Buffer, bytesPerElement, type Store, type Value } from "../../compile/index.ts";
import type { DType } from "../../ir/index.ts";
import { type Address, further } from "./addresses.ts";
import { i32x4, i64x2, type Stmt, v128 } from "./assembler/index.ts";
import { reachable } from "./dimensions.ts";
import type { Vector } from "./vector.ts";

export type { Vector };
export type LaneCount = 2 | 4;

/** The elements of a whole vector. */
export function lanesOf(dtype: "float32" | "float64"): LaneCount {
  return dtype === "float32" ? 4 : 2;
}

/** A mask of 32-bit lanes as one of the kernel's lanes. */
export function widenMask(mask: Vector, lanes: LaneCount): Vector {
  return lanes === 4 ? mask : i64x2.extendLowI32x4S(mask);
}

/** A mask of the kernel's lanes as one of 32-bit lanes. */
export function narrowMask(mask: Vector, lanes: LaneCount): Vector {
  return lanes === 4 ? mask : i32x4.shuffle(mask, mask, [0, 2, 0, 2]);
}

const fromMemory = (dtype: DType, lanes: LaneCount, value: Vector): Vector =>
  dtype === "bool" ? widenMask(value, lanes) : value;

const toMemory = (dtype: DType, lanes: LaneCount, value: Vector): Vector =>
  dtype === "bool" ? narrowMask(value, lanes) : value;

/** The same element in all lanes. */
export function loadSplat(dtype: DType, { pointer, offset }: Address): Vector {
  // A stored bool is 0 or −1, so its splat is a mask of either width.
  return dtype === "float64"
    ? v128.load64Splat(pointer, offset)
    : v128.load32Splat(pointer, offset);
}

/** Elements one after the other; may read up to a vector past the last one. */
export function loadContiguous(
  dtype: DType,
  lanes: LaneCount,
  { pointer, offset }: Address,
): Vector {
  if (dtype === "float64" || lanes === 4) return v128.load(pointer, offset);
  return fromMemory(dtype, lanes, v128.load64Zero(pointer, offset));
}

/** Four 32-bit elements, every other one, from two vectors; reads one element past the last one. */
function loadAlternate(at: Address): Vector {
  const half = further(at, 16);
  return i32x4.shuffle(
    v128.load(at.pointer, at.offset),
    v128.load(half.pointer, half.offset),
    [0, 2, 4, 6],
  );
}

/** Four 32-bit elements in reverse order, the first at `at`. */
function loadReversed(at: Address): Vector {
  const first = further(at, -12);
  const value = v128.load(first.pointer, first.offset);
  return i32x4.shuffle(value, value, [3, 2, 1, 0]);
}

/** One element a lane, each from its own address; lanes without an address are 0. */
export function loadEach(dtype: DType, lanes: LaneCount, from: readonly Address[]): Vector {
  const [first, ...rest] = from;
  if (dtype === "float64") {
    return rest.reduce(
      (value, at, i) => v128.load64Lane(at.pointer, at.offset, i + 1, value),
      v128.load64Zero(first.pointer, first.offset),
    );
  }
  const value = rest.reduce(
    (value, at, i) => v128.load32Lane(at.pointer, at.offset, i + 1, value),
    v128.load32Zero(first.pointer, first.offset),
  );
  return fromMemory(dtype, lanes, value);
}

/** `active` elements that are `stride` elements apart. */
export function loadStrided(
  dtype: DType,
  lanes: LaneCount,
  at: Address,
  stride: number,
  active: number,
): Vector {
  if (stride === 0) return loadSplat(dtype, at);
  if (stride === 1) return loadContiguous(dtype, lanes, at);
  if (active === lanes && lanes === 4) {
    if (stride === 2) return loadAlternate(at);
    if (stride === -1) return loadReversed(at);
  }
  const bytes = stride * bytesPerElement[dtype];
  return loadEach(
    dtype,
    lanes,
    Array.from({ length: active }, (_, lane) => further(at, lane * bytes)),
  );
}

/** Stores the first `active` lanes, `stride` elements apart. `value` is evaluated several times
 * unless it is contiguous and `active` is a power of two. */
export function storeStrided(
  dtype: DType,
  lanes: LaneCount,
  at: Address,
  value: Vector,
  stride: number,
  active: number,
): Stmt[] {
  const stored = toMemory(dtype, lanes, value);
  const wide = dtype === "float64";
  const lane = (index: number) => {
    const { pointer, offset } = further(at, index * stride * bytesPerElement[dtype]);
    return wide
      ? v128.store64Lane(pointer, offset, index, stored)
      : v128.store32Lane(pointer, offset, index, stored);
  };
  if (stride !== 1) return Array.from({ length: active }, (_, index) => lane(index));
  if (active * bytesPerElement[dtype] === 16) return [v128.store(at.pointer, at.offset, stored)];
  if (active === 1) return [lane(0)];
  const low = v128.store64Lane(at.pointer, at.offset, 0, stored);
  return active === 2 ? [low] : [low, lane(2)];
}

/** Stores the first lanes, each at its own address. */
export function storeEach(dtype: DType, to: readonly Address[], value: Vector): Stmt[] {
  return to.map(({ pointer, offset }, lane) =>
    dtype === "float64"
      ? v128.store64Lane(pointer, offset, lane, value)
      : v128.store32Lane(pointer, offset, lane, value),
  );
}

/** Whether storing `active` lanes takes one instruction. */
export function storesAtOnce(stride: number, active: number): boolean {
  return active === 1 || (stride === 1 && active !== 3);
}

/** How many lanes the values and stores of a kernel take. */
export function laneCount(
  buffers: readonly Buffer[],
  values: readonly Value[],
  stores: readonly Store[],
): LaneCount {
  const isDouble = (dtype: DType) => dtype === "float64";
  const all = reachable([...values, ...stores.map((store) => store.value)]);
  return [...all].some((value) => isDouble(value.dtype)) ||
    stores.some(({ buffer }) => isDouble(buffers[buffer].dtype))
    ? 2
    : 4;
}
