/** What the threads of a team know of each other while they cannot listen: words in shared memory. */

/** Places of the words: whether a thread failed (1 while it writes why, 2 from then on), how long the reason
 * is, and the turns of each thread. */
const failed = 0;
const reasonLength = 1;
const turns = 2;

/** UTF-16 units that are kept of a reason. */
const longestReason = 500;

export class TeamStatus {
  /** From which another thread makes the same status. */
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #reason: Uint16Array;

  /** @param of the number of threads, or the memory of a status that another thread made */
  constructor(of: number | SharedArrayBuffer) {
    const reasonBytes = longestReason * Uint16Array.BYTES_PER_ELEMENT;
    this.shared =
      typeof of === "number"
        ? new SharedArrayBuffer((turns + of) * Int32Array.BYTES_PER_ELEMENT + reasonBytes)
        : of;
    const reasonStart = this.shared.byteLength - reasonBytes;
    this.#words = new Int32Array(this.shared, 0, reasonStart / Int32Array.BYTES_PER_ELEMENT);
    this.#reason = new Uint16Array(this.shared, reasonStart);
  }

  /** Says that nothing that the threads compute together will be complete any more; the first reason stays. */
  fail(reason: string): void {
    if (Atomics.compareExchange(this.#words, failed, 0, 1) !== 0) return;
    const kept = reason.slice(0, longestReason);
    for (let i = 0; i < kept.length; i++) this.#reason[i] = kept.charCodeAt(i);
    Atomics.store(this.#words, reasonLength, kept.length);
    Atomics.store(this.#words, failed, 2);
  }

  /** Why the team cannot go on, as in "thread 1 …"; undefined while it can. */
  get failure(): string | undefined {
    if (Atomics.load(this.#words, failed) !== 2) return undefined;
    const kept = this.#reason.subarray(0, Atomics.load(this.#words, reasonLength));
    return String.fromCharCode(...kept);
  }

  /** Says that a thread waits for its first message, has taken one, or has done what it asked for. */
  turn(thread: number): void {
    Atomics.add(this.#words, turns + thread, 1);
    Atomics.notify(this.#words, turns + thread);
  }

  /** How often a thread has turned: 0 before its start, then odd where it waits for a message. */
  turnsOf(thread: number): number {
    return Atomics.load(this.#words, turns + thread);
  }

  /** Sleeps until a thread has started, for so many milliseconds at most. */
  awaitStart(thread: number, milliseconds: number): void {
    Atomics.wait(this.#words, turns + thread, 0, milliseconds);
  }
}
