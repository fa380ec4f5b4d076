/** Where threads wait for each other between the phases of a program.
 *
 * Each thread counts the barriers it has reached in a cache line of its own; a thread goes on when no
 * other count is behind its own. So there is one line to read a thread, and nothing to reset: a thread may
 * still be looking at the counts of a run's last barrier when the caller begins the next run.
 */

import {
  atomic,
  call,
  drop,
  FunctionBuilder,
  i32,
  i64,
  type ModuleBuilder,
  select,
} from "./assembler/index.ts";

/** Bytes between the counts of two threads: a cache line. */
const lineBytes = 64;

/** Looks at another thread's count before a sleep, less one: at most some 0.3 ms, longer than parts of a kernel
 * differ. A thread that waits for longer shares its core with others, perhaps with the very one that it waits
 * for: then it looks for a quarter of the time at the next barriers, and for longer again when that is enough.
 * So often it also asks whether the other will come. Both are one less than a power of two. */
const mostSpins = 0x3ffff;
const fewestSpins = 0xff;

/** Nanoseconds of a sleep from which nobody wakes the thread. */
const longestSleep = 2_000_000n;

/** Where in its line a thread says, by 1, that it sleeps or is about to. */
const sleeps = 4;

/** Bytes that the counts of a team take. They begin as zeros, and never change but by barriers. */
export function barrierBytes(threads: number): number {
  return threads * lineBytes;
}

/** What modules with a barrier import, in `env`. */
export interface BarrierImports {
  /** Called now and then by a thread that waits for another, with that thread's place and the count that it
   * shows; throws to leave the program when the other will not come. */
  waiting(thread: number, count: number): void;
}

export interface BarrierOptions {
  /** Where the barrier is called. */
  readonly module: ModuleBuilder;
  /** Whose barrier this is, from 0. */
  readonly thread: number;
  readonly threads: number;
  /** Where the counts begin in the memory, at a multiple of 64. */
  readonly address: number;
  /** Whether the thread may sleep when it waits for long: a page's own must not. */
  readonly maySleep: boolean;
}

/** The function that returns when every thread has called its own as often as this one. */
export function emitBarrier({ module, thread, threads, address, maySleep }: BarrierOptions) {
  const waiting = module.importFunction("env", "waiting", { params: ["i32", "i32"], results: [] });
  const f = new FunctionBuilder({ name: "barrier", params: [], results: [] });
  const counts = i32.const(address);
  const placeOf = (other: number) => other * lineBytes;
  const own = f.hold(i32.add(i32.load(counts, placeOf(thread)), i32.const(1)));
  f.emit(atomic.store(counts, placeOf(thread), own));
  const others = Array.from({ length: threads }, (_, other) => other).filter((t) => t !== thread);
  // A thread says that it sleeps before it looks for the last time: one of the two sees the other.
  for (const other of others) {
    f.if(atomic.load(counts, placeOf(other) + sleeps), () => {
      f.emit(drop(atomic.notify(counts, placeOf(thread), i32.const(threads))));
    });
  }
  const spins = module.addGlobal(mostSpins);
  const looks = f.local("i32");
  const seen = f.local("i32");
  for (const other of others) {
    f.set(looks, i32.const(0));
    f.loop((again) => {
      f.set(seen, atomic.load(counts, placeOf(other)));
      // Counts wrap: their difference does not.
      f.if(i32.ltS(i32.sub(seen, own), i32.const(0)), () => {
        f.advance(looks, 1);
        f.if(i32.eqz(i32.and(looks, spins)), () => {
          if (maySleep) {
            f.emit(
              atomic.store(counts, placeOf(thread) + sleeps, i32.const(1)),
              drop(atomic.wait(counts, placeOf(other), seen, i64.const(longestSleep))),
              atomic.store(counts, placeOf(thread) + sleeps, i32.const(0)),
            );
          }
          f.emit(call(waiting, i32.const(other), seen));
        });
        f.br(again);
      });
    });
    if (maySleep) {
      const fewer = i32.or(i32.shrU(spins, i32.const(2)), i32.const(fewestSpins));
      const more = i32.or(i32.shl(spins, i32.const(1)), i32.const(1));
      const next = select(fewer, i32.and(more, i32.const(mostSpins)), i32.gtU(looks, spins));
      f.emit(spins.set(next));
    }
  }
  return f;
}
