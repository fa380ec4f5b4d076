/** exp, expm1, sigmoid and tanh for vectors. */

import { v128 } from "../assembler/index.ts";
import type { V, VectorContext, VLocal } from "./context.ts";

// ln 2 in two parts; n·ln2High is exact for the integers n that occur.
// f32: Cephes expf. f64: fdlibm e_exp.c.
const LN2_HIGH = { f32x4: 0.693359375, f64x2: 0.6931471803691238 };
const LN2_LOW = { f32x4: -2.1219444e-4, f64x2: 1.9082149292705877e-10 };

// f32: (e^r − 1 − r) / r² on |r| ≤ ln2/2, from r⁵ down; Cephes expf, relative error 1.7e-7.
const EXP_F32 = [
  1.98756915e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
  5.0000001201e-1,
];

// f64: r·coth(r/2) − 2 in r², from r¹⁰ down; fdlibm e_exp.c, error below 2^-59. The last coefficient
// is the constant.
const EXP_F64 = [
  4.1381367970572385e-8, -1.6533902205465252e-6, 6.613756321437934e-5, -0.0027777777777015593,
  0.16666666666666602, 0,
];

// f64: 1 + Q1 h + … for h = r²/2, from h⁵ down; fdlibm s_expm1.c, error below 2^-61.
const EXPM1_F64 = [
  -2.0109921818362437e-7, 4.008217827329362e-6, -7.93650757867488e-5, 0.0015873015872548146,
  -0.03333333333333313, 1,
];

interface Reduced {
  /** The integer, as floating point. */
  readonly n: VLocal;
  /** Has the bits of 2^(n + offset) but for a shift. */
  readonly rounded: VLocal;
  /** x − n·ln2High, exact. */
  readonly high: VLocal;
}

/** x = n·ln2 + r with |r| ≤ ln2/2. */
function reduce(k: VectorContext, x: VLocal, offset = 0): Reduced {
  const rounder = k.c(k.rounder + k.bias + offset);
  const rounded = k.let(k.madd(x, k.c(Math.LOG2E), rounder));
  const n = k.let(k.sub(rounded, rounder));
  const high = k.let(k.nmadd(n, k.c(LN2_HIGH[k.lanes]), x));
  return { n, rounded, high };
}

/** 2^(n + offset), within the normal exponents: n + offset + bias moved to its place. */
function powerOfTwo(k: VectorContext, { rounded }: Reduced): V {
  return k.int.shl(rounded, k.mantissaBits);
}

/** power · e^(high − low), the second factor in [√½, √2]. */
function expOfReduced(k: VectorContext, reduced: Reduced, power: V): V {
  if (k.lanes === "f32x4") {
    const e = expm1OfReduced(k, reduced);
    if (!k.options.madd) return k.mul(k.add(e, k.c(1)), power);
    const held = k.let(power);
    return k.madd(e, held, held);
  }
  // e^r = 1 + r + rc/(2 − c) with c = r − (r·coth(r/2) − 2); the rounding of r is made good.
  const { n, high } = reduced;
  const low = k.let(k.mul(n, k.c(LN2_LOW.f64x2)));
  const r = k.let(k.sub(high, low));
  const c = k.let(k.sub(r, k.polynomial(k.let(k.mul(r, r)), EXP_F64)));
  const quotient = k.float.div(k.mul(r, c), k.sub(k.c(2), c));
  return k.mul(k.sub(k.c(1), k.sub(k.sub(low, quotient), high)), power);
}

/**
 * eˣ where the caller has bounded x to a range: "full", to where the result has become 0 or
 * infinite; "not positive", the same from 0 down; "normal", results within the normal exponents.
 */
export function expWithin(
  k: VectorContext,
  range: "full" | "not positive" | "normal",
  x: VLocal,
): V {
  if (range === "normal") {
    const reduced = reduce(k, x);
    return expOfReduced(k, reduced, powerOfTwo(k, reduced));
  }
  // Two exact factors, of which only the second can round a subnormal result or overflow.
  const offset = k.lanes === "f32x4" ? 64 : 512;
  if (range === "not positive") {
    const reduced = reduce(k, x, offset);
    return k.mul(expOfReduced(k, reduced, powerOfTwo(k, reduced)), k.c(2 ** -offset));
  }
  // 2ⁿ⁻¹ and 2, or 2ⁿ⁻¹⁺⁶⁴ and 2⁻⁶³ where n is far below 0.
  const reduced = reduce(k, x, -1);
  const isLow = k.float.lt(reduced.n, k.c(-offset));
  const lift = k.let(v128.and(isLow, k.bits(BigInt(offset) << BigInt(k.mantissaBits))));
  const lifted = expOfReduced(k, reduced, k.int.add(powerOfTwo(k, reduced), lift));
  return k.mul(lifted, k.int.sub(k.c(2), lift));
}

// Whose results are normal numbers, half of them too.
const LEAST_NORMAL = { f32x4: -86.2, f64x2: -707 };

/** eˣ with 0 for subnormal results, with which many machines are several times as slow.
 * @param of computes it of x bounded from below */
function flushed(k: VectorContext, x: VLocal, of: (bounded: VLocal) => V): V {
  const least = LEAST_NORMAL[k.lanes];
  const result = k.let(of(k.let(k.atLeast(x, least))));
  return v128.andnot(result, k.float.lt(x, k.c(least)));
}

