/** The SIMD instructions: `f32x4.add(a, b)`, `v128.load32Splat(address, offset)`, `i32x4.shuffle(a, b, lanes)`. */

import { InternalError } from "../../../util/errors.ts";
import { type Code, joined, textOf } from "./code.ts";
import {
  binary,
  type Expr,
  expression,
  float32Text,
  float64Text,
  inRow,
  load,
  memoryArgument,
  prefixed,
  type Stmt,
  single,
  statement,
  store,
  unary,
  type ValueType,
} from "./expression.ts";

type V = Expr<"v128">;

const simd = (opcode: number) => prefixed(0xfd, opcode);
const one = (opcode: number) => unary<"v128", "v128">("v128", simd(opcode));
const two = (opcode: number) => binary<"v128", "v128", "v128">("v128", simd(opcode));
const splat = <T extends ValueType>(opcode: number) => unary<T, "v128">("v128", simd(opcode));
const load128 = (opcode: number) => load("v128", simd(opcode));

const three =
  (opcode: number, op = simd(opcode)) =>
  (a: V, b: V, c: V): V =>
    expression("v128", joined(joined(joined(a.code, b.code), c.code), op));

/** Shifts every lane by the same number of bits (a constant or an i32, taken modulo the width). */
const shift =
  (opcode: number, op = simd(opcode)) =>
  (a: V, bits: Expr<"i32"> | number): V =>
    expression(
      "v128",
      joined(joined(a.code, typeof bits === "number" ? immediate(bits & 63) : bits.code), op),
    );

const extract =
  <T extends ValueType>(type: T, opcode: number, lanes: number) =>
  (a: V, lane: number): Expr<T> =>
    expression(type, joined(a.code, simd(opcode) + laneText(lane, lanes)));

const replace =
  <T extends ValueType>(opcode: number, lanes: number) =>
  (a: V, lane: number, value: Expr<T>): V =>
    expression("v128", joined(joined(a.code, value.code), simd(opcode) + laneText(lane, lanes)));

const loadLane =
  (opcode: number, lanes: number) =>
  (address: Expr<"i32">, offset: number, lane: number, vector: V): V =>
    expression(
      "v128",
      atLane(opcode, address, vector, memoryArgument(offset) + laneText(lane, lanes)),
    );

const storeLane =
  (opcode: number, lanes: number) =>
  (address: Expr<"i32">, offset: number, lane: number, vector: V): Stmt =>
    statement(atLane(opcode, address, vector, memoryArgument(offset) + laneText(lane, lanes)));

const atLane = (opcode: number, address: Expr<"i32">, vector: V, place: string): Code =>
  joined(joined(address.code, vector.code), simd(opcode) + place);

/** `i32.const` of a small number. */
const immediate = (value: number) => `\x41${single(value)}`;

const laneText = (lane: number, lanes: number) => single(checkLane(lane, lanes));

function checkLane(lane: number, lanes: number): number {
  if (!Number.isInteger(lane) || lane < 0 || lane >= lanes) {
    throw new InternalError(`WebAssembly: expected a lane in [0, ${lanes}), got ${lane}.`);
  }
  return lane;
}

/** The bytes of two vectors, by number. */
const bytesOfTwo = String.fromCharCode(...new Array(32).keys());

/** A shuffle of lanes of `16 / count` bytes; lanes of `a` count from 0, those of `b` follow. */
const shuffleLanes =
  (count: 2 | 4) =>
  (a: V, b: V, lanes: readonly number[]): V => {
    if (lanes.length !== count) {
      throw new InternalError(`WebAssembly: expected ${count} lanes, got ${lanes.length}.`);
    }
    const size = 16 / count;
    let order = "";
    for (let i = 0; i < count; i++) {
      const first = size * checkLane(lanes[i], 2 * count);
      order += bytesOfTwo.slice(first, first + size);
    }
    return expression("v128", joined(joined(a.code, b.code), simd(0x0d) + order));
  };

function lanesOf<T>(values: readonly T[], encode: (value: T) => string): V {
  return expression("v128", simd(0x0c) + values.map(encode).join(""));
}

const int32Text = (value: number) => textOf(Int32Array.of(value));
const int64Text = (value: bigint) => textOf(BigInt64Array.of(BigInt.asIntN(64, value)));

