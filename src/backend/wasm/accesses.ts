/** The affine accesses of a loop body in bytes: where an element lies for a body at some site. */

import type { Affine } from "../../compile/index.ts";
import { type Address, type Addresses, type Origin, sum } from "./addresses.ts";
import { type Expr, i32x4, v128 } from "./assembler/index.ts";
import { elementBytes, type KernelContext } from "./context.ts";
import type { Vector } from "./lanes.ts";

/** Where a body stands: how far each index is ahead of its loop's, and how many lanes count. */
export interface Site {
  readonly delta: readonly number[];
  readonly active: number;
}

export class Accesses {
  readonly #context: KernelContext;
  readonly #addresses: Addresses;
  readonly #laneDim: number;
  /** Strides in bytes of those in elements, for each size of an element. */
  readonly #scaled = new Map<number, Map<readonly number[], readonly number[]>>();

  constructor(context: KernelContext, addresses: Addresses, laneDim: number) {
    this.#context = context;
    this.#addresses = addresses;
    this.#laneDim = laneDim;
  }

  /** Announces an access, before the loops. */
  declare(origin: Origin, { strides }: Affine, unit: number): void {
    this.#addresses.declare(origin, this.#inUnits(strides, unit));
  }

  /** The element of a buffer for a body at a site. */
  address(origin: Origin, { offset, strides }: Affine, buffer: number, site: Site): Address {
    const unit = this.bytes(buffer);
    return this.#addresses.at(
      origin,
      this.#inUnits(strides, unit),
      this.#context.buffers[buffer].offset + offset * unit,
      site.delta,
    );
  }

  /** The affine number at each lane, as int32. */
  indices(at: Affine, site: Site): Vector {
    const first = sum(this.#addresses.at("number", at.strides, at.offset, site.delta));
    return ramp(first, this.stride(at));
  }

  /** The element stride between lanes. */
  stride(at: Affine): number {
    return at.strides[this.#laneDim] ?? 0;
  }

  /** Of an element. */
  bytes(buffer: number): number {
    return elementBytes(this.#context, buffer);
  }

  #inUnits(strides: readonly number[], unit: number): readonly number[] {
    if (unit === 1) return strides;
    let known = this.#scaled.get(unit);
    if (known === undefined) {
      known = new Map();
      this.#scaled.set(unit, known);
    }
    let scaled = known.get(strides);
    if (scaled === undefined) {
      scaled = strides.map((stride) => stride * unit);
      known.set(strides, scaled);
    }
    return scaled;
  }
}

/** first, first + step, first + 2 step … in 32-bit lanes. */
export function ramp(first: Expr<"i32">, step: number): Vector {
  const splat = i32x4.splat(first);
  return step === 0 ? splat : i32x4.add(splat, v128.i32x4Const(0, step, 2 * step, 3 * step));
}
