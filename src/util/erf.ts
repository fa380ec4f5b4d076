/** The error function in double precision, accurate to 1 ULP.
 *
 * After fdlibm's s_erf.c (Sun Microsystems, 1993; freely distributable with this notice): rational
 * approximations on |x| < 0.84375, < 1.25, < 1/0.35 and < 6, beyond which erf(x) rounds to ±1.
 */

/** c[0] + c[1] x + c[2] x² + … */
function polynomial(x: number, coefficients: readonly number[]): number {
  let sum = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) sum = sum * x + coefficients[i];
  return sum;
}

/** erf(x) = x + x · P(x²) / Q(x²) near 0. */
const nearZero = {
  p: [
    1.2837916709551256e-1, -3.250421072470015e-1, -2.848174957559851e-2, -5.770270296489442e-3,
    -2.3763016656650163e-5,
  ],
  q: [
    1, 3.9791722395915535e-1, 6.50222499887673e-2, 5.081306281875766e-3, 1.3249473800432164e-4,
    -3.960228278775368e-6,
  ],
};

/** erf(x) = erf(1) rounded to float32 + P(|x| − 1) / Q(|x| − 1) around 1. */
const nearOne = {
  base: 8.450629115104675e-1,
  p: [
    -2.3621185607526594e-3, 4.1485611868374833e-1, -3.722078760357013e-1, 3.1834661990116175e-1,
    -1.1089469428239668e-1, 3.5478304325618236e-2, -2.166375594868791e-3,
  ],
  q: [
    1, 1.0642088040084423e-1, 5.40397917702171e-1, 7.182865441419627e-2, 1.2617121980876164e-1,
    1.363708391202905e-2, 1.1984499846799107e-2,
  ],
};

/** erfc(x) = exp(−x² − 0.5625 + P(1/x²) / Q(1/x²)) / x in the tails. */
const middle = {
  p: [
    -9.864944034847148e-3, -6.938585727071818e-1, -1.0558626225323291e1, -6.2375332450326006e1,
    -1.6239666946257347e2, -1.8460509290671104e2, -8.12874355063066e1, -9.814329344169145,
  ],
  q: [
    1, 1.9651271667439257e1, 1.3765775414351904e2, 4.3456587747522923e2, 6.453872717332679e2,
    4.2900814002756783e2, 1.0863500554177944e2, 6.570249770319282, -6.04244152148581e-2,
  ],
};

const tail = {
  p: [
    -9.8649429247001e-3, -7.99283237680523e-1, -1.7757954917754752e1, -1.6063638485582192e2,
    -6.375664433683896e2, -1.0250951316110772e3, -4.835191916086514e2,
  ],
  q: [
    1, 3.033806074348246e1, 3.257925129965739e2, 1.536729586084437e3, 3.1998582195085955e3,
    2.5530504064331644e3, 4.7452854120695537e2, -2.244095244658582e1,
  ],
};

/** 2/√π ∫₀ˣ exp(−t²) dt. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  const sign = x < 0 ? -1 : 1;
  if (size < 0.84375) {
    const z = x * x;
    return x + x * (polynomial(z, nearZero.p) / polynomial(z, nearZero.q));
  }
  if (size < 1.25) {
    const s = size - 1;
    return sign * (nearOne.base + polynomial(s, nearOne.p) / polynomial(s, nearOne.q));
  }
  if (size >= 6) return sign;
  const { p, q } = size < 1 / 0.35 ? middle : tail;
  const s = 1 / (size * size);
  // −x² in two parts: `head` has 24 bits, so that head² is exact.
  const head = Math.fround(size);
  const scaled =
    Math.exp(-head * head - 0.5625) *
    Math.exp((head - size) * (head + size) + polynomial(s, p) / polynomial(s, q));
  return sign * (1 - scaled / size);
}
