/** The same values and stores over other loops. */

import type { Affine, Store, Value } from "./kernel.ts";
import { valueRewriter } from "./valueTable.ts";

/** Rewrites the affine numbers of values and stores; shared values stay shared. */
export class AffineRewriter {
  readonly value: (value: Value) => Value;
  readonly #rewrite: (at: Affine) => Affine;

  constructor(rewrite: (at: Affine) => Affine) {
    this.#rewrite = rewrite;
    this.value = valueRewriter((value) =>
      "at" in value ? { ...value, at: rewrite(value.at) } : value,
    );
  }

  store({ buffer, at, value }: Store): Store {
    return { buffer, at: this.#rewrite(at), value: this.value(value) };
  }
}
