/** The error function in double precision, accurate to 1 ULP.
 *
 * After fdlibm's s_erf.c (Sun Microsystems, 1993; freely distributable with this notice): rational
 * approximations on |x| < 0.84375, < 1.25, < 1/0.35 and < 6, beyond which erf(x) rounds to ±1.
 */

/** P(x) / Q(x), each with its coefficients from the highest power down to the constant. */
export interface Rational {
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

/** |x| < 0.84375: (erf(x) − x)/x in x². */
export const erfNearZero: Rational = {
  numerator: [
    -2.3763016656650163e-5, -0.005770270296489442, -0.02848174957559851, -0.3250421072470015,
    0.12837916709551256,
  ],
  denominator: [
    -3.960228278775368e-6, 0.00013249473800432164, 0.005081306281875766, 0.0650222499887673,
    0.39791722395915535, 1,
  ],
};

/** |x| < 1.25: erf|x| − erfOne in |x| − 1. */
export const erfNearOne: Rational = {
  numerator: [
    -0.002166375594868791, 0.035478304325618236, -0.11089469428239668, 0.31834661990116175,
    -0.3722078760357013, 0.41485611868374833, -0.0023621185607526594,
  ],
  denominator: [
    0.011984499846799107, 0.01363708391202905, 0.12617121980876164, 0.07182865441419627,
    0.540397917702171, 0.10642088040084423, 1,
  ],
};

/** erf(1), rounded to float32. */
export const erfOne = 8.450629115104675e-1;

/** |x| < 1/0.35: log(x · erfc x) + x² + 0.5625 in 1/x². */
export const erfMiddle: Rational = {
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
export const erfTail: Rational = {
  numerator: [
    -483.5191916086514, -1025.0951316110772, -637.5664433683896, -160.63638485582192,
    -17.757954917754752, -0.799283237680523, -0.0098649429247001,
  ],
  denominator: [
    -22.44095244658582, 474.52854120695537, 2553.0504064331644, 3199.8582195085955,
    1536.729586084437, 325.7925129965739, 30.33806074348246, 1,
  ],
};

const polynomial = (x: number, coefficients: readonly number[]) =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient);

const rational = (x: number, { numerator, denominator }: Rational) =>
  polynomial(x, numerator) / polynomial(x, denominator);

/** 2/√π ∫₀ˣ exp(−t²) dt. */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  const size = Math.abs(x);
  const sign = x < 0 ? -1 : 1;
  if (size < 0.84375) return x + x * rational(x * x, erfNearZero);
  if (size < 1.25) return sign * (erfOne + rational(size - 1, erfNearOne));
  if (size >= 6) return sign;
  const ratio = rational(1 / (size * size), size < 1 / 0.35 ? erfMiddle : erfTail);
  // −x² in two parts: `head` has 24 bits, so that head² is exact.
  const head = Math.fround(size);
  const scaled = Math.exp(-head * head - 0.5625) * Math.exp((head - size) * (head + size) + ratio);
  return sign * (1 - scaled / size);
}
