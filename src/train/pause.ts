/** Giving way: long computations hand the thread back now and then, so that pages stay alive. */

/** Lets pending events (timers, signals, clicks) run. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Milliseconds of work between two pauses: far below what a person notices. On a page's own thread a frame or
 * so; elsewhere longer, as threads lose some 0.2 ms with every start. */
const slice = typeof document === "undefined" ? 50 : 20;

/** Measures work in steps of unknown cost: how many to do at a time, and when to pause. */
export class Pacer {
  #batch = 1;
  #pausedAt = performance.now();

  /** Steps to do next. */
  get batch(): number {
    return this.#batch;
  }

  /** Tells how long `steps` steps took; adapts the next batch to half a slice. */
  took(steps: number, milliseconds: number): void {
    const ideal = (steps * slice) / 2 / Math.max(milliseconds, 1e-3);
    this.#batch = Math.max(1, Math.min(2 * this.#batch, Math.floor(ideal)));
  }

  /** Pauses when a slice of time has gone by. */
  async rest(): Promise<void> {
    if (performance.now() - this.#pausedAt < slice) return;
    await pause();
    this.#pausedAt = performance.now();
  }
}
