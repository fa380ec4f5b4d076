/** The error function for vectors. */

import {
  erfMiddle,
  erfNearOne,
  erfNearZero,
  erfOne,
  erfTail,
  type Rational,
} from "../../../util/erf.ts";
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

/** The four regions of fdlibm s_erf.c; each is computed only if a lane lies in it. */
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
    return k.madd(magnitude, rational(k, square, erfNearZero), magnitude);
  });
  region(v128.andnot(below(1.25), below(0.84375)), () => {
    const s = k.let(k.sub(magnitude, k.c(1)));
    return k.add(k.c(erfOne), rational(k, s, erfNearOne));
  });
  region(float.ge(magnitude, k.c(1.25)), () => {
    const z = k.let(float.div(k.c(1), k.mul(magnitude, magnitude)));
    const r = k.let(k.c(0));
    const middle = k.let(below(2.857142857142857));
    f.if(v128.anyTrue(middle), () => f.set(r, rational(k, z, erfMiddle)));
    f.if(v128.anyTrue(v128.not(middle)), () =>
      f.set(r, k.select(middle, r, rational(k, z, erfTail))),
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
