/** The SIMD instructions: `f32x4.add(a, b)`, `v128.load32Splat(address, offset)`, `i32x4.shuffle(a, b, lanes)`. */

import { InternalError } from "../../../util/errors.ts";
import {
  binary,
  type Expr,
  expression,
  float32Bytes,
  float64Bytes,
  load,
  memoryArgument,
  prefixed,
  type Stmt,
  statement,
  store,
  unary,
  type ValueType,
} from "./expression.ts";

type V = Expr<"v128">;

const simd = (opcode: number) => prefixed(0xfd, opcode);
const one = (opcode: number) => unary<"v128", "v128">("v128", simd(opcode));
const two = (opcode: number) => binary<"v128", "v128", "v128">("v128", simd(opcode));
const test = (opcode: number) => unary<"v128", "i32">("i32", simd(opcode));
const splat = <T extends ValueType>(opcode: number) => unary<T, "v128">("v128", simd(opcode));
const load128 = (opcode: number) => load("v128", simd(opcode));

const three =
  (opcode: number) =>
  (a: V, b: V, c: V): V =>
    expression("v128", [a.code, b.code, c.code, simd(opcode)]);

/** Shifts every lane by the same number of bits (a constant or an i32, taken modulo the width). */
const shift =
  (opcode: number) =>
  (a: V, bits: Expr<"i32"> | number): V =>
    expression("v128", [
      a.code,
      typeof bits === "number" ? [0x41, bits & 63] : bits.code,
      simd(opcode),
    ]);

const extract =
  <T extends ValueType>(type: T, opcode: number, lanes: number) =>
  (a: V, lane: number): Expr<T> =>
    expression(type, [a.code, simd(opcode), checkLane(lane, lanes)]);

const replace =
  <T extends ValueType>(opcode: number, lanes: number) =>
  (a: V, lane: number, value: Expr<T>): V =>
    expression("v128", [a.code, value.code, simd(opcode), checkLane(lane, lanes)]);

const loadLane =
  (opcode: number, lanes: number) =>
  (address: Expr<"i32">, offset: number, lane: number, vector: V): V =>
    expression("v128", [
      address.code,
      vector.code,
      simd(opcode),
      memoryArgument(offset),
      checkLane(lane, lanes),
    ]);

const storeLane =
  (opcode: number, lanes: number) =>
  (address: Expr<"i32">, offset: number, lane: number, vector: V): Stmt =>
    statement([
      address.code,
      vector.code,
      simd(opcode),
      memoryArgument(offset),
      checkLane(lane, lanes),
    ]);

function checkLane(lane: number, lanes: number): number {
  if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) {
    throw new InternalError(
      `WebAssembly vector: expected a lane in [0, ${lanes}), got ${lane}; check the lane passed.`,
    );
  }
  return lane;
}

/** A shuffle of lanes of `16 / count` bytes; lanes of `a` count from 0, those of `b` follow. */
const shuffleLanes =
  (count: 2 | 4 | 16) =>
  (a: V, b: V, lanes: readonly number[]): V => {
    if (lanes.length !== count) {
      throw new InternalError(
        `WebAssembly shuffle: expected ${count} lanes, got ${lanes.length}; name one source lane for each result lane.`,
      );
    }
    const size = 16 / count;
    const bytes = new Uint8Array(16);
    for (let i = 0; i < 16; i++) {
      bytes[i] = checkLane(lanes[Math.floor(i / size)], 2 * count) * size + (i % size);
    }
    return expression("v128", [a.code, b.code, simd(0x0d), bytes]);
  };

function constant(bytes: Uint8Array): V {
  return expression("v128", [simd(0x0c), bytes]);
}

function lanesOf<T>(values: readonly T[], size: number, encode: (value: T) => Uint8Array): V {
  const bytes = new Uint8Array(16);
  for (const [i, value] of values.entries()) bytes.set(encode(value), size * i);
  return constant(bytes);
}

const int32Bytes = (value: number) => new Uint8Array(Int32Array.of(value).buffer);
const int64Bytes = (value: bigint) =>
  new Uint8Array(BigInt64Array.of(BigInt.asIntN(64, value)).buffer);

