/** Bytes of WebAssembly as text and lists, and the one pass that writes them. */

import { InternalError } from "../../../util/errors.ts";

/** Something whose index in its module is known only when the module is built. */
export interface Indexed {
  readonly name: string;
  /** -1 until the module assigns it. */
  readonly index: number;
}

/**
 * Code: a byte, bytes, a reference resolved at build time, or a list of code. Most of it is text, a character
 * for each byte: engines join texts without copying them, and keep no more than their two halves.
 */
export type Code = number | string | Uint8Array | Indexed | readonly Code[];

/** One after the other. */
export function joined(a: Code, b: Code): Code {
  return typeof a === "string" && typeof b === "string" ? a + b : [a, b];
}

/** The bytes of numbers as text. */
export function textOf({ buffer }: { readonly buffer: ArrayBuffer }): string {
  let text = "";
  const bytes = new Uint8Array(buffer);
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]);
  return text;
}

/** Code that is written one after the other. */
export class CodeWriter {
  /** What stands before the text that is being written. */
  readonly #parts: (string | Uint8Array | Indexed)[] = [];
  #text = "";

  code(code: Code): void {
    if (typeof code === "string") this.#text += code;
    else if (typeof code === "number") this.#text += String.fromCharCode(code);
    else if (isList(code)) for (let i = 0; i < code.length; i++) this.code(code[i]);
    else {
      this.#parts.push(this.#text, code);
      this.#text = "";
    }
  }

  /** The bytes of all that was written. */
  finish(): Uint8Array<ArrayBuffer> {
    const parts = [...this.#parts, this.#text].map((part) =>
      typeof part === "string" || part instanceof Uint8Array ? part : indexOf(part),
    );
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const part of parts) {
      if (typeof part === "string") writeText(bytes, end, part);
      else bytes.set(part, end);
      end += part.length;
    }
    return bytes;
  }
}

/** A function by itself: engines optimize it soon, for its loop is long. */
function writeText(bytes: Uint8Array, start: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[start + i] = text.charCodeAt(i);
}

function indexOf({ name, index }: Indexed): string {
  if (index >= 0) return unsigned(index);
  throw new InternalError(`WebAssembly: "${name}" is not in the module.`);
}

// Array.isArray does not narrow readonly arrays out of a union.
function isList(code: Code): code is readonly Code[] {
  return Array.isArray(code);
}

/** The bytes of code. */
export function flatten(code: Code): Uint8Array<ArrayBuffer> {
  const writer = new CodeWriter();
  writer.code(code);
  return writer.finish();
}

/** The code preceded by its length in bytes, as sections, bodies and vectors of bytes want it. */
export function sized(code: Code): Code {
  const bytes = flatten(code);
  return [unsigned(bytes.length), bytes];
}

/** A vector: the number of its items, then the items. */
export function vector(items: readonly Code[]): Code {
  return [unsigned(items.length), items];
}

function outside(type: string, value: number | bigint): InternalError {
  return new InternalError(`WebAssembly: expected ${type} integer, got ${value}.`);
}

/** Unsigned LEB128 of an integer in [0, 2^32). */
export function unsigned(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw outside("an unsigned 32-bit", value);
  }
  let text = "";
  let rest = value;
  while (rest > 127) {
    text += String.fromCharCode((rest & 127) | 128);
    rest >>>= 7;
  }
  return text + String.fromCharCode(rest);
}

/** Signed LEB128 of a 32-bit integer; unsigned 32-bit values are taken by their bits. */
export function signed32(value: number): string {
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
    throw outside("a 32-bit", value);
  }
  let text = "";
  let rest = value | 0;
  while (rest < -64 || rest > 63) {
    text += String.fromCharCode((rest & 127) | 128);
    rest >>= 7;
  }
  return text + String.fromCharCode(rest & 127);
}

/** Signed LEB128 of a 64-bit integer; unsigned 64-bit values are taken by their bits. */
export function signed64(value: bigint): string {
  if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value) {
    throw outside("a 64-bit", value);
  }
  let text = "";
  let rest = BigInt.asIntN(64, value);
  while (rest < -64n || rest > 63n) {
    text += String.fromCharCode(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return text + String.fromCharCode(Number(rest & 127n));
}

const utf8 = new TextEncoder();

/** A name: its UTF-8 bytes with their length. */
export function text(value: string): Code {
  const bytes = utf8.encode(value);
  return [unsigned(bytes.length), bytes];
}
