/** The scalar instructions: `i32.add(a, b)`, `f64.load(address, offset)`, `select(a, b, condition)`. */

import { signed32, signed64 } from "./code.ts";
import {
  binary,
  type Expr,
  expression,
  float32Bytes,
  float64Bytes,
  load,
  prefixed,
  type Stmt,
  statement,
  store,
  unary,
  type ValueType,
} from "./expression.ts";

const compare = <A extends ValueType>(opcode: number) => binary<A, A, "i32">("i32", opcode);
const same = <A extends ValueType>(type: A, opcode: number) => binary<A, A, A>(type, opcode);

export const i32 = {
  const: (value: number): Expr<"i32"> => expression("i32", [0x41, signed32(value)]),
  load: load("i32", 0x28),
  load8S: load("i32", 0x2c),
  load8U: load("i32", 0x2d),
  load16S: load("i32", 0x2e),
  load16U: load("i32", 0x2f),
  store: store<"i32">(0x36),
  store8: store<"i32">(0x3a),
  store16: store<"i32">(0x3b),
  eqz: unary<"i32", "i32">("i32", 0x45),
  eq: compare<"i32">(0x46),
  ne: compare<"i32">(0x47),
  ltS: compare<"i32">(0x48),
  ltU: compare<"i32">(0x49),
  gtS: compare<"i32">(0x4a),
  gtU: compare<"i32">(0x4b),
  leS: compare<"i32">(0x4c),
  leU: compare<"i32">(0x4d),
  geS: compare<"i32">(0x4e),
  geU: compare<"i32">(0x4f),
  clz: unary<"i32", "i32">("i32", 0x67),
  ctz: unary<"i32", "i32">("i32", 0x68),
  popcnt: unary<"i32", "i32">("i32", 0x69),
  add: same("i32", 0x6a),
  sub: same("i32", 0x6b),
  mul: same("i32", 0x6c),
  divS: same("i32", 0x6d),
  divU: same("i32", 0x6e),
  remS: same("i32", 0x6f),
  remU: same("i32", 0x70),
  and: same("i32", 0x71),
  or: same("i32", 0x72),
  xor: same("i32", 0x73),
  shl: same("i32", 0x74),
  shrS: same("i32", 0x75),
  shrU: same("i32", 0x76),
  rotl: same("i32", 0x77),
  rotr: same("i32", 0x78),
  wrapI64: unary<"i64", "i32">("i32", 0xa7),
  reinterpretF32: unary<"f32", "i32">("i32", 0xbc),
  extend8S: unary<"i32", "i32">("i32", 0xc0),
  extend16S: unary<"i32", "i32">("i32", 0xc1),
  truncSatF32S: unary<"f32", "i32">("i32", prefixed(0xfc, 0)),
  truncSatF32U: unary<"f32", "i32">("i32", prefixed(0xfc, 1)),
  truncSatF64S: unary<"f64", "i32">("i32", prefixed(0xfc, 2)),
  truncSatF64U: unary<"f64", "i32">("i32", prefixed(0xfc, 3)),
} as const;

export const i64 = {
  const: (value: bigint): Expr<"i64"> => expression("i64", [0x42, signed64(value)]),
  load: load("i64", 0x29),
  load32S: load("i64", 0x34),
  load32U: load("i64", 0x35),
  store: store<"i64">(0x37),
  store32: store<"i64">(0x3e),
  eqz: unary<"i64", "i32">("i32", 0x50),
  eq: compare<"i64">(0x51),
  ne: compare<"i64">(0x52),
  ltS: compare<"i64">(0x53),
  ltU: compare<"i64">(0x54),
  gtS: compare<"i64">(0x55),
  gtU: compare<"i64">(0x56),
  leS: compare<"i64">(0x57),
  leU: compare<"i64">(0x58),
  geS: compare<"i64">(0x59),
  geU: compare<"i64">(0x5a),
  clz: unary<"i64", "i64">("i64", 0x79),
  ctz: unary<"i64", "i64">("i64", 0x7a),
  popcnt: unary<"i64", "i64">("i64", 0x7b),
  add: same("i64", 0x7c),
  sub: same("i64", 0x7d),
  mul: same("i64", 0x7e),
  divS: same("i64", 0x7f),
  divU: same("i64", 0x80),
  remS: same("i64", 0x81),
  remU: same("i64", 0x82),
  and: same("i64", 0x83),
  or: same("i64", 0x84),
  xor: same("i64", 0x85),
  shl: same("i64", 0x86),
  shrS: same("i64", 0x87),
  shrU: same("i64", 0x88),
  rotl: same("i64", 0x89),
  rotr: same("i64", 0x8a),
  extendI32S: unary<"i32", "i64">("i64", 0xac),
  extendI32U: unary<"i32", "i64">("i64", 0xad),
  reinterpretF64: unary<"f64", "i64">("i64", 0xbd),
  truncSatF32S: unary<"f32", "i64">("i64", prefixed(0xfc, 4)),
  truncSatF32U: unary<"f32", "i64">("i64", prefixed(0xfc, 5)),
  truncSatF64S: unary<"f64", "i64">("i64", prefixed(0xfc, 6)),
  truncSatF64U: unary<"f64", "i64">("i64", prefixed(0xfc, 7)),
} as const;

