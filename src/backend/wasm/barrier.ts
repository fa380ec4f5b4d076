/** Where threads wait for each other between the phases of a program.
 *
 * Each thread counts the barriers it has reached in a cache line of its own; a thread goes on when no
 * other count is behind its own. So there is one line to read a thread, and nothing to reset.
 */

import { atomic, drop, FunctionBuilder, i32, i64 } from "./assembler/index.ts";

/** Bytes between the counts of two threads: a cache line. */
const lineBytes = 64;

/** Looks at another thread's count before the first sleep, some 50 µs, and then between two sleeps. */
const spins = 0x4000;

/** Nanoseconds of a sleep: nobody is told to wake a thread, for telling costs more than waiting. */
const sleep = 50_000n;

/** Bytes that the counts of a team take. They begin as zeros. */
export function barrierBytes(threads: number): number {
  return threads * lineBytes;
}

export interface BarrierOptions {
  /** Whose barrier this is, from 0. */
  readonly thread: number;
  readonly threads: number;
  /** Where the counts begin in the arena, at a multiple of 64. */
  readonly offset: number;
  /** Whether the thread may sleep when it waits for long: a page's own must not. */
  readonly maySleep: boolean;
}

/** The function that returns when every thread has called its own as often as this one. */
export function emitBarrier({ thread, threads, offset, maySleep }: BarrierOptions) {
  const f = new FunctionBuilder({ name: "barrier", params: ["i32"], results: [] });
  const base = f.param(0);
  const countOf = (other: number) => offset + other * lineBytes;
  const own = f.hold(i32.add(i32.load(base, countOf(thread)), i32.const(1)));
  f.emit(atomic.store(base, countOf(thread), own));
  const looks = f.local("i32");
  const seen = f.local("i32");
  for (let other = 0; other < threads; other++) {
    if (other === thread) continue;
    f.set(looks, i32.const(0));
    f.loop((again) => {
      f.set(seen, atomic.load(base, countOf(other)));
      // Counts wrap: their difference does not.
      f.if(i32.ltS(i32.sub(seen, own), i32.const(0)), () => {
        f.set(looks, i32.add(looks, i32.const(1)));
        if (maySleep) {
          f.if(i32.eqz(i32.and(looks, i32.const(spins - 1))), () => {
            f.emit(drop(atomic.wait(base, countOf(other), seen, i64.const(sleep))));
          });
        }
        f.br(again);
      });
    });
  }
  return f;
}
