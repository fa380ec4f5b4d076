/** exp, expm1, sigmoid and tanh for vectors. */

import { v128 } from "../assembler/index.ts";
import type { V, VectorContext, VLocal } from "./context.ts";
import { ln2High, ln2Low } from "./ln2.ts";

// (e^r − 1 − r)/r² on |r| ≤ ln2/2, from the highest power down: least-maximum fits with rounded coefficients, whose
// e^r has a relative error below 2^-28 (f32) and 2^-57 (f64).
const EXP = {
  f32x4: [
    1.382144633680582e-3, 8.368857204914093e-3, 4.166826233267784e-2, 0.1666651964187622,
    0.4999999403953552,
  ],
  f64x2: [
    2.500176740645973e-8, 2.763074284434037e-7, 2.755758307618803e-6, 2.4801491780370805e-5,
    1.9841269507963973e-4, 1.3888888944832644e-3, 8.333333333494855e-3, 4.166666666652587e-2,
    0.1666666666666641, 0.5000000000000011,
  ],
} as const;

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
  const high = k.let(k.nmadd(n, k.c(ln2High[k.lanes]), x));
  return { n, rounded, high };
}

/** 2^(n + offset), within the normal exponents: n + offset + bias moved to its place. */
function powerOfTwo(k: VectorContext, { rounded }: Reduced): V {
  return k.int.shl(rounded, k.mantissaBits);
}

/** e^r − 1, rounded little more than once. */
function smallExpm1(k: VectorContext, { n, high }: Reduced): VLocal {
  if (k.lanes === "f32x4") {
    const r = k.let(k.nmadd(n, k.c(ln2Low.f32x4), high));
    const square = k.let(k.mul(r, r));
    return k.let(k.madd(k.polynomial(r, EXP.f32x4, square), square, r));
  }
  // The rounding of r = high + low does not matter in the terms from r² on.
  const low = k.let(k.mul(n, k.c(-ln2Low.f64x2)));
  const r = k.let(k.add(high, low));
  const square = k.let(k.mul(r, r));
  return k.let(k.add(high, k.madd(k.polynomial(r, EXP.f64x2, square), square, low)));
}

/** power · e^r, the second factor in [√½, √2]. */
function expOfReduced(k: VectorContext, reduced: Reduced, power: V): V {
  const held = k.let(power);
  return k.madd(smallExpm1(k, reduced), held, held);
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

/** A result of x, 0 where it would be subnormal, with which many machines are several times as slow.
 * @param result anything where x is less than it may be */
function flushed(k: VectorContext, x: VLocal, result: V): V {
  return v128.andnot(result, k.float.lt(x, k.c(LEAST_NORMAL[k.lanes])));
}

export function exp(k: VectorContext, x: VLocal): V {
  // Beyond these bounds the result is infinite, or rounds to zero.
  const [least, most] = k.lanes === "f32x4" ? [-104, 89] : [-746, 710];
  const bounded = k.let(k.atMost(x, most));
  if (!k.options.madd) return expWithin(k, "full", k.let(k.atLeast(bounded, least)));
  // 2ⁿ⁻¹ and 2: infinite results overflow in the second factor only.
  const reduced = reduce(k, bounded, -1);
  return flushed(k, x, k.mul(expOfReduced(k, reduced, powerOfTwo(k, reduced)), k.c(2)));
}

/** eˣ for x up to 0, NaN for NaN and infinity. */
export function expUpTo0(k: VectorContext, x: VLocal): V {
  if (k.options.madd) return flushed(k, x, expWithin(k, "normal", x));
  const least = k.lanes === "f32x4" ? -104 : -746;
  return expWithin(k, "not positive", k.let(k.atLeast(x, least)));
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
function expm1OfReduced(k: VectorContext, reduced: Reduced): V {
  if (k.lanes === "f32x4") return smallExpm1(k, reduced);
  const { n, high } = reduced;
  const low = k.let(k.mul(n, k.c(ln2Low.f64x2)));
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
  const z = k.let(expUpTo0(k, k.let(v128.or(x, k.signBit))));
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
