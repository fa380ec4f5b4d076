/** Vectors kept in memory behind the arena while a kernel runs.
 *
 * The inner loop of a contraction needs all vector registers. What is computed before it and used after
 * it must not be in a local: V8 would move accumulators in and out of the loop instead.
 */

import {
  type FunctionBuilder,
  i32,
  type Local,
  memory,
  type Stmt,
  v128,
} from "./assembler/index.ts";
import type { Vector } from "./vector.ts";

export class Slots {
  readonly #f: FunctionBuilder;
  readonly #base: Local<"i32">;
  readonly #offset: number;
  #count = 0;

  /** @param offset where the slots begin in the arena. */
  constructor(f: FunctionBuilder, base: Local<"i32">, offset: number) {
    this.#f = f;
    this.#base = base;
    this.#offset = offset;
  }

  /** Bytes of all slots. */
  get bytes(): number {
    return 16 * this.#count;
  }

  /** Keeps a value from here on; the result reads it. */
  keep(value: Vector): Vector {
    const { store, load } = this.#next(value);
    this.#f.emit(store);
    return load;
  }

  /** Keeps a value, which may depend on parameters only, from the start of the function on. */
  keepFirst(value: Vector): Vector {
    const { store, load } = this.#next(value);
    this.#f.emitFirst(store);
    return load;
  }

  /** Keeps values one after the other; returns the offset of the first in the arena. */
  keepAll(values: readonly Vector[]): number {
    const start = this.#offset + this.bytes;
    for (const value of values) this.keep(value);
    return start;
  }

  /** Room for `vectors`, at the start of a cache line; returns its offset in the arena. */
  reserve(vectors: number): number {
    this.#count = 4 * Math.ceil(this.#count / 4);
    const start = this.#offset + this.bytes;
    this.#count += vectors;
    return start;
  }

  /** The same, filled with zeros from here on. */
  reserveZeros(vectors: number): number {
    const start = this.reserve(vectors);
    const at = i32.add(this.#base, i32.const(start));
    this.#f.emit(memory.fill(at, i32.const(0), i32.const(16 * vectors)));
    return start;
  }

  #next(value: Vector): { store: Stmt; load: Vector } {
    const offset = this.#offset + this.bytes;
    this.#count++;
    return {
      store: v128.store(this.#base, offset, value),
      load: v128.load(this.#base, offset),
    };
  }
}