export const f32 = {
  const: (value: number): Expr<"f32"> => expression("f32", [0x43, float32Bytes(value)]),
  load: load("f32", 0x2a),
  store: store<"f32">(0x38),
  eq: compare<"f32">(0x5b),
  ne: compare<"f32">(0x5c),
  lt: compare<"f32">(0x5d),
  gt: compare<"f32">(0x5e),
  le: compare<"f32">(0x5f),
  ge: compare<"f32">(0x60),
  abs: unary<"f32", "f32">("f32", 0x8b),
  neg: unary<"f32", "f32">("f32", 0x8c),
  ceil: unary<"f32", "f32">("f32", 0x8d),
  floor: unary<"f32", "f32">("f32", 0x8e),
  trunc: unary<"f32", "f32">("f32", 0x8f),
  nearest: unary<"f32", "f32">("f32", 0x90),
  sqrt: unary<"f32", "f32">("f32", 0x91),
  add: same("f32", 0x92),
  sub: same("f32", 0x93),
  mul: same("f32", 0x94),
  div: same("f32", 0x95),
  min: same("f32", 0x96),
  max: same("f32", 0x97),
  copysign: same("f32", 0x98),
  convertI32S: unary<"i32", "f32">("f32", 0xb2),
  convertI32U: unary<"i32", "f32">("f32", 0xb3),
  convertI64S: unary<"i64", "f32">("f32", 0xb4),
  convertI64U: unary<"i64", "f32">("f32", 0xb5),
  demoteF64: unary<"f64", "f32">("f32", 0xb6),
  reinterpretI32: unary<"i32", "f32">("f32", 0xbe),
} as const;

export const f64 = {
  const: (value: number): Expr<"f64"> => expression("f64", [0x44, float64Bytes(value)]),
  load: load("f64", 0x2b),
  store: store<"f64">(0x39),
  eq: compare<"f64">(0x61),
  ne: compare<"f64">(0x62),
  lt: compare<"f64">(0x63),
  gt: compare<"f64">(0x64),
  le: compare<"f64">(0x65),
  ge: compare<"f64">(0x66),
  abs: unary<"f64", "f64">("f64", 0x99),
  neg: unary<"f64", "f64">("f64", 0x9a),
  ceil: unary<"f64", "f64">("f64", 0x9b),
  floor: unary<"f64", "f64">("f64", 0x9c),
  trunc: unary<"f64", "f64">("f64", 0x9d),
  nearest: unary<"f64", "f64">("f64", 0x9e),
  sqrt: unary<"f64", "f64">("f64", 0x9f),
  add: same("f64", 0xa0),
  sub: same("f64", 0xa1),
  mul: same("f64", 0xa2),
  div: same("f64", 0xa3),
  min: same("f64", 0xa4),
  max: same("f64", 0xa5),
  copysign: same("f64", 0xa6),
  convertI32S: unary<"i32", "f64">("f64", 0xb7),
  convertI32U: unary<"i32", "f64">("f64", 0xb8),
  convertI64S: unary<"i64", "f64">("f64", 0xb9),
  convertI64U: unary<"i64", "f64">("f64", 0xba),
  promoteF32: unary<"f32", "f64">("f64", 0xbb),
  reinterpretI64: unary<"i64", "f64">("f64", 0xbf),
} as const;

/** `condition ? a : b`, both evaluated. */
export function select<T extends ValueType>(
  a: Expr<T>,
  b: Expr<NoInfer<T>>,
  condition: Expr<"i32">,
): Expr<T> {
  // The untyped select takes numbers and vectors alike since the SIMD proposal.
  return expression(a.type, [a.code, b.code, condition.code, 0x1b]);
}

/** Evaluates an expression and drops its value. */
export function drop(value: Expr): Stmt {
  return statement([value.code, 0x1a]);
}

/** Traps when reached. */
export function unreachable(): Stmt {
  return statement(0x00);
}

/** Bulk memory: `length` bytes. */
export const memory = {
  copy: (target: Expr<"i32">, source: Expr<"i32">, length: Expr<"i32">): Stmt =>
    statement([target.code, source.code, length.code, prefixed(0xfc, 10), 0, 0]),
  fill: (target: Expr<"i32">, byte: Expr<"i32">, length: Expr<"i32">): Stmt =>
    statement([target.code, byte.code, length.code, prefixed(0xfc, 11), 0]),
  /** The size in pages of 64 KiB. */
  size: (): Expr<"i32"> => expression("i32", [0x3f, 0]),
} as const;
