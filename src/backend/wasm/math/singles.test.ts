/** The f32x4 functions over the bit patterns of float32, against Math in float64. */

import { describe, expect, test } from "vitest";
import { erf } from "../../../util/index.ts";
import { flushed, flushedBelow, ulpBounds } from "./accuracy.ts";
import { compileMath } from "./compiled.testing.ts";
import type { MathFunction } from "./vectorMath.ts";

const SAMPLES = 400_000;

const reference: Record<MathFunction, (x: number, y: number) => number> = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x))),
  erf,
  sin: Math.sin,
  cos: Math.cos,
  pow: Math.pow,
};

/** Every bit pattern with a stride, so that all exponents, both signs and NaNs occur. */
function everywhere(): Float32Array<ArrayBuffer> {
  const bits = new Uint32Array(SAMPLES);
  const stride = Math.floor(2 ** 32 / SAMPLES) | 1;
  for (let i = 0; i < SAMPLES; i++) bits[i] = i * stride;
  return new Float32Array(bits.buffer);
}

/** Powers for each argument: any, moderate, integers, and such that the result is in range. */
function powers(x: Float32Array): Float32Array {
  const y = new Float32Array(SAMPLES);
  const bits = new Uint32Array(y.buffer);
  let state = 12345;
  for (let i = 0; i < SAMPLES; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const unit = state / 2 ** 31 - 1;
    if (i % 4 === 0) bits[i] = state;
    else
      y[i] = [0, 20 * unit, Math.round(10 * unit), (104 * unit) / Math.log(Math.abs(x[i]))][i % 4];
  }
  return y;
}

const smallest = 2 ** -149;
/** The unit in the last place of float32 at a value. */
const unitAt = (value: number) =>
  2 ** (Math.max(Math.floor(Math.log2(Math.max(Math.abs(value), smallest))), -126) - 23);

/** 0 for the same special value, otherwise the distance in units; infinity for a wrong special value. */
function distance(actual: number, expected: number): number {
  const rounded = Math.fround(expected);
  if (Object.is(actual, rounded)) return 0;
  if (Number.isNaN(actual) || Number.isNaN(rounded)) return Infinity;
  // Next to overflow, infinity is as near as the next number would be.
  const bounded = Math.abs(actual) === Infinity ? Math.sign(actual) * 2 ** 128 : actual;
  const target = Math.min(Math.max(expected, -(2 ** 128)), 2 ** 128);
  if (bounded === 0 && Object.is(rounded, -0) !== Object.is(bounded, -0) && rounded === 0) {
    return Infinity;
  }
  return Math.abs(bounded - target) / unitAt(target * (1 - 2 ** -54));
}

describe.each(Object.keys(reference) as MathFunction[])("%s of float32", (name) => {
  const x = everywhere();
  const y = name === "pow" ? powers(x) : x;
  test.each([
    ["strict", false],
    ["fused", true],
  ])("%s stays within its bound everywhere", (_, madd) => {
    const actual = compileMath(name, "f32x4", madd)(x, y);
    let worst = 0;
    let where = 0;
    for (let i = 0; i < SAMPLES; i++) {
      const exact = reference[name](x[i], y[i]);
      if (madd && flushed.has(name) && actual[i] === 0 && exact < flushedBelow.f32x4) continue;
      const ulps = distance(actual[i], exact);
      if (ulps > worst) {
        worst = ulps;
        where = i;
      }
    }
    expect(worst, `at ${x[where]}, ${y[where]}: ${actual[where]}`).toBeLessThanOrEqual(
      ulpBounds[name].f32x4,
    );
  });
});

describe("monotone at saturation", () => {
  test.each<[MathFunction, number, number]>([
    ["tanh", 8.5, 9.5],
    ["tanh", -9.5, -8.5],
    ["sigmoid", 15.5, 18],
    ["sigmoid", -104, -87],
    ["erf", 3.6, 4.1],
  ])("%s from %f to %f", (name, from, to) => {
    const n = 1 << 18;
    const x = Float32Array.from({ length: n }, (_, i) => from + ((to - from) * i) / n);
    const value = compileMath(name, "f32x4", false)(x);
    const falls = [...value].findIndex((v, i) => i > 0 && v < value[i - 1]);
    expect(falls, `falls at ${x[falls]}`).toBe(-1);
    expect(Math.max(...value.slice(-4))).toBeLessThanOrEqual(1);
  });
});
