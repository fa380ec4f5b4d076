/** The scalar instructions: `i32.add(a, b)`, `f64.load(address, offset)`, `select(a, b, condition)`. */

import { joined, signed32, signed64 } from "./code.ts";
import {
  binary,
  type Expr,
  expression,
  float32Text,
  float64Text,
  inRow,
  load,
  prefixed,
  type Stmt,
  single,
  statement,
  store,
  unary,
  type ValueType,
} from "./expression.ts";

/** From two numbers to one, or to 1 or 0. */
const two = (opcode: number) => binary<"i32", "i32", "i32">("i32", single(opcode));

export const i32 = {
  const: (value: number): Expr<"i32"> => expression("i32", `\x41${signed32(value)}`),
  load: load("i32", single(0x28)),
  store: store<"i32">(single(0x36)),
  eqz: unary<"i32", "i32">("i32", single(0x45)),
  ...inRow(two, 0x46, "eq", "ne", "ltS", "ltU", "gtS", "gtU", "leS", "leU", "geS", "geU"),
  ...inRow(two, 0x6a, "add", "sub", "mul", "divS", "divU", "remS", "remU", "and", "or", "xor"),
  ...inRow(two, 0x74, "shl", "shrS", "shrU", "rotl"),
} as const;

export const i64 = {
  const: (value: bigint): Expr<"i64"> => expression("i64", `\x42${signed64(value)}`),
  store: store<"i64">(single(0x37)),
} as const;

export const f32 = {
  const: (value: number): Expr<"f32"> => expression("f32", `\x43${float32Text(value)}`),
  load: load("f32", single(0x2a)),
  store: store<"f32">(single(0x38)),
  ne: binary<"f32", "f32", "i32">("i32", single(0x5c)),
  demoteF64: unary<"f64", "f32">("f32", single(0xb6)),
} as const;

export const f64 = {
  const: (value: number): Expr<"f64"> => expression("f64", `\x44${float64Text(value)}`),
  load: load("f64", single(0x2b)),
  store: store<"f64">(single(0x39)),
  ne: binary<"f64", "f64", "i32">("i32", single(0x62)),
  mul: binary<"f64", "f64", "f64">("f64", single(0xa2)),
  promoteF32: unary<"f32", "f64">("f64", single(0xbb)),
} as const;

/** `condition ? a : b`, both evaluated. */
export function select<T extends ValueType>(
  a: Expr<T>,
  b: Expr<NoInfer<T>>,
  condition: Expr<"i32">,
): Expr<T> {
  // The untyped select takes numbers and vectors alike since the SIMD proposal.
  return expression(a.type, joined(joined(joined(a.code, b.code), condition.code), "\x1b"));
}

/** Evaluates an expression and drops its value. */
export function drop(value: Expr): Stmt {
  return statement(joined(value.code, "\x1a"));
}

/** Traps when reached. */
export function unreachable(): Stmt {
  return statement(0x00);
}

/** Bulk memory: `length` bytes. */
export const memory = {
  fill: (target: Expr<"i32">, byte: Expr<"i32">, length: Expr<"i32">): Stmt =>
    statement([target.code, byte.code, length.code, prefixed(0xfc, 11), 0]),
} as const;
