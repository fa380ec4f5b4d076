/** Seeded host-side random generators: shuffles, splits, initial weights, generated datasets. */

import { UsageError } from "./errors.ts";
import { threefry2x32 } from "./threefry.ts";

/** A stream of random numbers that is a pure function of its key.
 *
 * `fork(label)` gives an independent stream whose numbers depend only on this stream's key and the
 * label, not on how many numbers were drawn; give each use of randomness its own fork.
 *
 * @example
 * const generator = new Generator(1);
 * generator.fork("shuffle").permutation(5);
 */
export class Generator {
  readonly key: readonly [number, number];
  #counter = 0;

  /** @param seed an integer in [0, 2⁵³), or the two words of a key. */
  constructor(seed: number | readonly [number, number]) {
    if (typeof seed === "number") {
      if (!Number.isSafeInteger(seed) || seed < 0) {
        throw new UsageError(`Seed: expected an integer from 0 to 2^53 - 1, got ${seed}.`);
      }
      this.key = threefry2x32(seed | 0, Math.floor(seed / 2 ** 32) | 0, 0, 0);
    } else {
      this.key = seed;
    }
  }

  /** An independent stream for one purpose. */
  fork(label: string | number): Generator {
    const [a, b] = typeof label === "number" ? [label | 0, 0x6e756d] : hashLabel(label);
    return new Generator(threefry2x32(this.key[0], this.key[1] ^ 0x5f0b, a, b));
  }

  /** Two random 32-bit words. */
  words(): readonly [number, number] {
    const counter = this.#counter++;
    return threefry2x32(this.key[0], this.key[1], counter | 0, Math.floor(counter / 2 ** 32) | 0);
  }

  /** Uniform in [0, 1), 53 bits. */
  uniform(): number {
    const words = this.words();
    return ((words[0] >>> 5) * 2 ** 26 + (words[1] >>> 6)) / 2 ** 53;
  }

  /** Standard normal (Box and Muller, 1958). */
  normal(): number {
    const u = 1 - this.uniform();
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Uniform integer in [0, limit). */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** A random order of 0 … length − 1 (Fisher and Yates). */
  permutation(length: number): Int32Array {
    const order = new Int32Array(length);
    for (let i = 0; i < length; i++) order[i] = i;
    for (let i = length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}

/** 64 bits of FNV-1a over the UTF-16 code units, two lanes with different offsets. */
function hashLabel(label: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (let i = 0; i < label.length; i++) {
    const unit = label.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ (unit + 0x9e37), 0x01000193);
  }
  return [a, b];
}
