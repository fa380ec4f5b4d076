/** The f64x2 functions against 200-bit arithmetic. */

import { describe, expect, test } from "vitest";
import { Generator } from "../../../util/index.ts";
import { flushed, flushedBelow, ulpBounds } from "./accuracy.ts";
import { compileMath } from "./compiled.testing.ts";
import { constants, exact, toReal, ulpsBetween } from "./exact.testing.ts";
import type { MathFunction } from "./vectorMath.ts";

const SAMPLES = 3000;

/** Arguments where the function is finite and not zero: every exponent, and where it bends. */
class Sampler {
  readonly #generator: Generator;
  readonly #view = new DataView(new ArrayBuffer(8));

  constructor(name: string) {
    this.#generator = new Generator(1).fork(name);
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.#generator.uniform();
  }

  /** ±10^u. */
  decades(low: number, high: number): number {
    return (this.uniform(-1, 1) < 0 ? -1 : 1) * 10 ** this.uniform(low, high);
  }

  /** Any finite number. */
  any(): number {
    for (;;) {
      this.#view.setUint32(0, this.uniform(0, 2 ** 32));
      this.#view.setUint32(4, this.uniform(0, 2 ** 32));
      const value = this.#view.getFloat64(0);
      if (Number.isFinite(value)) return value;
    }
  }

  positive(): number {
    return Math.abs(this.any());
  }
}

type Draw = (s: Sampler) => number;

const angles: readonly Draw[] = [
  (s) => s.any(),
  (s) => s.decades(-10, 7),
  // The doubles nearest to multiples of π/2: the reduction cancels all but the last bits.
  (s) => (Math.round(s.uniform(0, 6e5)) * Math.PI) / 2,
  (s) => (Math.round(2 ** s.uniform(20, 50)) * Math.PI) / 2,
  (s) => s.uniform(-10, 10),
];

const draws: Record<MathFunction, readonly Draw[]> = {
  exp: [(s) => s.decades(-20, 2), (s) => s.uniform(-745, 709.7), (s) => s.uniform(-1, 1)],
  expm1: [(s) => s.decades(-300, 1), (s) => s.uniform(-40, 709.7), (s) => s.uniform(-2, 2)],
  log: [(s) => s.positive(), (s) => 1 + s.decades(-16, -1), (s) => 2 ** -1022 * s.uniform(0, 1)],
  log1p: [(s) => s.positive(), (s) => s.uniform(-1, 1), (s) => s.decades(-300, -1)],
  tanh: [(s) => s.decades(-300, 1), (s) => s.uniform(-3, 3), (s) => s.uniform(-20, 20)],
  sigmoid: [(s) => s.uniform(-740, 40), (s) => s.uniform(-10, 10), (s) => s.decades(-300, 0)],
  erf: [(s) => s.decades(-300, 0), (s) => s.uniform(-6, 6), (s) => s.uniform(0.8, 3)],
  sin: angles,
  cos: angles,
  pow: [(s) => s.positive(), (s) => s.uniform(0, 3), (s) => 1 + s.decades(-14, -1)],
};

describe.each(Object.keys(draws) as MathFunction[])("%s of float64", (name) => {
  const sampler = new Sampler(name);
  const x = new Float64Array(SAMPLES);
  const y = new Float64Array(SAMPLES);
  for (let i = 0; i < SAMPLES; i++) {
    x[i] = draws[name][i % draws[name].length](sampler);
    // Powers that put the result anywhere in range, and small ones.
    const limit = Math.min(700 / Math.abs(Math.log(x[i])), 2 ** 60);
    y[i] =
      name === "pow" ? sampler.uniform(-1, 1) * (i % 2 === 0 ? limit : Math.min(limit, 20)) : 0;
  }
  const k = constants();
  const targets = Array.from(x, (value, i) => exact[name](k, toReal(value), toReal(y[i])));

  test.each([
    ["strict", false],
    ["fused", true],
  ])("%s stays within its bound", (_, madd) => {
    const actual = compileMath(name, "f64x2", madd)(x, y);
    const isFlushed = (i: number) =>
      madd && flushed.has(name) && actual[i] === 0 && x[i] < Math.log(flushedBelow.f64x2);
    const ulps = targets.map((target, i) => (isFlushed(i) ? 0 : ulpsBetween(actual[i], target)));
    const where = ulps.indexOf(Math.max(...ulps));
    expect(ulps[where], `at ${x[where]}, ${y[where]}: ${actual[where]}`).toBeLessThanOrEqual(
      ulpBounds[name].f64x2,
    );
  });
});

test("the 200-bit arithmetic agrees with published digits", () => {
  const k = constants();
  const digits: readonly [MathFunction, number, number, number][] = [
    ["exp", 2, 0, 7.38905609893065],
    ["expm1", 2 ** -30, 0, 9.313225750491594e-10],
    ["log", 3, 0, 1.0986122886681098],
    ["log1p", 2 ** -30, 0, 9.313225741817976e-10],
    ["tanh", 0.5, 0, 0.46211715726000974],
    ["sigmoid", 1, 0, 0.7310585786300049],
    ["erf", 0.5, 0, 0.5204998778130465],
    ["sin", 1e22, 0, -0.8522008497671888],
    ["cos", 1e22, 0, 0.523214785395139],
    ["sin", 6381956970095103 * 2 ** 797, 0, 1],
    ["cos", 6381956970095103 * 2 ** 797, 0, -4.6871659242546277e-19],
    ["pow", 2, 0.5, Math.SQRT2],
  ];
  for (const [name, x, y, value] of digits) {
    const ulps = ulpsBetween(value, exact[name](k, toReal(x), toReal(y)));
    expect(ulps, `${name}(${x}, ${y})`).toBeLessThanOrEqual(0.51);
  }
});

test.each([false, true])("the hardest reduction known for doubles, madd %s", (madd) => {
  const x = new Float64Array(2).fill(6381956970095103 * 2 ** 797);
  expect(compileMath("cos", "f64x2", madd)(x)[0]).toBeCloseTo(-4.6871659242546277e-19, 33);
  expect(compileMath("sin", "f64x2", madd)(x)[0]).toBe(1);
});
