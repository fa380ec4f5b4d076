/** Elementary functions to some 200 bits in integer arithmetic: the judge of the float64 functions in tests. */

import type { MathFunction } from "./vectorMath.ts";

/** The number mantissa · 2^exponent. */
export interface Real {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const BITS = 220;
const REDUCTION_BITS = 1400;

const bitLength = (a: bigint) => (a < 0n ? -a : a).toString(16).length * 4;
const shift = (a: bigint, by: number) => (by >= 0 ? a << BigInt(by) : a >> BigInt(-by));

function real(mantissa: bigint, exponent: number): Real {
  const excess = bitLength(mantissa) - BITS;
  return excess > 0
    ? { mantissa: shift(mantissa, -excess), exponent: exponent + excess }
    : { mantissa, exponent };
}

/** The exact value of a finite number. */
export function toReal(x: number): Real {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const magnitude = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -magnitude : magnitude, exponent: Math.max(biased, 1) - 1075 };
}

const integer = (n: number): Real => ({ mantissa: BigInt(n), exponent: 0 });
const ONE = integer(1);
const negate = (a: Real): Real => ({ mantissa: -a.mantissa, exponent: a.exponent });
const twice = (a: Real, by = 1): Real => ({ mantissa: a.mantissa, exponent: a.exponent + by });
/** The exponent of the leading bit, or some bits more. */
const size = (a: Real) => (a.mantissa === 0n ? -Infinity : bitLength(a.mantissa) + a.exponent);

function add(a: Real, b: Real): Real {
  if (size(b) > size(a)) return add(b, a);
  // Far below the last bit of the larger number the smaller one does not matter.
  if (size(a) - size(b) > 2 * BITS) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  return real(
    shift(a.mantissa, a.exponent - exponent) + shift(b.mantissa, b.exponent - exponent),
    exponent,
  );
}

const subtract = (a: Real, b: Real) => add(a, negate(b));
const multiply = (a: Real, b: Real) => real(a.mantissa * b.mantissa, a.exponent + b.exponent);

function divide(a: Real, b: Real): Real {
  const lift = BITS + bitLength(b.mantissa);
  return real((a.mantissa << BigInt(lift)) / b.mantissa, a.exponent - b.exponent - lift);
}

/** first + … until the terms vanish; each is made of the one before. */
function series(first: Real, next: (term: Real, n: number) => Real, weight?: (n: number) => Real) {
  let term = first;
  let sum = weight === undefined ? first : multiply(first, weight(0));
  for (let n = 1; n < 2000; n++) {
    term = next(term, n);
    const part = weight === undefined ? term : multiply(term, weight(n));
    if (part.mantissa === 0n || size(part) < size(sum) - BITS) return sum;
    sum = add(sum, part);
  }
  return sum;
}

/** artanh z = z + z³/3 + z⁵/5 + … */
function artanh(z: Real): Real {
  const square = multiply(z, z);
  return series(
    z,
    (term) => multiply(term, square),
    (n) => divide(ONE, integer(2 * n + 1)),
  );
}

/** Integers scaled by 2^REDUCTION_BITS: arctan 1/n. */
function arctanInverse(n: bigint): bigint {
  let term = (1n << BigInt(REDUCTION_BITS)) / n;
  let sum = term;
  for (let k = 1n; term !== 0n; k++) {
    term = -term / (n * n);
    sum += term / (2n * k + 1n);
  }
  return sum;
}

/** π and ln 2, computed once for a test run. */
export function constants() {
  // Machin: π = 16 arctan 1/5 − 4 arctan 1/239.
  const pi = 16n * arctanInverse(5n) - 4n * arctanInverse(239n);
  return {
    halfPi: pi / 2n,
    pi: real(pi, -REDUCTION_BITS),
    ln2: twice(artanh(divide(ONE, integer(3)))),
  };
}
type Constants = ReturnType<typeof constants>;

const approximate = ({ mantissa, exponent }: Real): number => {
  const excess = Math.max(bitLength(mantissa) - 64, 0);
  return Number(shift(mantissa, -excess)) * 2 ** (exponent + excess);
};

