/** pow for vectors, with the special cases of JavaScript's Math.pow. */

import { v128 } from "../assembler/index.ts";
import { inDoubles, type V, type VectorContext, type VLocal } from "./context.ts";
import { expWithin } from "./exponential.ts";
import { logOfPositive } from "./logarithm.ts";

// fdlibm e_pow.c (Copyright 2004 Sun Microsystems), highest powers first.
/** (3/2)(log x − 2s − 2s³/3)/s⁵ in s², s = (x − 1)/(x + 1). */
const LOG = [
  0.20697501780033842, 0.23066074577556175, 0.272728123808534, 0.33333332981837743,
  0.4285714285785502, 0.5999999999999946,
];
/** z·coth(z/2) − 2 in z², as in exp; the last coefficient is the constant. */
const EXP = [
  4.1381367970572385e-8, -1.6533902205465252e-6, 6.613756321437934e-5, -0.0027777777777015593,
  0.16666666666666602, 0,
];
/** log2 of the second base point 1.5. */
const LOG2_HIGH = 0.5849624872207642;
const LOG2_LOW = 1.350039202129749e-8;
/** 2/(3 ln 2), whole and in two parts. */
const CP = 0.9617966939259756;
const CP_HIGH = 0.9617967009544373;
const CP_LOW = -7.028461650952758e-9;
/** ln 2 in two parts of float32's precision. */
const LN2_HIGH = 0.6931471824645996;
const LN2_LOW = -1.904654299957768e-9;

export function pow(k: VectorContext, x: VLocal, y: VLocal): V {
  const magnitude = k.let(k.float.abs(x));
  const power =
    k.lanes === "f32x4"
      ? inDoubles(k, [magnitude, y], powerOfWidened)
      : powerOfPositive(k, magnitude, y);
  return mend(k, k.let(power), x, magnitude, y);
}

/** x^y for widened float32 operands: float64 has the bits to spare that the product needs. */
function powerOfWidened(k: VectorContext, x: VLocal, y: VLocal): V {
  const exponent = k.let(k.mul(y, logOfPositive(k, x, "normal")));
  // Beyond these bounds float32 is infinite or zero.
  return expWithin(k, "normal", k.let(k.atLeast(k.atMost(exponent, 90), -110)));
}

/** The special values, by JavaScript's rules: pow(±1, ±∞) and pow(1, NaN) are NaN, pow(NaN, 0) is 1. */
function mend(k: VectorContext, value: V, x: VLocal, magnitude: VLocal, y: VLocal): V {
  const { float } = k;
  const zero = k.c(0);
  const one = k.c(1);
  const infinity = k.c(Infinity);

  // |x| is 0 or ∞: the result is 0 or ∞.
  const infinite = v128.and(infinity, v128.xor(float.gt(magnitude, one), float.lt(y, zero)));
  const extreme = v128.or(float.eq(magnitude, zero), float.eq(magnitude, infinity));
  const magnitudeOfResult = k.select(extreme, infinite, value);

  const half = k.let(k.mul(y, k.c(0.5)));
  const isInteger = k.let(float.eq(float.nearest(y), y));
  const isOdd = v128.and(isInteger, float.ne(float.nearest(half), half));
  const sign = v128.and(v128.and(x, k.signBit), isOdd);
  const signed = v128.xor(magnitudeOfResult, sign);

  const negative = v128.and(float.lt(x, zero), float.gt(x, k.c(-Infinity)));
  const unreal = v128.andnot(negative, isInteger);
  const undecided = v128.and(float.eq(magnitude, one), float.eq(float.abs(y), infinity));
  const unknown = v128.or(float.ne(x, x), float.ne(y, y));
  const real = v128.or(signed, v128.or(unknown, v128.or(unreal, undecided)));
  return k.select(float.eq(y, zero), one, real);
}

