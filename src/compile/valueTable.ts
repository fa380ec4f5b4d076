/** Values of loop bodies by what they compute: equal ones are one object, so that each is computed once. */

import type { Affine, BufferId, Store, Value } from "./kernel.ts";

/** What changes when a value is copied to another body. */
export interface Rebuild {
  /** The affine numbers of the new loops. */
  at(at: Affine): Affine;
  /** What stands for the result of a reduction. */
  readonly anchor?: Value;
  /** What is known of a buffer's element; undefined where it must be loaded. */
  stored?(buffer: BufferId, at: Affine): Value | undefined;
}

export class ValueTable {
  readonly #values = new Map<string, Value>();
  readonly #numbers = new Map<Value, number>();

  /** A function that copies values; those it is given share what they shared. */
  copier({ at, anchor, stored }: Rebuild): (value: Value) => Value {
    return valueRewriter((value) => {
      if (value.kind === "anchor") return this.#numbered(anchor ?? value);
      if (!("at" in value)) return this.of(value);
      const place = at(value.at);
      if (value.kind === "load") {
        const known = stored?.(value.buffer, place);
        if (known !== undefined) return known;
      }
      if (value.kind === "index" && place.strides.every((stride) => stride === 0)) {
        return this.of({ kind: "constant", value: place.offset, dtype: value.dtype });
      }
      return this.of(place === value.at ? value : { ...value, at: place });
    });
  }

  /** The stores copied to another body, at the affine numbers of its loops. */
  stores(stores: readonly Store[], rebuild: Rebuild): Store[] {
    const copy = this.copier(rebuild);
    return stores.map(({ buffer, at, value }) => {
      return { buffer, at: rebuild.at(at), value: copy(value) };
    });
  }

  /** The one value equal to this; its operands are from this table. */
  of(value: Value): Value {
    if (this.#numbers.has(value)) return value;
    const key = this.#key(value);
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    this.#values.set(key, value);
    return this.#numbered(value);
  }

  /** An anchor is equal to itself only. */
  #numbered(value: Value): Value {
    if (!this.#numbers.has(value)) this.#numbers.set(value, this.#numbers.size);
    return value;
  }

  #key(value: Value): string {
    switch (value.kind) {
      case "load":
        return `load ${value.buffer} ${affineKey(value.at)}`;
      case "constant":
        return `constant ${value.dtype} ${Object.is(value.value, -0) ? "-0" : value.value}`;
      case "index":
        return `index ${value.dtype} ${affineKey(value.at)}`;
      case "gather": {
        const { table, rows, rowSize, row, at } = value;
        return `gather ${table} ${rows} ${rowSize} ${this.#numbers.get(row)} ${affineKey(at)}`;
      }
      case "random":
        return `random ${value.key} ${value.keyOffset} ${value.dtype} ${affineKey(value.at)}`;
      case "op":
        return `${value.op} ${value.dtype} ${value.inputs.map((input) => this.#numbers.get(input))}`;
      case "anchor":
        return `anchor ${value.result}`;
    }
  }
}

function affineKey({ offset, strides }: Affine): string {
  return `${offset}+${strides}`;
}

export function operandsOf(value: Value): readonly Value[] {
  if (value.kind === "op") return value.inputs;
  return value.kind === "gather" ? [value.row] : [];
}

/** Every value that `roots` are computed from, operands before their users. */
export function reachable(roots: readonly Value[]): Set<Value> {
  const found = new Set<Value>();
  const visit = (value: Value): void => {
    if (found.has(value)) return;
    const operands = operandsOf(value);
    for (let i = 0; i < operands.length; i++) visit(operands[i]);
    found.add(value);
  };
  for (const root of roots) visit(root);
  return found;
}

/** A function that rewrites values, each once: to what is known of it, or else to what `change` makes of it
 * with its operands rewritten. */
export function valueRewriter(
  change: (value: Value) => Value,
  known = new Map<Value, Value>(),
): (value: Value) => Value {
  const rewrite = (value: Value): Value => {
    let result = known.get(value);
    if (result === undefined) {
      result = change(withOperands(value, rewrite));
      known.set(value, result);
    }
    return result;
  };
  return rewrite;
}

function withOperands(value: Value, rewrite: (operand: Value) => Value): Value {
  if (value.kind === "op") {
    const inputs = value.inputs.map(rewrite);
    return inputs.every((input, i) => input === value.inputs[i]) ? value : { ...value, inputs };
  }
  return value.kind === "gather" ? { ...value, row: rewrite(value.row) } : value;
}
