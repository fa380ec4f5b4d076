/** Loops over a rectangle and the addresses of affine accesses inside them.
 *
 * Accesses that have the same strides share one pointer local. A pointer is moved by constants only:
 * `shift` says how far it is, at this place of the code, from where its loop indices would put it,
 * so that what an inner loop added is taken back by the next outer step, by the next loop, or never.
 */

import { InternalError } from "../../util/index.ts";
import { type Expr, type FunctionBuilder, i32, type Local } from "./assembler/index.ts";
import { pieces } from "./tiles.ts";

/** The sum of a pointer and a constant that fits a load's or a store's immediate. */
export interface Address {
  readonly pointer: Expr<"i32">;
  readonly offset: number;
}

/** `memory` counts from the start of the arena, `number` from 0. */
export type Origin = "memory" | "number";

interface Track {
  readonly origin: Origin;
  readonly strides: readonly number[];
  readonly pointer: Local<"i32">;
  /** Keeps the pointer from going below its origin where strides are negative. */
  readonly bias: number;
  shift: number;
}

export class Addresses {
  readonly #f: FunctionBuilder;
  readonly #base: Expr<"i32">;
  readonly #extents: readonly number[];
  readonly #tracks = new Map<string, Track>();
  /** The tracks of lists of strides by their identity; undefined where all are 0. */
  readonly #known = {
    memory: new Map<readonly number[], Track | undefined>(),
    number: new Map<readonly number[], Track | undefined>(),
  };

  constructor(f: FunctionBuilder, base: Expr<"i32">, extents: readonly number[]) {
    this.#f = f;
    this.#base = base;
    this.#extents = extents;
  }

  /** Announces an access with these strides (bytes, or units of a number); to be called before the loops. */
  declare(origin: Origin, strides: readonly number[]): void {
    const key = keyOf(origin, strides);
    if (strides.every((stride) => stride === 0) || this.#tracks.has(key)) return;
    let bias = 0;
    strides.forEach((stride, dim) => {
      if (stride < 0) bias -= stride * (this.#extents[dim] - 1);
    });
    const pointer = this.#f.local("i32");
    const start = i32.const(bias);
    if (origin === "number") this.#f.set(pointer, start);
    else this.#f.set(pointer, bias === 0 ? this.#base : i32.add(this.#base, start));
    this.#tracks.set(key, { origin, strides, pointer, bias, shift: 0 });
  }

  /** offset + Σ strides[d] · (index[d] + delta[d]) from the origin, for the present loop indices. */
  at(
    origin: Origin,
    strides: readonly number[],
    offset: number,
    delta: readonly number[] = [],
  ): Address {
    const track = this.#track(origin, strides);
    let pointer: Expr<"i32">;
    let rest = offset;
    if (track === undefined) {
      pointer = origin === "memory" ? this.#base : i32.const(0);
    } else {
      pointer = track.pointer;
      rest -= track.bias + track.shift;
      for (let dim = 0; dim < delta.length; dim++) rest += delta[dim] * strides[dim];
    }
    // A pointer that may lie before its origin cannot take an immediate: their sum does not wrap.
    return rest >= 0 && (track === undefined || track.shift >= 0)
      ? { pointer, offset: rest }
      : { pointer: i32.add(pointer, i32.const(rest)), offset: 0 };
  }

  #track(origin: Origin, strides: readonly number[]): Track | undefined {
    const known = this.#known[origin];
    let track = known.get(strides);
    if (track === undefined && !known.has(strides)) {
      track = this.#tracks.get(keyOf(origin, strides));
      if (track === undefined && strides.some((stride) => stride !== 0)) {
        throw new InternalError(
          `WebAssembly kernel: strides [${strides}] are used but were not declared before the loops.`,
        );
      }
      known.set(strides, track);
    }
    return track;
  }

  /** Runs `body` `trips` times, the index of `dim` growing by `step` each time. A single trip emits
   * the body only. After the loop the index counts from its start again: what follows passes the
   * distance covered, trips · step, as its delta. */
  loop(dim: number, trips: number, step: number, body: () => void): void {
    if (trips <= 1) {
      if (trips === 1) body();
      return;
    }
    const tracks = this.#settled();
    const moving = tracks.filter((track) => track.strides[dim] !== 0);
    const f = this.#f;
    const counter = moving[0]?.pointer ?? f.local("i32");
    const end = f.local("i32");
    if (moving.length === 0) {
      f.set(counter, i32.const(trips));
    } else {
      f.set(end, i32.add(counter, i32.const(trips * step * moving[0].strides[dim])));
    }
    f.loop((again) => {
      body();
      for (const track of tracks) {
        const advance = step * track.strides[dim] - track.shift;
        f.advance(track.pointer, advance);
      }
      f.brIf(
        again,
        moving.length === 0 ? f.tee(counter, i32.sub(counter, i32.const(1))) : i32.ne(counter, end),
      );
    });
    for (const track of tracks) track.shift = trips * step * track.strides[dim];
    f.release(end);
    if (moving.length === 0) f.release(counter);
  }

  /** All tracks, each put where its loop indices would put it. */
  #settled(): readonly Track[] {
    const tracks = [...this.#tracks.values()];
    for (const track of tracks) {
      this.#f.advance(track.pointer, -track.shift);
      track.shift = 0;
    }
    return tracks;
  }

  /** Loops over a dimension in pieces of some size, a smaller one last.
   * @param body is given a piece's size, and how far it is ahead of the loop's index
   * @param extent how many indices there are (default: all) */
  inPieces(
    dim: number,
    most: number,
    body: (size: number, start: number) => void,
    extent = this.#extents[dim],
  ): void {
    let from = 0;
    for (const [size, count] of pieces(extent, most)) {
      const start = from;
      this.loop(dim, count, size, () => body(size, start));
      from += size * count;
    }
  }

  /** Runs `body` for the indices of `dim` from `from` until before `to`, which the program knows when it
   * runs; for none where they are equal. After the loop the index counts from 0 again. */
  loopBetween(dim: number, from: Local<"i32">, to: Local<"i32">, body: () => void): void {
    const f = this.#f;
    const tracks = this.#settled();
    const moving = tracks.filter((track) => track.strides[dim] !== 0);
    const move = ({ pointer, strides }: Track, by: Local<"i32">, sign: 1 | -1) =>
      f.set(pointer, i32.add(pointer, i32.mul(by, i32.const(sign * strides[dim]))));
    f.if(i32.ltS(from, to), () => {
      for (const track of moving) move(track, from, 1);
      const index = f.hold(from);
      f.loop((again) => {
        body();
        for (const track of tracks) {
          const advance = track.strides[dim] - track.shift;
          f.advance(track.pointer, advance);
          track.shift = 0;
        }
        f.brIf(again, i32.ltS(f.tee(index, i32.add(index, i32.const(1))), to));
      });
      f.release(index);
      for (const track of moving) move(track, to, -1);
    });
  }
}

function keyOf(origin: Origin, strides: readonly number[]): string {
  return `${origin}:${strides.join(",")}`;
}

/** The address `bytes` further on. */
export function further({ pointer, offset }: Address, bytes: number): Address {
  const sum = offset + bytes;
  return sum >= 0
    ? { pointer, offset: sum }
    : { pointer: i32.add(pointer, i32.const(sum)), offset: 0 };
}

/** The address as one number. */
export function sum({ pointer, offset }: Address): Expr<"i32"> {
  return offset === 0 ? pointer : i32.add(pointer, i32.const(offset));
}