/** e^x − 1, accurate near 0 too. */
function expm1(x: Real, k: Constants): Real {
  if (size(x) < -1) return series(x, (term, n) => divide(multiply(term, x), integer(n + 1)));
  return subtract(exp(x, k), ONE);
}

function exp(x: Real, k: Constants): Real {
  const n = Math.round(approximate(x) / Math.LN2);
  const r = subtract(x, multiply(integer(n), k.ln2));
  return twice(
    series(ONE, (term, i) => divide(multiply(term, r), integer(i))),
    n,
  );
}

/** log(1 + x), accurate near 0 too. */
function log1p(x: Real, k: Constants): Real {
  if (size(x) < -2) return twice(artanh(divide(x, add(x, integer(2)))));
  return log(add(ONE, x), k);
}

function log(x: Real, k: Constants): Real {
  // m in [1/2, 2) or so: the artanh's argument is at most 1/3.
  const m = twice(x, -size(x) + 1);
  const e = size(x) - 1;
  const shifted = approximate(m) < 0.7 ? 1 : 0;
  const near = twice(m, shifted);
  const artanhOf = divide(subtract(near, ONE), add(near, ONE));
  return add(twice(artanh(artanhOf)), multiply(integer(e - shifted), k.ln2));
}

/** erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign. */
function erf(x: Real, k: Constants): Real {
  const square = multiply(x, x);
  const sum = series(x, (term, n) => divide(twice(multiply(term, square)), integer(2 * n + 1)));
  return twice(divide(multiply(sum, exp(negate(square), k)), squareRoot(k.pi)));
}

function squareRoot(a: Real): Real {
  // Newton from the double, each step doubles the bits.
  let root = toReal(Math.sqrt(approximate(a)));
  for (let i = 0; i < 3; i++) root = twice(add(root, divide(a, root)), -1);
  return root;
}

/** sin(x + quarter·π/2), x reduced with REDUCTION_BITS of π. */
function sine(x: Real, quarter: number, k: Constants): Real {
  const scaled = shift(x.mantissa, x.exponent + REDUCTION_BITS);
  const shifted = 2n * scaled + k.halfPi;
  const modulus = 2n * k.halfPi;
  const turns = (shifted - (((shifted % modulus) + modulus) % modulus)) / modulus;
  // A small argument is kept whole: the scaled integer cut its last bits.
  const r = turns === 0n ? x : real(scaled - turns * k.halfPi, -REDUCTION_BITS);
  const square = negate(multiply(r, r));
  const phase = Number((((turns + BigInt(quarter)) % 4n) + 4n) % 4n);
  const [first, odd] = phase % 2 === 0 ? [r, 1] : [ONE, 0];
  const value = series(first, (term, n) =>
    divide(multiply(term, square), integer((2 * n - 1 + odd) * (2 * n + odd))),
  );
  return phase >= 2 ? negate(value) : value;
}

type Exact = (k: Constants, x: Real, y: Real) => Real;

/** Finite arguments with finite results that are not zero; positive ones for log and pow. */
export const exact: Readonly<Record<MathFunction, Exact>> = {
  exp: (k, x) => exp(x, k),
  expm1: (k, x) => expm1(x, k),
  log: (k, x) => log(x, k),
  log1p: (k, x) => log1p(x, k),
  tanh: (k, x) => {
    const t = expm1(twice(x), k);
    return divide(t, add(t, integer(2)));
  },
  sigmoid: (k, x) => divide(ONE, add(ONE, exp(negate(x), k))),
  erf: (k, x) => erf(x, k),
  sin: (k, x) => sine(x, 0, k),
  cos: (k, x) => sine(x, 1, k),
  pow: (k, x, y) => exp(multiply(y, log(x, k)), k),
};

/** |value − target| in units in the last place of float64 at the target. */
export function ulpsBetween(value: number, target: Real): number {
  if (target.mantissa === 0n) return value === 0 ? 0 : Infinity;
  const leading = target.mantissa.toString(2).replace("-", "").length + target.exponent;
  const unit = Math.max(leading - 53, -1074);
  const difference = subtract(toReal(value), target);
  return Math.abs(approximate(twice(difference, -unit)));
}
