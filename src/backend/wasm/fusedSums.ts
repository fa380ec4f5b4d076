/** Sums and differences with products that only they need, in fused instructions. */

import type { Value } from "../../compile/index.ts";
import type { Site } from "./accesses.ts";
import type { Vector } from "./lanes.ts";
import { isFloat, multiplyAdd, negativeMultiplyAdd } from "./operations.ts";

type OpValue = Value & { readonly kind: "op" };

export interface FusedSumsOptions {
  /** The value at a site, to be used once. */
  valueAt(value: Value, site: Site): Vector;
  /** Whether a value may be part of the instruction of its user, or of each of them. */
  isFree(value: Value, site: Site): boolean;
}

export class FusedSums {
  readonly #options: FusedSumsOptions;

  constructor(options: FusedSumsOptions) {
    this.#options = options;
  }

  /** The value, where it is such a sum or difference. */
  value({ op, dtype, inputs }: OpValue, site: Site): Vector | undefined {
    if (!isFloat(dtype) || (op !== "add" && op !== "sub")) return undefined;
    const left = inputs[0];
    const right = inputs[1];
    const isOffset = op === "add" && right.kind === "constant";
    const products = isOffset ? this.#productsOf(left, site) : undefined;
    if (products !== undefined) {
      // p + q + c as q + (p + c).
      return products.reduce<Vector>(
        (sum, product) => this.plus(product, site, sum)!,
        this.#options.valueAt(right, site),
      );
    }
    const isSecond = op === "sub" || this.#isFusible(right, site);
    const product = isSecond ? right : left;
    if (!this.#isFusible(product, site)) return undefined;
    const a = this.#options.valueAt(product.inputs[0], site);
    const b = this.#options.valueAt(product.inputs[1], site);
    const c = this.#options.valueAt(isSecond ? left : right, site);
    return op === "add" ? multiplyAdd(dtype, a, b, c, true) : negativeMultiplyAdd(dtype, a, b, c);
  }

  /** A product plus a vector, undefined for another value. */
  plus(value: Value, site: Site, vector: Vector): Vector | undefined {
    const { dtype } = value;
    if (!isFloat(dtype) || !this.#isFusible(value, site)) return undefined;
    const [a, b] = value.inputs.map((factor) => this.#options.valueAt(factor, site));
    return multiplyAdd(dtype, a, b, vector, true);
  }

  #isFusible(value: Value, site: Site): value is OpValue {
    return value.kind === "op" && value.op === "mul" && this.#options.isFree(value, site);
  }

  /** The two products whose sum a value is, where nothing else needs it. */
  #productsOf(value: Value, site: Site): readonly OpValue[] | undefined {
    if (value.kind !== "op" || value.op !== "add" || !this.#options.isFree(value, site)) return;
    const products = value.inputs.flatMap((input) => (this.#isFusible(input, site) ? [input] : []));
    return products.length === 2 ? products : undefined;
  }
}
