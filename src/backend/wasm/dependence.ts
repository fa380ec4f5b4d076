/** On which loops the values of a kernel depend, and how often each is used. */

import type { Affine, Value } from "../../compile/index.ts";
import { operandsOf } from "./dimensions.ts";

/** A set of dimensions as bits. */
export type DimensionSet = number;

/** The bit that stands for the kernel's result, which is known after its inner loops. */
const anchorBit = 1 << 30;

function dimensionsOf({ strides }: Affine): DimensionSet {
  return strides.reduce((set, stride, dim) => (stride === 0 ? set : set | (1 << dim)), 0);
}

interface Facts {
  readonly set: DimensionSet;
  uses: number;
  /** Uses in sums with what is no product. */
  sums: number;
}

/** Whether a value is a sum, or a difference with a subtrahend, of an operand and what is no product. */
function isSumBeside(value: Value, operand: Value): boolean {
  if (value.kind !== "op" || (value.op !== "add" && value.op !== "sub")) return false;
  const left = value.inputs[0];
  const right = value.inputs[1];
  const other = right === operand ? left : right;
  return (value.op === "add" || right === operand) && !(other.kind === "op" && other.op === "mul");
}

export class Dependence {
  readonly #facts = new Map<Value, Facts>();

  /** @param values all that the roots are computed from, operands before their users. */
  constructor(roots: readonly Value[], values: Iterable<Value>) {
    for (const value of values) {
      let set = value.kind === "anchor" ? anchorBit : 0;
      if ("at" in value) set |= dimensionsOf(value.at);
      const operands = operandsOf(value);
      for (let i = 0; i < operands.length; i++) {
        const facts = this.#facts.get(operands[i])!;
        set |= facts.set;
        facts.uses++;
        if (isSumBeside(value, operands[i])) facts.sums++;
      }
      this.#facts.set(value, { set, uses: 0, sums: 0 });
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

  /** Whether a value need not be computed by itself: it has one user; or it is a product of known values, and all that
   * is done with it is to add it, or to take it away from something else. */
  isFree(value: Value): boolean {
    const { uses, sums } = this.#facts.get(value)!;
    const isKnown = (factor: Value) => factor.kind !== "op" || this.isShared(factor);
    return (
      uses <= 1 ||
      (uses === sums && value.kind === "op" && value.op === "mul" && value.inputs.every(isKnown))
    );
  }

  isShared(value: Value): boolean {
    return this.#facts.get(value)!.uses > 1;
  }

  dependsOnAnchor(value: Value): boolean {
    return (this.of(value) & anchorBit) !== 0;
  }
}
