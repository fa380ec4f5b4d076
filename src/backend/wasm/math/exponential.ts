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

// f64: r − r(e^r + 1 − 2)… = r − R(r²), from r¹⁰ down; fdlibm e_exp.c, error below 2^-59.
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
  /** x − n·ln2High, exact. */
  readonly high: VLocal;
  /** n·ln2Low. */
  readonly low: VLocal;
}

/** x = n·ln2 + (high − low), |high − low| ≤ ln2/2. */
function reduce(k: VectorContext, x: VLocal): Reduced {
  const rounder = k.c(k.rounder);
  const n = k.let(k.sub(k.madd(x, k.c(Math.LOG2E), rounder), rounder));
  const high = k.let(k.nmadd(n, k.c(LN2_HIGH[k.lanes]), x));
  const low = k.let(k.mul(n, k.c(LN2_LOW[k.lanes])));
  return { n, high, low };
}

/** eˣ for x within about twice the exponent range (see `exp` for the clamps). */
export function expOfClamped(k: VectorContext, x: VLocal): V {
  const { n, high, low } = reduce(k, x);
  const r = k.let(k.sub(high, low));
  if (k.lanes === "f32x4") {
    const square = k.mul(r, r);
    return k.scale(k.add(k.madd(k.polynomial(r, EXP_F32), square, r), k.c(1)), n);
  }
  // e^r = 1 + 2r / (R − r) with R = r coth(r/2), arranged as in fdlibm.
  const square = k.let(k.mul(r, r));
  const c = k.let(k.sub(r, k.polynomial(square, EXP_F64)));
  const quotient = k.float.div(k.mul(r, c), k.sub(k.c(2), c));
  return k.scale(k.sub(k.c(1), k.sub(k.sub(low, quotient), high)), n);
}

export function exp(k: VectorContext, x: VLocal): V {
  // Beyond the clamps the result is infinite, or rounds to zero.
  const [least, most] = k.lanes === "f32x4" ? [-104, 89] : [-746, 710];
  return expOfClamped(k, k.let(k.atLeast(k.atMost(x, most), least)));
}

/** eˣ − 1 = 2ⁿ((e^r − 1) + (1 − 2⁻ⁿ)), for x above −40; `most` bounds n from above. */
function expm1OfClamped(k: VectorContext, x: VLocal, most: "any" | "not positive"): V {
  const { n, high, low } = reduce(k, x);
  const r = k.let(k.sub(high, low));
  const p = k.let(expm1OfReduced(k, r, high, low));
  const rounder = k.c(k.rounder);
  // 2⁻ⁿ no longer matters beyond n = 60, and would leave the exponent range.
  const bounded = most === "any" ? k.atMost(n, 60) : n;
  const inverse = k.powerOfTwo(k.sub(rounder, bounded));
  const sum = k.add(p, k.sub(k.c(1), inverse));
  return most === "any" ? k.scale(sum, n) : k.mul(sum, k.powerOfTwo(k.add(n, rounder)));
}

/** e^(high − low) − 1 where r is the rounded difference. */
function expm1OfReduced(k: VectorContext, r: VLocal, high: V, low: V): V {
  if (k.lanes === "f32x4") return k.madd(k.polynomial(r, EXP_F32), k.mul(r, r), r);
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

/** 1/(1 + e⁻ˣ), with z = e^−|x| so that nothing overflows: 1/(1 + z) or z/(1 + z). */
export function sigmoid(k: VectorContext, x: VLocal): V {
  const least = k.lanes === "f32x4" ? -104 : -746;
  const negative = k.let(k.atLeast(v128.or(x, k.signBit), least));
  const z = k.let(expOfClamped(k, negative));
  const numerator = k.select(k.float.lt(x, k.c(0)), z, k.c(1));
  return k.float.div(numerator, k.add(k.c(1), z));
}

// f32: (tanh x − x)/x³ in x² for |x| < 0.625; Cephes tanhf.
const TANH_F32 = [
  -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1,
];

export function tanh(k: VectorContext, x: VLocal): V {
  const least = k.lanes === "f32x4" ? -20 : -40;
  const doubled = k.let(k.atLeast(v128.or(k.add(x, x), k.signBit), least));
  if (k.lanes === "f64x2") {
    // tanh |x| = −t/(t + 2) with t = e^(−2|x|) − 1, as in fdlibm s_tanh.c.
    const t = k.let(expm1OfClamped(k, doubled, "not positive"));
    return k.withSignOf(k.float.div(k.float.abs(t), k.add(t, k.c(2))), x);
  }
  // tanh |x| = 1 − 2z/(1 + z) with z = e^(−2|x|), and a polynomial where that cancels.
  const { n, high, low } = reduce(k, doubled);
  const r = k.let(k.sub(high, low));
  const e = k.add(k.madd(k.polynomial(r, EXP_F32), k.mul(r, r), r), k.c(1));
  const z = k.let(k.mul(e, k.powerOfTwo(k.add(n, k.c(k.rounder)))));
  const quotient = k.float.div(k.add(z, z), k.add(z, k.c(1)));
  const far = k.withSignOf(k.sub(k.c(1), quotient), x);
  const square = k.let(k.mul(x, x));
  const near = k.madd(k.mul(k.polynomial(square, TANH_F32), square), x, x);
  return k.select(k.float.lt(k.float.abs(x), k.c(0.625)), near, far);
}
