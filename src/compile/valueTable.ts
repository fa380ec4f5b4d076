/** Values of loop bodies by what they compute: equal ones are one object, so that each is computed once. */

import type { Affine, BufferId, Value } from "./kernel.ts";

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
    const done = new Map<Value, Value>();
    const copy = (value: Value): Value => {
      let result = done.get(value);
      if (result === undefined) {
        result = rebuild(value);
        done.set(value, result);
      }
      return result;
    };
    const rebuild = (value: Value): Value => {
      switch (value.kind) {
        case "constant":
          return this.of(value);
        case "anchor":
          return this.#numbered(anchor ?? value);
        case "op": {
          const inputs = value.inputs.map(copy);
          const isSame = inputs.every((input, i) => input === value.inputs[i]);
          return this.of(isSame ? value : { ...value, inputs });
        }
        case "gather":
          return this.of({ ...value, row: copy(value.row), at: at(value.at) });
        case "load": {
          const place = at(value.at);
          return (
            stored?.(value.buffer, place) ??
            this.of(place === value.at ? value : { ...value, at: place })
          );
        }
        case "index": {
          const place = at(value.at);
          const { dtype } = value;
          return place.strides.every((stride) => stride === 0)
            ? this.of({ kind: "constant", value: place.offset, dtype })
            : this.of({ ...value, at: place });
        }
        case "random":
          return this.of({ ...value, at: at(value.at) });
      }
    };
    return copy;
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
    for (const operand of operandsOf(value)) visit(operand);
    found.add(value);
  };
  for (const root of roots) visit(root);
  return found;
}
