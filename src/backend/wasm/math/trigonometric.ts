/** sin and cos for vectors: reduction by multiples of π/2 in three parts, and exactly for huge arguments. */

import { call, type Expr, f32, f32x4, f64, f64x2, i64x2, v128 } from "../assembler/index.ts";
import { inDoubles, type V, type VectorContext, type VLocal } from "./context.ts";
import { COS_F64, hugeTrigonometric, SIN_F64 } from "./hugeAngle.ts";

export type Trigonometric = "sin" | "cos";

// π/2 in parts of 33 bits, so that n·PART is exact for |n| < 2^20; fdlibm e_rem_pio2.c.
const PIO2_1 = 1.5707963267341256;
const PIO2_2 = 6.077100506303966e-11;
const PIO2_3 = 2.0222662487111665e-21;
const PIO2_3_TAIL = 8.4784276603689e-32;
const DOUBLE_LIMIT = 1e6;

// For float32 arguments in float64: 25 bits and a tail, n·PART exact for |n| < 2^28; FreeBSD e_rem_pio2f.c.
const SINGLE_PIO2_1 = 1.5707963109016418;
const SINGLE_PIO2_TAIL = 1.5893254773528196e-8;
const SINGLE_LIMIT = 2 ** 28;

// (sin y − y)/y³ and (cos y − 1)/y² on |y| ≤ π/4, good to float32; FreeBSD k_sinf.c, errors 2^-37.5, 2^-34.1.
const SIN_F32 = [
  2.718311493989822e-6, -0.00019839334836096632, 0.008333329385889463, -0.16666666641626524,
];
const COS_F32 = [
  2.439044879627741e-5, -0.001388676377460993, 0.04166662332373906, -0.499999997251031,
];

/** The trigonometric function `name` of x. */
export function trigonometric(name: Trigonometric) {
  return (k: VectorContext, x: VLocal): V => {
    const single = k.lanes === "f32x4";
    const value = k.let(
      single ? inDoubles(k, [x], (wide, y) => widened(wide, y, name)) : moderate(k, x, name),
    );
    mendHuge(k, x, value, name, single ? SINGLE_LIMIT : DOUBLE_LIMIT);
    return value;
  };
}

/** The nearest integer to x·2/π, as floating point and with its low bits in `bits`. */
function quarterTurns(k: VectorContext, x: VLocal): { n: VLocal; bits: VLocal } {
  const rounder = k.c(k.rounder);
  const bits = k.let(k.madd(x, k.c(2 / Math.PI), rounder));
  return { n: k.let(k.sub(bits, rounder)), bits };
}

/** ±sin y or ±cos y, as the quarter turns say. */
function assemble(k: VectorContext, name: Trigonometric, bits: V, sin: V, cos: V): V {
  const turns = k.let(name === "sin" ? bits : i64x2.add(bits, i64x2.constant(1n)));
  const odd = i64x2.ne(v128.and(turns, i64x2.constant(1n)), i64x2.constant(0n));
  const sign = i64x2.shl(v128.and(turns, i64x2.constant(2n)), 62);
  return v128.xor(k.select(odd, cos, sin), sign);
}

/** Float32 arguments, already widened. */
function widened(k: VectorContext, x: VLocal, name: Trigonometric): V {
  const { n, bits } = quarterTurns(k, x);
  const y = k.let(k.nmadd(n, k.c(SINGLE_PIO2_TAIL), k.nmadd(n, k.c(SINGLE_PIO2_1), x)));
  const z = k.let(k.mul(y, y));
  // The factor y last keeps −0.
  const sin = k.let(k.mul(k.madd(k.polynomial(z, SIN_F32), z, k.c(1)), y));
  const cos = k.let(k.madd(k.polynomial(z, COS_F32), z, k.c(1)));
  return assemble(k, name, bits, sin, cos);
}

/** a − b = difference + error, exactly (Knuth). */
function twoDifference(k: VectorContext, a: V, b: V): { difference: VLocal; error: VLocal } {
  const difference = k.let(k.sub(a, b));
  const part = k.let(k.sub(difference, a));
  const error = k.let(k.sub(k.sub(a, k.sub(difference, part)), k.add(b, part)));
  return { difference, error };
}

/** Float64 arguments up to DOUBLE_LIMIT. */
function moderate(k: VectorContext, x: VLocal, name: Trigonometric): V {
  const { n, bits } = quarterTurns(k, x);
  const first = k.let(k.nmadd(n, k.c(PIO2_1), x));
  const second = twoDifference(k, first, k.let(k.mul(n, k.c(PIO2_2))));
  const third = twoDifference(k, second.difference, k.let(k.mul(n, k.c(PIO2_3))));
  const tail = k.let(k.nmadd(n, k.c(PIO2_3_TAIL), k.add(second.error, third.error)));
  const y = k.let(k.add(third.difference, tail));
  const low = k.let(k.add(k.sub(third.difference, y), tail));

  // fdlibm k_sin.c and k_cos.c, for the angle y + low.
  const z = k.let(k.mul(y, y));
  const cube = k.let(k.mul(z, y));
  const r = k.polynomial(z, SIN_F64.slice(0, -1));
  const inner = k.sub(k.mul(z, k.sub(k.mul(low, k.c(0.5)), k.mul(cube, r))), low);
  const sine = k.sub(y, k.sub(inner, k.mul(cube, k.c(SIN_F64.at(-1) as number))));
  // The tail of −0 is +0: small arguments are their own sine.
  const sin = k.let(k.select(k.float.lt(k.float.abs(x), k.c(2 ** -27)), x, sine));
  const half = k.let(k.mul(z, k.c(0.5)));
  const w = k.let(k.sub(k.c(1), half));
  const correction = k.sub(k.mul(k.mul(z, z), k.polynomial(z, COS_F64)), k.mul(y, low));
  const cos = k.let(k.add(w, k.add(k.sub(k.sub(k.c(1), w), half), correction)));
  return assemble(k, name, bits, sin, cos);
}

/** Replaces the lanes beyond the limit (infinities and NaN too), one by one. */
function mendHuge(
  k: VectorContext,
  x: VLocal,
  value: VLocal,
  name: Trigonometric,
  limit: number,
): void {
  const { f } = k;
  const within = k.let(k.float.le(k.float.abs(x), k.c(limit)));
  f.if(v128.anyTrue(v128.not(within)), () => {
    const huge = hugeTrigonometric(k.options.module, name);
    const exact = (argument: Expr<"f64">): Expr<"f64"> => call(huge, argument);
    const lanes = k.lanes === "f32x4" ? 4 : 2;
    for (let lane = 0; lane < lanes; lane++) {
      // Lanes within the limit keep their value: the exact reduction wants a large argument.
      const mended =
        lanes === 4
          ? f32x4.replaceLane(
              value,
              lane,
              f32.demoteF64(exact(f64.promoteF32(f32x4.extractLane(x, lane)))),
            )
          : f64x2.replaceLane(value, lane, exact(f64x2.extractLane(x, lane)));
      f.set(value, k.select(within, value, mended));
    }
  });
}
