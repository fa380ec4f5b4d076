import { expect, test } from "vitest";
import { learningRateCurve, renderSvg } from "./index.ts";

/** A valley over six decades: flat, down, and up again. */
const points = Array.from({ length: 61 }, (_, i) => {
  const power = -6 + i / 10;
  const smoothed = 1 + Math.exp(4 * (power + 0.5)) - 0.7 / (1 + Math.exp(-3 * (power + 2.5)));
  return { learningRate: 10 ** power, loss: smoothed + 0.05 * Math.cos(7 * i), smoothed };
});
const suggestion = points[34].learningRate;

test("marks the suggestion and says what the curve does", async () => {
  const figure = learningRateCurve({ points, suggestion });
  expect(figure.text).toBe(
    "Over 61 steps with rates from 1e-6 to 1, the smoothed loss goes from 1 to 7.69; it falls fastest at " +
      "0.00251 and is least, 0.352, at 0.0316.",
  );
  expect(figure.data).toHaveLength(61);
  const svg = await renderSvg(figure, { theme: "dark" });
  expect(svg).toContain(">suggestion 0.00251<");
  expect(svg).toContain(">1e-4<");
});

test("a loss that never falls has no mark", async () => {
  const figure = learningRateCurve({ points: points.slice(-10).map((p) => ({ ...p })) });
  expect(figure.text).toContain("never falls");
  expect(await renderSvg(figure)).not.toContain("suggestion");
});

test("one point draws", async () => {
  const figure = learningRateCurve({ points: points.slice(0, 1), suggestion: 1e-6 });
  expect(await renderSvg(figure)).not.toContain("NaN");
});

test("no points are refused", () => {
  expect(() => learningRateCurve({ points: [] })).toThrow(
    "learningRateCurve: expected at least one point, got none; begin with a smaller rate.",
  );
});
