import { expect, test } from "vitest";
import { erf } from "./erf.ts";

test("erf agrees with the correctly rounded value in each of its ranges", () => {
  // Values of mpmath; the tolerance is 1 ULP of the result.
  const known: [number, number][] = [
    [1e-300, 1.1283791670955126e-300],
    [0.25, 0.2763263901682369],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753108],
    [2, 0.9953222650189527],
    [3.5, 0.9999992569016276],
    [-2, -0.9953222650189527],
  ];
  for (const [x, value] of known) {
    expect(Math.abs(erf(x) - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -52);
  }
});

test("erf at the edges: signed zero, saturation, infinities, NaN", () => {
  expect(erf(0)).toBe(0);
  expect(erf(-0)).toBe(-0);
  expect(erf(6)).toBe(1);
  expect(erf(Number.NEGATIVE_INFINITY)).toBe(-1);
  expect(erf(Number.NaN)).toBeNaN();
});