export const v128 = {
  load: load128(0x00),
  load32x2S: load128(0x05),
  load32x2U: load128(0x06),
  load8Splat: load128(0x07),
  load16Splat: load128(0x08),
  load32Splat: load128(0x09),
  load64Splat: load128(0x0a),
  load32Zero: load128(0x5c),
  load64Zero: load128(0x5d),
  load8Lane: loadLane(0x54, 16),
  load16Lane: loadLane(0x55, 8),
  load32Lane: loadLane(0x56, 4),
  load64Lane: loadLane(0x57, 2),
  store: store<"v128">(simd(0x0b)),
  store8Lane: storeLane(0x58, 16),
  store16Lane: storeLane(0x59, 8),
  store32Lane: storeLane(0x5a, 4),
  store64Lane: storeLane(0x5b, 2),
  f32x4Const: (a: number, b: number, c: number, d: number): V =>
    lanesOf([a, b, c, d], 4, float32Bytes),
  f64x2Const: (a: number, b: number): V => lanesOf([a, b], 8, float64Bytes),
  i32x4Const: (a: number, b: number, c: number, d: number): V =>
    lanesOf([a, b, c, d], 4, int32Bytes),
  i64x2Const: (a: bigint, b: bigint): V => lanesOf([a, b], 8, int64Bytes),
  not: one(0x4d),
  and: two(0x4e),
  /** `a & ~b`. */
  andnot: two(0x4f),
  or: two(0x50),
  xor: two(0x51),
  /** The bits of `a` where `mask` is 1, those of `b` where it is 0. */
  bitselect: three(0x52),
  anyTrue: test(0x53),
} as const;

export const i8x16 = {
  shuffle: shuffleLanes(16),
  swizzle: two(0x0e),
  splat: splat<"i32">(0x0f),
  extractLaneU: extract("i32", 0x16, 16),
  extractLaneS: extract("i32", 0x15, 16),
  replaceLane: replace<"i32">(0x17, 16),
  eq: two(0x23),
  ne: two(0x24),
  allTrue: test(0x63),
  bitmask: test(0x64),
  add: two(0x6e),
  sub: two(0x71),
} as const;

export const i32x4 = {
  /** All four lanes the same constant. */
  constant: (value: number): V => v128.i32x4Const(value, value, value, value),
  /** Four 32-bit lanes: 0-3 name those of `a`, 4-7 those of `b`. */
  shuffle: shuffleLanes(4),
  splat: splat<"i32">(0x11),
  extractLane: extract("i32", 0x1b, 4),
  replaceLane: replace<"i32">(0x1c, 4),
  eq: two(0x37),
  ne: two(0x38),
  ltS: two(0x39),
  ltU: two(0x3a),
  gtS: two(0x3b),
  gtU: two(0x3c),
  leS: two(0x3d),
  leU: two(0x3e),
  geS: two(0x3f),
  geU: two(0x40),
  abs: one(0xa0),
  neg: one(0xa1),
  allTrue: test(0xa3),
  bitmask: test(0xa4),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  add: two(0xae),
  sub: two(0xb1),
  mul: two(0xb5),
  minS: two(0xb6),
  minU: two(0xb7),
  maxS: two(0xb8),
  maxU: two(0xb9),
  truncSatF32x4S: one(0xf8),
  truncSatF32x4U: one(0xf9),
  truncSatF64x2SZero: one(0xfc),
  truncSatF64x2UZero: one(0xfd),
  /** Relaxed: `mask` lanes must be all ones or all zeros. */
  relaxedLaneselect: three(0x10b),
} as const;

