/** What a function has computed so far, in nested scopes that follow its blocks. */

import type { Value } from "../../compile/index.ts";

/** One result that a scope entered, and what stood in its place before. */
interface Entered<T> {
  readonly results: Map<string, T>;
  readonly key: string;
  readonly previous: T | undefined;
}

export class ScopedMemo<T> {
  readonly #results = new Map<Value, Map<string, T>>();
  readonly #entered: Entered<T>[] = [];
  /** How much was entered when each open scope began. */
  readonly #starts: number[] = [];

  push(): void {
    this.#starts.push(this.#entered.length);
  }

  pop(): void {
    const start = this.#starts.pop() ?? 0;
    while (this.#entered.length > start) {
      const { results, key, previous } = this.#entered.pop()!;
      if (previous === undefined) results.delete(key);
      else results.set(key, previous);
    }
  }

  /** What was entered for a value, at the place that `key` names, in this scope or around it. */
  find(value: Value, key: string): T | undefined {
    return this.#results.get(value)?.get(key);
  }

  enter(value: Value, key: string, result: T): T {
    let results = this.#results.get(value);
    if (results === undefined) {
      results = new Map();
      this.#results.set(value, results);
    }
    this.#entered.push({ results, key, previous: results.get(key) });
    results.set(key, result);
    return result;
  }
}
