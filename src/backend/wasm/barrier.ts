/** Where threads wait for each other between the phases of a program.
 *
 * Each thread counts the barriers it has reached in a cache line of its own; a thread goes on when no
 * other count is behind its own. So there is one line to read a thread, and nothing to reset: a thread may
 * still be looking at the counts of a run's last barrier when the caller begins the next run.
 */

import { atomic, drop, FunctionBuilder, i32, i64 } from "./assembler/index.ts";

/** Bytes between the counts of two threads: a cache line. */
const lineBytes = 64;

/** Looks at another thread's count before the first sleep, some 0.3 ms, and then between two sleeps. A
 * thread that waits for so long shares its core with the one that it waits for. */
const spins = 0x40000;

/** Nanoseconds of a sleep: nobody is told to wake a thread, for telling costs more than waiting. */
const sleep = 50_000n;

/** Bytes that the counts of a team take. They begin as zeros, and never change but by barriers. */
export function barrierBytes(threads: number): number {
  return threads * lineBytes;
}

export interface BarrierOptions {
  /** Whose barrier this is, from 0. */
  readonly thread: number;
  readonly threads: number;
  /** Where the counts begin in the memory, at a multiple of 64. */
  readonly address: number;
  /** Whether the thread may sleep when it waits for long: a page's own must not. */
  readonly maySleep: boolean;
}

/** The function that returns when every thread has called its own as often as this one. */
export function emitBarrier({ thread, threads, address, maySleep }: BarrierOptions) {
  const f = new FunctionBuilder({ name: "barrier", params: [], results: [] });
  const counts = i32.const(address);
  const placeOf = (other: number) => other * lineBytes;
  const own = f.hold(i32.add(i32.load(counts, placeOf(thread)), i32.const(1)));
  f.emit(atomic.store(counts, placeOf(thread), own));
  const looks = f.local("i32");
  const seen = f.local("i32");
  for (let other = 0; other < threads; other++) {
    if (other === thread) continue;
    f.set(looks, i32.const(0));
    f.loop((again) => {
      f.set(seen, atomic.load(counts, placeOf(other)));
      // Counts wrap: their difference does not.
      f.if(i32.ltS(i32.sub(seen, own), i32.const(0)), () => {
        f.set(looks, i32.add(looks, i32.const(1)));
        if (maySleep) {
          f.if(i32.eqz(i32.and(looks, i32.const(spins - 1))), () => {
            f.emit(drop(atomic.wait(counts, placeOf(other), seen, i64.const(sleep))));
          });
        }
        f.br(again);
      });
    });
  }
  return f;
}