export function exp(k: VectorContext, x: VLocal): V {
  if (k.options.madd) {
    // 2ⁿ⁻¹ and 2: infinite results overflow in the second factor only.
    const most = k.lanes === "f32x4" ? 89 : 710;
    return flushed(k, k.let(k.atMost(x, most)), (bounded) => {
      const reduced = reduce(k, bounded, -1);
      return k.mul(expOfReduced(k, reduced, powerOfTwo(k, reduced)), k.c(2));
    });
  }
  // Beyond these bounds the result is infinite, or rounds to zero.
  const [least, most] = k.lanes === "f32x4" ? [-104, 89] : [-746, 710];
  return expWithin(k, "full", k.let(k.atLeast(k.atMost(x, most), least)));
}

/** eˣ − 1 = 2ⁿ((e^r − 1) + (1 − 2⁻ⁿ)), for x above −40; `most` bounds n from above. */
function expm1OfClamped(k: VectorContext, x: VLocal, most: "any" | "not positive"): V {
  const reduced = reduce(k, x);
  const { n } = reduced;
  const p = k.let(expm1OfReduced(k, reduced));
  // 2⁻ⁿ no longer matters beyond n = 60, and would leave the exponent range.
  const bounded = most === "any" ? k.atMost(n, 60) : n;
  const inverse = k.powerOfTwo(k.sub(k.c(k.rounder), bounded));
  const sum = k.add(p, k.sub(k.c(1), inverse));
  return most === "any" ? k.scale(sum, n) : k.mul(sum, powerOfTwo(k, reduced));
}

/** e^(high − low) − 1, relatively exact near 0. */
function expm1OfReduced(k: VectorContext, { n, high }: Reduced): V {
  if (k.lanes === "f32x4") {
    const r = k.let(k.nmadd(n, k.c(LN2_LOW.f32x4), high));
    const square = k.let(k.mul(r, r));
    return k.madd(k.polynomial(r, EXP_F32, square), square, r);
  }
  const low = k.let(k.mul(n, k.c(LN2_LOW.f64x2)));
  const r = k.let(k.sub(high, low));
  const error = k.let(k.sub(k.sub(high, r), low));
  const half = k.let(k.mul(r, k.c(0.5)));
  const square = k.let(k.mul(r, half));
  const r1 = k.let(k.polynomial(square, EXPM1_F64));
  const t = k.let(k.nmadd(r1, half, k.c(3)));
  const quotient = k.float.div(k.sub(r1, t), k.nmadd(r, t, k.c(6)));
  const e = k.sub(k.mul(r, k.sub(k.mul(square, quotient), error)), error);
  return k.sub(r, k.sub(e, square));
}

export function expm1(k: VectorContext, x: VLocal): V {
  const most = k.lanes === "f32x4" ? 89 : 710;
  // Below −40 (−20 in f32) the result rounds to −1.
  const least = k.lanes === "f32x4" ? -20 : -40;
  const clamped = k.let(k.atLeast(k.atMost(x, most), least));
  // The sum above loses the sign of −0.
  return k.withSignOf(expm1OfClamped(k, clamped, "any"), x);
}

/**
 * 1/(1 + e⁻ˣ) with z = e^−|x|, so that nothing overflows, and q = z/(1 + z): 1 − q for positive x,
 * z − zq for negative x. The rounding errors of q weigh less there than in a plain quotient.
 */
export function sigmoid(k: VectorContext, x: VLocal): V {
  // Beyond `most` the result rounds to 1; e⁻ˣ would become subnormal, with which many machines are slow.
  const [least, most] = k.lanes === "f32x4" ? [-104, 20] : [-746, 40];
  const negative = k.let(v128.or(k.atMost(x, most), k.signBit));
  const z = k.let(
    k.options.madd
      ? flushed(k, negative, (bounded) => expWithin(k, "normal", bounded))
      : expWithin(k, "not positive", k.let(k.atLeast(negative, least))),
  );
  const q = k.float.div(z, k.add(k.c(1), z));
  const base = k.let(k.select(k.float.lt(x, k.c(0)), z, k.c(1)));
  return k.nmadd(base, q, base);
}

// f32: (tanh x − x)/x³ in x² for |x| < 0.625; Cephes tanhf.
const TANH_F32 = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
];

export function tanh(k: VectorContext, x: VLocal): V {
  const least = k.lanes === "f32x4" ? -20 : -40;
  const doubled = k.let(k.atLeast(v128.or(k.add(x, x), k.signBit), least));
  if (k.lanes === "f64x2") {
    // tanh |x| = −t/(t + 2) with t = e^(−2|x|) − 1, and the rounding of t + 2 nearly made good.
    const t = k.let(expm1OfClamped(k, doubled, "not positive"));
    const sum = k.let(k.add(t, k.c(2)));
    const error = k.sub(t, k.sub(sum, k.c(2)));
    const quotient = k.let(k.float.div(k.float.abs(t), sum));
    return k.withSignOf(k.nmadd(quotient, error, quotient), x);
  }
  // tanh |x| = 1 − 2z/(1 + z) with z = e^(−2|x|), and a polynomial where that cancels.
  const z = k.let(expWithin(k, "normal", doubled));
  const quotient = k.float.div(k.add(z, z), k.add(z, k.c(1)));
  const far = k.sub(k.c(1), quotient);
  const square = k.let(k.mul(x, x));
  const near = k.madd(k.mul(k.polynomial(square, TANH_F32), square), x, x);
  return k.withSignOf(k.select(k.float.lt(k.float.abs(x), k.c(0.625)), near, far), x);
}
