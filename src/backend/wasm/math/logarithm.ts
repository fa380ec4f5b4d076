/** log and log1p for vectors. */

import { v128 } from "../assembler/index.ts";
import type { V, VectorContext, VLocal } from "./context.ts";
import { ln2High, ln2Low } from "./ln2.ts";

// f32: (log(1+f) − f + f²/2) / f³ on [√½ − 1, √2 − 1], from f⁸ down; Cephes logf.
const LOG_F32 = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1,
  -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
];

// f64: (log(1+f)/s − 2)/s² in s², s = f/(2+f), from s¹² down; fdlibm e_log.c, error below 2^-58.45.
const LOG_F64 = [
  0.14798198605116586, 0.15313837699209373, 0.1818357216161805, 0.22222198432149784,
  0.2857142874366239, 0.3999999999940942, 0.6666666666666735,
];

/** log(m·2ᵉ) + correction for m in [√½, √2), positive finite numbers only. */
function logOfParts(k: VectorContext, m: V, e: V, correction?: V): V {
  const f = k.let(k.sub(m, k.c(1)));
  const high = k.c(ln2High[k.lanes]);
  const tail = k.mul(e, k.c(ln2Low[k.lanes]));
  const low = correction === undefined ? tail : k.add(tail, correction);
  if (k.lanes === "f32x4") {
    const square = k.let(k.mul(f, f));
    const cubic = k.madd(k.mul(k.polynomial(f, LOG_F32), f), square, low);
    const sum = k.nmadd(square, k.c(0.5), cubic);
    return k.madd(e, high, k.add(f, sum));
  }
  // log(1+f) = f − (f²/2 − s(f²/2 + R)).
  const s = k.let(k.float.div(f, k.add(f, k.c(2))));
  const z = k.let(k.mul(s, s));
  const half = k.let(k.mul(k.mul(f, k.c(0.5)), f));
  const inner = k.madd(s, k.madd(k.polynomial(z, LOG_F64), z, half), low);
  return k.madd(e, high, k.sub(f, k.sub(half, inner)));
}

/** log of positive finite numbers; anything else gives meaningless finite lanes or NaN. */
export function logOfPositive(k: VectorContext, x: VLocal, range: "any" | "normal"): V {
  const { m, e } = k.split(x, Math.SQRT1_2, range);
  return logOfParts(k, m, e);
}

/** The value for 0, infinity and NaN, of which none is negative. */
function mendEnds(k: VectorContext, value: V, u: V): V {
  const finite = k.select(k.float.lt(u, k.c(Infinity)), value, u);
  return k.select(k.float.eq(u, k.c(0)), k.c(-Infinity), finite);
}

/** The exceptional values of a logarithm whose argument is `u`: 0, negative numbers, infinity, NaN. */
function mend(k: VectorContext, value: V, u: V): V {
  return v128.or(mendEnds(k, value, u), k.float.lt(u, k.c(0)));
}

export function log(k: VectorContext, x: VLocal): V {
  return mend(k, k.let(logOfPositive(k, x, "any")), x);
}

/** The same for numbers that are neither negative nor subnormal. */
export function logOfNormal(k: VectorContext, x: VLocal): V {
  return mendEnds(k, k.let(logOfPositive(k, x, "normal")), x);
}

/** log(1 + x) = log(u) + c/u with u the rounded sum and c its error (Kahan; fdlibm s_log1p.c). */
export function log1p(k: VectorContext, x: VLocal): V {
  const one = k.c(1);
  const u = k.let(k.add(one, x));
  const part = k.let(k.sub(u, one));
  const error = k.add(k.sub(x, part), k.sub(one, k.sub(u, part)));
  const correction = k.let(k.float.div(error, u));
  const { m, e } = k.split(u, Math.SQRT1_2, "normal");
  const value = k.let(logOfParts(k, m, e, correction));
  // The sums lose the sign of −0; the result has the sign of x, and NaN for x < −1 keeps being NaN.
  return mend(k, k.withSignOf(value, x), u);
}
