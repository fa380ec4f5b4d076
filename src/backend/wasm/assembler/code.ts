/** Bytes of WebAssembly as nested lists, and the one pass that flattens them. */

import { InternalError } from "../../../util/errors.ts";

/** Something whose index in its module is known only when the module is built. */
export interface Indexed {
  readonly name: string;
  /** -1 until the module assigns it. */
  readonly index: number;
}

/**
 * Code: a byte, a run of bytes, a reference resolved at build time, or a list of code. Lists are
 * shared and never copied, so composing expressions costs time linear in the bytes written.
 */
export type Code = number | Uint8Array | Indexed | readonly Code[];

/** Bytes written one after the other into a buffer that doubles, and the places of references among them. */
export class ByteWriter {
  readonly #references: { readonly position: number; readonly target: Indexed }[] = [];
  #bytes = new Uint8Array(256);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  bytes(values: Uint8Array): void {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  code(code: Code): void {
    if (typeof code === "number") this.byte(code);
    else if (isList(code)) {
      for (let i = 0; i < code.length; i++) {
        const part = code[i];
        if (typeof part !== "number") this.code(part);
        else {
          if (this.#length === this.#bytes.length) this.#reserve(1);
          this.#bytes[this.#length++] = part;
        }
      }
    } else if (code instanceof Uint8Array) this.bytes(code);
    else this.#references.push({ position: this.#length, target: code });
  }

  /** The bytes written so far with their references resolved, as a view that later writes may detach from. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.subarray(0, this.#length);
    if (this.#references.length === 0) return bytes;
    const resolved = new ByteWriter();
    let start = 0;
    for (const { position, target } of this.#references) {
      resolved.bytes(bytes.subarray(start, position));
      resolved.code(indexOf(target));
      start = position;
    }
    resolved.bytes(bytes.subarray(start));
    return resolved.finish();
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function indexOf({ name, index }: Indexed): Code {
  if (index >= 0) return unsigned(index);
  throw new InternalError(`WebAssembly: "${name}" is not in the module.`);
}

// Array.isArray does not narrow readonly arrays out of a union.
function isList(code: Code): code is readonly Code[] {
  return Array.isArray(code);
}

/** Flattens nested code to its bytes. */
export function flatten(code: Code): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
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
export function unsigned(value: number): Code {
  const bytes = withUnsigned([], value);
  return bytes.length === 1 ? value : bytes;
}

/** The bytes, and behind them the unsigned LEB128 of an integer in [0, 2^32). */
export function withUnsigned(bytes: number[], value: number): readonly number[] {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) {
    throw outside("an unsigned 32-bit", value);
  }
  let rest = value;
  do {
    const low = rest & 127;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 128);
  } while (rest !== 0);
  return bytes;
}

/** The bytes, and behind them the signed LEB128 of a 32-bit integer; unsigned 32-bit values are taken by their
 * bits. */
export function withSigned32(bytes: number[], value: number): readonly number[] {
  if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
    throw outside("a 32-bit", value);
  }
  let rest = value | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 128);
  }
}

/** Signed LEB128 of a 64-bit integer; unsigned 64-bit values are taken by their bits. */
export function signed64(value: bigint): Code {
  if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value) {
    throw outside("a 64-bit", value);
  }
  const bytes: number[] = [];
  let rest = BigInt.asIntN(64, value);
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0)) {
      bytes.push(low);
      return bytes;
    }
    bytes.push(low | 128);
  }
}

const utf8 = new TextEncoder();

/** A name: its UTF-8 bytes with their length. */
export function text(value: string): Code {
  const bytes = utf8.encode(value);
  return [unsigned(bytes.length), bytes];
}
