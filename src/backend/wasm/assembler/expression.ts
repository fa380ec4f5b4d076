/** Typed WebAssembly expressions and statements, and the factories that instruction tables are made of. */

import { type Code, joined, textOf, unsigned } from "./code.ts";

/** The value types of WebAssembly with SIMD. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Code that leaves one value of type T on the stack. Using it twice evaluates it twice. */
export interface Expr<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: Code;
}

/** Code that leaves nothing on the stack; pass it to `FunctionBuilder.emit`. */
export interface Stmt {
  readonly type: "void";
  readonly code: Code;
}

/** The binary encoding of each value type. */
export const valueTypeByte: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

export type Binary<A extends ValueType, B extends ValueType, T extends ValueType> = (
  a: Expr<A>,
  b: Expr<B>,
) => Expr<T>;
export type Load<T extends ValueType> = (address: Expr<"i32">, offset?: number) => Expr<T>;
export type Store<T extends ValueType> = (
  address: Expr<"i32">,
  offset: number,
  value: Expr<T>,
) => Stmt;

export function expression<T extends ValueType>(type: T, code: Code): Expr<T> {
  return { type, code };
}

export function statement(code: Code): Stmt {
  return { type: "void", code };
}

// The factories take the operand types only as type arguments: nothing checks them at run time,
// WebAssembly.Module does.

export function unary<A extends ValueType, T extends ValueType>(type: T, opcode: string) {
  return (a: Expr<A>): Expr<T> => expression(type, joined(a.code, opcode));
}

export function binary<A extends ValueType, B extends ValueType, T extends ValueType>(
  type: T,
  opcode: string,
) {
  return (a: Expr<A>, b: Expr<B>): Expr<T> =>
    expression(type, joined(joined(a.code, b.code), opcode));
}

/** Instructions whose opcodes follow each other, by name. */
export function inRow<I, Name extends string>(
  make: (opcode: number) => I,
  first: number,
  ...names: readonly Name[]
): Readonly<Record<Name, I>> {
  const entries = names.map((name, i) => [name, make(first + i)] as const);
  return Object.fromEntries(entries) as Record<Name, I>;
}

export function load<T extends ValueType>(type: T, opcode: string): Load<T> {
  return (address, offset = 0) =>
    expression(type, joined(address.code, opcode + memoryArgument(offset)));
}

export function store<T extends ValueType>(opcode: string): Store<T> {
  return (address, offset, value) =>
    statement(joined(joined(address.code, value.code), opcode + memoryArgument(offset)));
}

/**
 * An alignment hint and a constant offset. The hint is always "any": engines ignore it on the
 * machines we run on, and so no caller can promise an alignment that does not hold.
 */
export function memoryArgument(offset: number): string {
  return `\0${unsigned(offset)}`;
}

/** An opcode of one byte. */
export function single(opcode: number): string {
  return String.fromCharCode(opcode);
}

/** An opcode of the miscellaneous (0xfc), the SIMD (0xfd) or the threads (0xfe) space. */
export function prefixed(prefix: 0xfc | 0xfd | 0xfe, opcode: number): string {
  return single(prefix) + unsigned(opcode);
}

export const float32Text = (value: number) => textOf(Float32Array.of(value));
export const float64Text = (value: number) => textOf(Float64Array.of(value));
