/** On which loops the values of a kernel depend, and how often each is used. */

import type { Affine, Value } from "../../compile/index.ts";
import { operandsOf } from "./dimensions.ts";

/** A set of dimensions as bits. */
export type DimensionSet = number;

/** The bit that stands for the kernel's result, which is known after its inner loops. */
const anchorBit = 1 << 30;

export function dimensionsOf({ strides }: Affine): DimensionSet {
  return strides.reduce((set, stride, dim) => (stride === 0 ? set : set | (1 << dim)), 0);
}

export class Dependence {
  readonly #facts = new Map<Value, { readonly set: DimensionSet; uses: number }>();

  /** @param values all that the roots are computed from, operands before their users. */
  constructor(roots: readonly Value[], values: Iterable<Value>) {
    for (const value of values) {
      let set = value.kind === "anchor" ? anchorBit : 0;
      if ("at" in value) set |= dimensionsOf(value.at);
      for (const operand of operandsOf(value)) {
        const facts = this.#facts.get(operand)!;
        set |= facts.set;
        facts.uses++;
      }
      this.#facts.set(value, { set, uses: 0 });
    }
    for (const root of roots) this.#facts.get(root)!.uses++;
  }

  /** The dimensions over which the value varies. */
  of(value: Value): DimensionSet {
    return this.#facts.get(value)!.set;
  }

  /** The dimensions that tell apart the values of several sites. */
  distinguishing(value: Value): DimensionSet {
    const set = this.of(value);
    return (set & anchorBit) === 0 ? set : ~0;
  }

  /** Whether the value is the same wherever the loops of `known` stand at the same index. */
  isWithin(value: Value, known: DimensionSet): boolean {
    return (this.of(value) & ~known) === 0;
  }

  isShared(value: Value): boolean {
    return this.#facts.get(value)!.uses > 1;
  }

  dependsOnAnchor(value: Value): boolean {
    return (this.of(value) & anchorBit) !== 0;
  }
}
