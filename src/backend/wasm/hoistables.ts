/** What of a loop body inner loops leave alone, so that it can be computed once outside of them. */

import type { Value } from "../../compile/index.ts";
import type { Dependence, DimensionSet } from "./dependence.ts";
import { operandsOf } from "./dimensions.ts";
import type { Gathers, GatherValue } from "./gathers.ts";

interface Hoistable {
  readonly values: readonly Value[];
  /** Gathers whose row can be found outside, though not their elements. */
  readonly gathers: readonly GatherValue[];
}

export class Hoistables {
  readonly #dependence: Dependence;
  readonly #gathers: Gathers;
  readonly #found = new Map<readonly Value[], Map<DimensionSet, Hoistable>>();

  constructor(dependence: Dependence, gathers: Gathers) {
    this.#dependence = dependence;
    this.#gathers = gathers;
  }

  /** The largest values, and the rows of gathers, that vary over `known` at most, of those that the roots are
   * computed from. */
  of(roots: readonly Value[], known: DimensionSet): Hoistable {
    let found = this.#found.get(roots);
    if (found === undefined) {
      found = new Map();
      this.#found.set(roots, found);
    }
    let hoistable = found.get(known);
    if (hoistable === undefined) {
      hoistable = this.#find(roots, known);
      found.set(known, hoistable);
    }
    return hoistable;
  }

  #find(roots: readonly Value[], known: DimensionSet): Hoistable {
    const values: Value[] = [];
    const gathers: GatherValue[] = [];
    const seen = new Set<Value>();
    const visit = (value: Value): void => {
      if (seen.has(value)) return;
      seen.add(value);
      if (this.#dependence.isWithin(value, known)) {
        if (value.kind !== "constant") values.push(value);
        return;
      }
      if (value.kind === "gather" && this.#gathers.sharesRow(value)) {
        if (this.#dependence.isWithin(value.row, known)) gathers.push(value);
      }
      const operands = operandsOf(value);
      for (let i = 0; i < operands.length; i++) visit(operands[i]);
    };
    for (const root of roots) visit(root);
    return { values, gathers };
  }
}