export const i64x2 = {
  /** Both lanes the same constant. */
  constant: (value: bigint): V => v128.i64x2Const(value, value),
  /** Two 64-bit lanes: 0-1 name those of `a`, 2-3 those of `b`. */
  shuffle: shuffleLanes(2),
  splat: splat<"i64">(0x12),
  extractLane: extract("i64", 0x1d, 2),
  replaceLane: replace<"i64">(0x1e, 2),
  abs: one(0xc0),
  neg: one(0xc1),
  allTrue: test(0xc3),
  bitmask: test(0xc4),
  extendLowI32x4S: one(0xc7),
  extendHighI32x4S: one(0xc8),
  extendLowI32x4U: one(0xc9),
  extendHighI32x4U: one(0xca),
  shl: shift(0xcb),
  shrS: shift(0xcc),
  shrU: shift(0xcd),
  add: two(0xce),
  sub: two(0xd1),
  mul: two(0xd5),
  eq: two(0xd6),
  ne: two(0xd7),
  ltS: two(0xd8),
  gtS: two(0xd9),
  leS: two(0xda),
  geS: two(0xdb),
  extmulLowI32x4S: two(0xdc),
  extmulHighI32x4S: two(0xdd),
  extmulLowI32x4U: two(0xde),
  extmulHighI32x4U: two(0xdf),
  /** Relaxed: `mask` lanes must be all ones or all zeros. */
  relaxedLaneselect: three(0x10c),
} as const;

export const f32x4 = {
  /** All four lanes the same constant. */
  constant: (value: number): V => v128.f32x4Const(value, value, value, value),
  splat: splat<"f32">(0x13),
  extractLane: extract("f32", 0x1f, 4),
  replaceLane: replace<"f32">(0x20, 4),
  eq: two(0x41),
  ne: two(0x42),
  lt: two(0x43),
  gt: two(0x44),
  le: two(0x45),
  ge: two(0x46),
  demoteF64x2Zero: one(0x5e),
  ceil: one(0x67),
  floor: one(0x68),
  trunc: one(0x69),
  nearest: one(0x6a),
  abs: one(0xe0),
  neg: one(0xe1),
  sqrt: one(0xe3),
  add: two(0xe4),
  sub: two(0xe5),
  mul: two(0xe6),
  div: two(0xe7),
  min: two(0xe8),
  max: two(0xe9),
  /** `b < a ? b : a`: one instruction where `min` takes several; returns `a` on NaN. */
  pmin: two(0xea),
  /** `a < b ? b : a`: one instruction where `max` takes several; returns `a` on NaN. */
  pmax: two(0xeb),
  convertI32x4S: one(0xfa),
  convertI32x4U: one(0xfb),
  /** Relaxed `a * b + c`: fused or not, as the machine prefers. */
  relaxedMadd: three(0x105),
  /** Relaxed `c - a * b`. */
  relaxedNmadd: three(0x106),
  relaxedMin: two(0x10d),
  relaxedMax: two(0x10e),
} as const;

export const f64x2 = {
  /** Both lanes the same constant. */
  constant: (value: number): V => v128.f64x2Const(value, value),
  splat: splat<"f64">(0x14),
  extractLane: extract("f64", 0x21, 2),
  replaceLane: replace<"f64">(0x22, 2),
  eq: two(0x47),
  ne: two(0x48),
  lt: two(0x49),
  gt: two(0x4a),
  le: two(0x4b),
  ge: two(0x4c),
  promoteLowF32x4: one(0x5f),
  ceil: one(0x74),
  floor: one(0x75),
  trunc: one(0x7a),
  nearest: one(0x94),
  abs: one(0xec),
  neg: one(0xed),
  sqrt: one(0xef),
  add: two(0xf0),
  sub: two(0xf1),
  mul: two(0xf2),
  div: two(0xf3),
  min: two(0xf4),
  max: two(0xf5),
  /** `b < a ? b : a`: one instruction where `min` takes several; returns `a` on NaN. */
  pmin: two(0xf6),
  /** `a < b ? b : a`: one instruction where `max` takes several; returns `a` on NaN. */
  pmax: two(0xf7),
  convertLowI32x4S: one(0xfe),
  convertLowI32x4U: one(0xff),
  /** Relaxed `a * b + c`: fused or not, as the machine prefers. */
  relaxedMadd: three(0x107),
  /** Relaxed `c - a * b`. */
  relaxedNmadd: three(0x108),
  relaxedMin: two(0x10f),
  relaxedMax: two(0x110),
} as const;
