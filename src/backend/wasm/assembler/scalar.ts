/** The scalar instructions: `i32.add(a, b)`, `f64.load(address, offset)`, `select(a, b, condition)`. */

import { signed32, signed64 } from "./code.ts";
import {
  binary,
  type Expr,
  expression,
  float32Bytes,
  float64Bytes,
  inRow,
  load,
  prefixed,
  type Stmt,
  statement,
  store,
  unary,
  type ValueType,
} from "./expression.ts";

/** What i32 and i64 share, from the opcodes of eqz, of clz and of add on. */
function integers<T extends "i32" | "i64">(type: T, eqz: number, clz: number, add: number) {
  const test = (opcode: number) => binary<T, T, "i32">("i32", opcode);
  return {
    eqz: unary<T, "i32">("i32", eqz),
    ...inRow(test, eqz + 1, "eq", "ne", "ltS", "ltU", "gtS", "gtU", "leS", "leU", "geS", "geU"),
    clz: unary<T, T>(type, clz),
    ...inRow(
      (opcode) => binary<T, T, T>(type, opcode),
      add,
      ...(["add", "sub", "mul", "divS", "divU", "remS", "remU", "and", "or", "xor"] as const),
      ...(["shl", "shrS", "shrU", "rotl", "rotr"] as const),
    ),
  } as const;
}

/** What f32 and f64 share, from the opcodes of eq, of abs and of add on. */
function floats<T extends "f32" | "f64">(type: T, eq: number, abs: number, add: number) {
  const test = (opcode: number) => binary<T, T, "i32">("i32", opcode);
  const one = (opcode: number) => unary<T, T>(type, opcode);
  const two = (opcode: number) => binary<T, T, T>(type, opcode);
  return {
    ...inRow(test, eq, "eq", "ne", "lt", "gt", "le", "ge"),
    ...inRow(one, abs, "abs", "neg", "ceil", "floor", "trunc", "nearest", "sqrt"),
    ...inRow(two, add, "add", "sub", "mul", "div", "min", "max", "copysign"),
  } as const;
}

export const i32 = {
  const: (value: number): Expr<"i32"> => expression("i32", [0x41, signed32(value)]),
  load: load("i32", 0x28),
  store: store<"i32">(0x36),
  ...integers("i32", 0x45, 0x67, 0x6a),
  wrapI64: unary<"i64", "i32">("i32", 0xa7),
} as const;

export const i64 = {
  const: (value: bigint): Expr<"i64"> => expression("i64", [0x42, signed64(value)]),
  load: load("i64", 0x29),
  store: store<"i64">(0x37),
  ...integers("i64", 0x50, 0x79, 0x7c),
  extendI32U: unary<"i32", "i64">("i64", 0xad),
  reinterpretF64: unary<"f64", "i64">("i64", 0xbd),
} as const;

export const f32 = {
  const: (value: number): Expr<"f32"> => expression("f32", [0x43, float32Bytes(value)]),
  load: load("f32", 0x2a),
  store: store<"f32">(0x38),
  ...floats("f32", 0x5b, 0x8b, 0x92),
  demoteF64: unary<"f64", "f32">("f32", 0xb6),
} as const;

export const f64 = {
  const: (value: number): Expr<"f64"> => expression("f64", [0x44, float64Bytes(value)]),
  load: load("f64", 0x2b),
  store: store<"f64">(0x39),
  ...floats("f64", 0x61, 0x99, 0xa0),
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
