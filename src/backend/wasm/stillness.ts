/** How long a thread has shown no progress to the one that waits for it. */

/** What a thread shows: its place, the barriers it has reached, and the messages it has taken and answered. */
export interface Progress {
  readonly thread: number;
  readonly barriers: number;
  readonly turns: number;
}

/** Milliseconds that count between two looks: a process that was stopped meanwhile, or a machine that slept,
 * has stopped every thread. */
const longestLook = 50;

export class Stillness {
  #seen: Progress = { thread: -1, barriers: 0, turns: 0 };
  #lookedAt = 0;
  #milliseconds = 0;

  /** Milliseconds for which every look has shown what this one shows. */
  look(now: Progress): number {
    const time = performance.now();
    const { thread, barriers, turns } = this.#seen;
    const isSame = now.thread === thread && now.barriers === barriers && now.turns === turns;
    this.#milliseconds = isSame
      ? this.#milliseconds + Math.min(time - this.#lookedAt, longestLook)
      : 0;
    this.#lookedAt = time;
    this.#seen = now;
    return this.#milliseconds;
  }
}
