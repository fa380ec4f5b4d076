/** One growable memory, of which arenas are handed out and taken back. */

import { UsageError } from "../../util/index.ts";

/** A range of the memory. */
export interface Arena {
  readonly offset: number;
  readonly bytes: number;
}

const page = 65536;

/** All that 32-bit addresses reach. */
const mostPages = 65536;

/** The limits of a memory of its own, or of one that threads share, which needs a maximum. */
export function memoryLimits(shared: boolean) {
  return shared ? { min: 1, max: mostPages, shared } : { min: 1 };
}

const alignment = 64;

export class MemoryPool {
  readonly memory: WebAssembly.Memory;
  /** Free ranges in the order of their offsets, none adjacent. The first line stays unused, so that
   * a vector may begin a little before a buffer. */
  #free: Arena[] = [{ offset: alignment, bytes: page - alignment }];
  /** From here on nothing was handed out yet: these bytes are 0, and filling them would bring in their pages. */
  #fresh = 0;

  constructor({ shared = false }: { readonly shared?: boolean } = {}) {
    const { min, max: maximum } = memoryLimits(shared);
    this.memory = new WebAssembly.Memory({ initial: min, maximum, shared });
  }

  /** A range of at least `bytes`, filled with zeros. */
  allocate(bytes: number): Arena {
    const size = Math.ceil(bytes / alignment) * alignment;
    let index = this.#free.findIndex((range) => range.bytes >= size);
    if (index < 0) {
      this.#grow(size);
      index = this.#free.length - 1;
    }
    const { offset, bytes: available } = this.#free[index];
    const rest = available > size ? [{ offset: offset + size, bytes: available - size }] : [];
    this.#free.splice(index, 1, ...rest);
    const used = Math.min(offset + size, this.#fresh);
    if (used > offset) new Uint8Array(this.memory.buffer, offset, used - offset).fill(0);
    this.#fresh = Math.max(this.#fresh, offset + size);
    return { offset, bytes: size };
  }

  release(arena: Arena): void {
    const after = this.#free.findIndex(({ offset }) => offset > arena.offset);
    this.#free.splice(after < 0 ? this.#free.length : after, 0, arena);
    const merged: Arena[] = [];
    for (const range of this.#free) {
      const last = merged.at(-1);
      if (last !== undefined && last.offset + last.bytes === range.offset) {
        merged[merged.length - 1] = { offset: last.offset, bytes: last.bytes + range.bytes };
      } else {
        merged.push(range);
      }
    }
    this.#free = merged;
  }

  /** Adds pages until the last free range has `bytes`. */
  #grow(bytes: number): void {
    const end = this.memory.buffer.byteLength;
    const last = this.#free.at(-1);
    const open = last !== undefined && last.offset + last.bytes === end ? last.bytes : 0;
    const pages = Math.ceil((bytes - open) / page);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw new UsageError(
        `WebAssembly memory: ${bytes} bytes more do not fit beside the ${end} in use (the limit is ` +
          `4 GiB a backend); dispose of executables, or make the network or the batch smaller.`,
        { cause },
      );
    }
    this.release({ offset: end, bytes: pages * page });
  }
}
