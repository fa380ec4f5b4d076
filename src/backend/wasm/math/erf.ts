/** The error function for vectors. */

import { v128 } from "../assembler/index.ts";
import type { V, VectorContext, VLocal } from "./context.ts";
import { expWithin } from "./exponential.ts";

// f32: (erf x − x)/x in x² below BORDER_F32, after N. Juffa's single-precision erff, and
// log(erfc x)/x in x on [0.92, 4], a weighted least-maximum fit that leaves erf x a relative error
// below 2^-30; beyond 4 the result rounds to 1.
const BORDER_F32 = 0.927734375;
const NEAR_F32 = [
  -5.96761703e-4, 4.99119423e-3, -2.67681349e-2, 1.12819925e-1, -3.76125336e-1, 1.28379166e-1,
];
const FAR_F32 = [
  -1.12316998e-5, 3.228076624e-4, -3.642473935e-3, 2.376209323e-2, -1.062369114e-1, -6.351512969e-1,
  -1.128648495,
];

interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

// f64: the four regions of fdlibm s_erf.c (Copyright 1993 Sun Microsystems), highest powers first.

/** |x| < 0.84375: (erf(x) − x)/x in x². */
const NEAR: Rational = {
  numerator: [
    -2.3763016656650163e-5, -0.005770270296489442, -0.02848174957559851, -0.3250421072470015,
    0.12837916709551256,
  ],
  denominator: [
    -3.960228278775368e-6, 0.00013249473800432164, 0.005081306281875766, 0.0650222499887673,
    0.39791722395915535, 1,
  ],
};

/** |x| < 1.25: erf|x| − ERF_ONE in |x| − 1. */
const MIDDLE: Rational = {
  numerator: [
    -0.002166375594868791, 0.035478304325618236, -0.11089469428239668, 0.31834661990116175,
    -0.3722078760357013, 0.41485611868374833, -0.0023621185607526594,
  ],
  denominator: [
    0.011984499846799107, 0.01363708391202905, 0.12617121980876164, 0.07182865441419627,
    0.540397917702171, 0.10642088040084423, 1,
  ],
};
const ERF_ONE = 0.8450629115104675;

/** |x| < 1/0.35: log(x·erfc x) + x² + 0.5625 in 1/x². */
const FAR: Rational = {
  numerator: [
    -9.814329344169145, -81.2874355063066, -184.60509290671104, -162.39666946257347,
    -62.375332450326006, -10.558626225323291, -0.6938585727071818, -0.009864944034847148,
  ],
  denominator: [
    -0.0604244152148581, 6.570249770319282, 108.63500554177944, 429.00814002756783,
    645.3872717332679, 434.56587747522923, 137.65775414351904, 19.651271667439257, 1,
  ],
};

/** |x| < 6: the same function. */
const FARTHEST: Rational = {
  numerator: [
    -483.5191916086514, -1025.0951316110772, -637.5664433683896, -160.63638485582192,
    -17.757954917754752, -0.799283237680523, -0.0098649429247001,
  ],
  denominator: [
    -22.44095244658582, 474.52854120695537, 2553.0504064331644, 3199.8582195085955,
    1536.729586084437, 325.7925129965739, 30.33806074348246, 1,
  ],
};

function rational(k: VectorContext, x: VLocal, { numerator, denominator }: Rational): V {
  return k.float.div(k.polynomial(x, numerator), k.polynomial(x, denominator));
}

export function erf(k: VectorContext, x: VLocal): V {
  return k.lanes === "f32x4" ? erfSingle(k, x) : erfDouble(k, x);
}

function erfSingle(k: VectorContext, x: VLocal): V {
  const magnitude = k.let(k.atMost(k.float.abs(x), 4));
  const square = k.let(k.mul(x, x));
  const near = k.let(k.madd(k.polynomial(square, NEAR_F32), x, x));
  const exponent = k.let(k.mul(k.polynomial(magnitude, FAR_F32), magnitude));
  const far = k.withSignOf(k.sub(k.c(1), expWithin(k, "normal", exponent)), x);
  return k.select(k.float.lt(magnitude, k.c(BORDER_F32)), near, far);
}

/** Each region is computed only if a lane lies in it. */
function erfDouble(k: VectorContext, x: VLocal): V {
  const { f, float } = k;
  const magnitude = k.let(k.atMost(float.abs(x), 6));
  const result = k.let(magnitude);
  const region = (mask: V, compute: () => V) => {
    const inside = k.let(mask);
    f.if(v128.anyTrue(inside), () => f.set(result, k.select(inside, compute(), result)));
  };
  const below = (limit: number) => float.lt(magnitude, k.c(limit));

  region(below(0.84375), () => {
    const square = k.let(k.mul(magnitude, magnitude));
    return k.madd(magnitude, rational(k, square, NEAR), magnitude);
  });
  region(v128.andnot(below(1.25), below(0.84375)), () => {
    const s = k.let(k.sub(magnitude, k.c(1)));
    return k.add(k.c(ERF_ONE), rational(k, s, MIDDLE));
  });
  region(float.ge(magnitude, k.c(1.25)), () => {
    const z = k.let(float.div(k.c(1), k.mul(magnitude, magnitude)));
    const r = k.let(k.c(0));
    const middle = k.let(below(2.857142857142857));
    f.if(v128.anyTrue(middle), () => f.set(r, rational(k, z, FAR)));
    f.if(v128.anyTrue(v128.not(middle)), () =>
      f.set(r, k.select(middle, r, rational(k, z, FARTHEST))),
    );
    // exp(−x²) = exp(−h²)·exp((h − x)(h + x)) with h the leading bits of x, so that h² is exact.
    const head = k.let(v128.and(magnitude, k.bits(-(1n << 32n))));
    const tail = k.mul(k.sub(head, magnitude), k.add(head, magnitude));
    const first = k.let(k.nmadd(head, head, k.c(-0.5625)));
    const second = k.let(k.add(tail, r));
    const product = k.mul(expWithin(k, "normal", first), expWithin(k, "normal", second));
    return k.sub(k.c(1), float.div(product, magnitude));
  });
  return k.withSignOf(result, x);
}