export const v128 = {
  load: load128(0x00),
  load32Splat: load128(0x09),
  load64Splat: load128(0x0a),
  load32Zero: load128(0x5c),
  load64Zero: load128(0x5d),
  load32Lane: loadLane(0x56, 4),
  load64Lane: loadLane(0x57, 2),
  store: store<"v128">(simd(0x0b)),
  store32Lane: storeLane(0x5a, 4),
  store64Lane: storeLane(0x5b, 2),
  f32x4Const: (a: number, b: number, c: number, d: number): V => lanesOf([a, b, c, d], float32Text),
  f64x2Const: (a: number, b: number): V => lanesOf([a, b], float64Text),
  i32x4Const: (a: number, b: number, c: number, d: number): V => lanesOf([a, b, c, d], int32Text),
  i64x2Const: (a: bigint, b: bigint): V => lanesOf([a, b], int64Text),
  not: one(0x4d),
  // `andnot` is `a & ~b`.
  ...inRow(two, 0x4e, "and", "andnot", "or", "xor"),
  /** The bits of `a` where `mask` is 1, those of `b` where it is 0. */
  bitselect: three(0x52),
  anyTrue: unary<"v128", "i32">("i32", simd(0x53)),
} as const;

/** What integer lanes share, from the opcode of abs on. */
const integerLanes = (abs: number) =>
  ({
    ...inRow(one, abs, "abs", "neg"),
    ...inRow(shift, abs + 0x0b, "shl", "shrS", "shrU"),
    add: two(abs + 0x0e),
    sub: two(abs + 0x11),
    mul: two(abs + 0x15),
  }) as const;

export const i32x4 = {
  /** All four lanes the same constant. */
  constant: (value: number): V => v128.i32x4Const(value, value, value, value),
  /** Four 32-bit lanes: 0-3 name those of `a`, 4-7 those of `b`. */
  shuffle: shuffleLanes(4),
  splat: splat<"i32">(0x11),
  extractLane: extract("i32", 0x1b, 4),
  ...inRow(two, 0x37, "eq", "ne", "ltS", "ltU", "gtS", "gtU", "leS", "leU", "geS", "geU"),
  ...integerLanes(0xa0),
  ...inRow(two, 0xb6, "minS", "minU", "maxS", "maxU"),
  truncSatF32x4S: one(0xf8),
  truncSatF64x2SZero: one(0xfc),
  /** `a` where a lane of the mask is all ones, `b` where it is 0: one relaxed instruction. */
  relaxedLaneselect: three(0x10b),
} as const;

export const i64x2 = {
  /** Both lanes the same constant. */
  constant: (value: bigint): V => v128.i64x2Const(value, value),
  /** Two 64-bit lanes: 0-1 name those of `a`, 2-3 those of `b`. */
  shuffle: shuffleLanes(2),
  ...integerLanes(0xc0),
  extendLowI32x4S: one(0xc7),
  ...inRow(two, 0xd6, "eq", "ne", "ltS", "gtS", "leS", "geS"),
  relaxedLaneselect: three(0x10c),
} as const;

/** What float lanes share, from the opcodes of eq, of abs and of the relaxed instructions on. `pmin` is
 * `b < a ? b : a` and `pmax` is `a < b ? b : a`: one instruction where `min` and `max` take several; they
 * return `a` on NaN. `relaxedMadd` is `a * b + c`, fused or not, as the machine prefers, and `relaxedNmadd`
 * is `c - a * b`. */
const floatLanes = (eq: number, abs: number, relaxedMadd: number) =>
  ({
    ...inRow(two, eq, "eq", "ne", "lt", "gt", "le", "ge"),
    ...inRow(one, abs, "abs", "neg"),
    sqrt: one(abs + 0x03),
    ...inRow(two, abs + 0x04, "add", "sub", "mul", "div", "min", "max", "pmin", "pmax"),
    ...inRow(three, relaxedMadd, "relaxedMadd", "relaxedNmadd"),
  }) as const;

export const f32x4 = {
  /** All four lanes the same constant. */
  constant: (value: number): V => v128.f32x4Const(value, value, value, value),
  splat: splat<"f32">(0x13),
  extractLane: extract("f32", 0x1f, 4),
  replaceLane: replace<"f32">(0x20, 4),
  ...floatLanes(0x41, 0xe0, 0x105),
  ...inRow(one, 0x67, "ceil", "floor", "trunc", "nearest"),
  demoteF64x2Zero: one(0x5e),
  convertI32x4S: one(0xfa),
} as const;

export const f64x2 = {
  /** Both lanes the same constant. */
  constant: (value: number): V => v128.f64x2Const(value, value),
  splat: splat<"f64">(0x14),
  extractLane: extract("f64", 0x21, 2),
  replaceLane: replace<"f64">(0x22, 2),
  ...floatLanes(0x47, 0xec, 0x107),
  ...inRow(one, 0x74, "ceil", "floor"),
  trunc: one(0x7a),
  nearest: one(0x94),
  promoteLowF32x4: one(0x5f),
  convertLowI32x4S: one(0xfe),
} as const;
