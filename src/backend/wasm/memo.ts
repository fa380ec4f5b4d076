/** What a function has computed so far, in nested scopes that follow its blocks. */

import type { Value } from "../../compile/index.ts";

export class ScopedMemo<T> {
  readonly #scopes: Map<Value, Map<string, T>>[] = [new Map()];

  push(): void {
    this.#scopes.push(new Map());
  }

  pop(): void {
    this.#scopes.pop();
  }

  /** What was entered for a value, at the place that `key` names, in this scope or around it. */
  find(value: Value, key: string): T | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i].get(value)?.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  enter(value: Value, key: string, result: T): T {
    const scope = this.#scopes[this.#scopes.length - 1];
    const results = scope.get(value) ?? new Map<string, T>();
    scope.set(value, results.set(key, result));
    return result;
  }
}