/** x^y for positive finite x, by log2 x in two doubles of which the first has 21 leading bits. */
function powerOfPositive(k: VectorContext, x: VLocal, y: VLocal): V {
  const { float } = k;
  /** The leading 21 bits. */
  const head = (value: V) => k.let(v128.and(value, k.bits(-(1n << 32n))));

  // x = m·2ᵉ with m in [√3/2, √3), near the base points 1 and 1.5.
  const { m, e } = k.split(x, 0.8660254037844386, "any");
  const second = k.let(float.ge(m, k.c(1.224744871391589)));
  const base = k.let(k.select(second, k.c(1.5), k.c(1)));
  const logHigh = k.let(v128.and(second, k.c(LOG2_HIGH)));
  const logLow = v128.and(second, k.c(LOG2_LOW));

  // s = sHigh + sLow = (m − base)/(m + base). Only products of leading parts need to be exact.
  const difference = k.let(k.sub(m, base));
  const sum = k.let(k.add(m, base));
  const inverse = k.let(float.div(k.c(1), sum));
  const s = k.let(k.mul(difference, inverse));
  const sHigh = head(s);
  const sumHigh = head(sum);
  const sumLow = k.sub(m, k.sub(sumHigh, base));
  const remainder = k.sub(k.sub(difference, k.mul(sHigh, sumHigh)), k.mul(sHigh, sumLow));
  const sLow = k.let(k.mul(inverse, remainder));

  // 3(log m − log base)/2s = 3 + s² + r = tHigh + tLow.
  const square = k.let(k.mul(s, s));
  const series = k.mul(k.mul(square, square), k.polynomial(square, LOG));
  const r = k.let(k.madd(sLow, k.add(sHigh, s), series));
  const squareHigh = k.let(k.mul(sHigh, sHigh));
  const tHigh = head(k.add(k.add(k.c(3), squareHigh), r));
  const tLow = k.sub(r, k.sub(k.sub(tHigh, k.c(3)), squareHigh));

  // p = s·t, and log2 m − log2 base = z = 2p/(3 ln 2).
  const u = k.let(k.mul(sHigh, tHigh));
  const v = k.let(k.add(k.mul(sLow, tHigh), k.mul(tLow, s)));
  const pHigh = head(k.add(u, v));
  const pLow = k.sub(v, k.sub(pHigh, u));
  const zHigh = k.let(k.mul(k.c(CP_HIGH), pHigh));
  const zLow = k.let(k.add(k.madd(k.c(CP_LOW), pHigh, k.mul(pLow, k.c(CP))), logLow));
  const log2High = head(k.add(k.add(k.add(zHigh, zLow), logHigh), e));
  const log2Low = k.let(k.sub(zLow, k.sub(k.sub(k.sub(log2High, e), logHigh), zHigh)));

  // y·log2 x. |log2 x| ≥ 2^-53.5 for x other than 1, so beyond 2^64 the power of y does not matter.
  const exponent = k.let(k.atLeast(k.atMost(y, 2 ** 64), -(2 ** 64)));
  const exponentHigh = head(exponent);
  const low = k.add(k.mul(k.sub(exponent, exponentHigh), log2High), k.mul(exponent, log2Low));
  // Out of range the high part decides alone; within it the low part is below 2^-8.
  const wLow = k.let(k.atLeast(k.atMost(low, 1), -1));
  const wHigh = k.let(k.atLeast(k.atMost(k.mul(exponentHigh, log2High), 1100), -1100));
  const n = k.let(float.nearest(k.add(wLow, wHigh)));

  // 2^(wHigh − n + wLow).
  const rest = k.let(k.sub(wHigh, n));
  const t = head(k.add(wLow, rest));
  const tRest = k.sub(wLow, k.sub(t, rest));
  const a = k.let(k.mul(t, k.c(LN2_HIGH)));
  const b = k.let(k.add(k.mul(tRest, k.c(Math.LN2)), k.mul(t, k.c(LN2_LOW))));
  const z = k.let(k.add(a, b));
  const zRest = k.let(k.sub(b, k.sub(z, a)));
  const zSquare = k.let(k.mul(z, z));
  const c = k.let(k.sub(z, k.polynomial(zSquare, EXP)));
  const quotient = float.div(k.mul(z, c), k.sub(c, k.c(2)));
  const power = k.sub(k.c(1), k.sub(k.sub(quotient, k.madd(z, zRest, zRest)), z));
  return k.scale(power, n);
}
