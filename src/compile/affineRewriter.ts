/** The same values and stores over other loops. */

import type { Affine, Store, Value } from "./kernel.ts";

/** Rewrites the affine numbers of values and stores; shared values stay shared. */
export class AffineRewriter {
  readonly #rewrite: (at: Affine) => Affine;
  readonly #done = new Map<Value, Value>();

  constructor(rewrite: (at: Affine) => Affine) {
    this.#rewrite = rewrite;
  }

  value(value: Value): Value {
    let result = this.#done.get(value);
    if (result === undefined) {
      result = this.#apply(value);
      this.#done.set(value, result);
    }
    return result;
  }

  store({ buffer, at, value }: Store): Store {
    return { buffer, at: this.#rewrite(at), value: this.value(value) };
  }

  #apply(value: Value): Value {
    switch (value.kind) {
      case "constant":
      case "anchor":
        return value;
      case "op":
        return { ...value, inputs: value.inputs.map((operand) => this.value(operand)) };
      case "gather":
        return { ...value, row: this.value(value.row), at: this.#rewrite(value.at) };
      default:
        return { ...value, at: this.#rewrite(value.at) };
    }
  }
}
