import { expect, test } from "vitest";
import { formatCount, formatNumber, formatPercent } from "./format.ts";
import { predictedVersusTrue, rocCurves } from "./index.ts";

test("the area under a ROC curve, by trapezoids", () => {
  const figure = rocCurves({
    classNames: ["no", "yes"],
    curves: [{ class: 1, falsePositiveRate: [0, 0, 0.5, 1], truePositiveRate: [0, 0.8, 1, 1] }],
  });
  // 0.5 · (0.8 + 1) / 2 + 0.5 · 1 = 0.95
  expect(figure.text).toBe("Areas under the curves — yes: 0.95.");
});

test("rates of different length are an error", () => {
  expect(() =>
    rocCurves({
      classNames: ["no", "yes"],
      curves: [{ class: 1, falsePositiveRate: [0, 1], truePositiveRate: [0] }],
    }),
  ).toThrow("rocCurves, class 1: expected as many true as false positive rates");
});

test("a regression's words give the mean miss and the explained variance", () => {
  const figure = predictedVersusTrue({ actual: [1, 2, 3], predicted: [1, 2, 4], target: "price" });
  // Residual 1, total 2: R² = 1 − 1/2.
  expect(figure.text).toBe(
    "Over 3 examples, price is missed by 0.333 on average. The network explains R² = 0.5 of its variance.",
  );
  expect(predictedVersusTrue({ actual: [], predicted: [] }).text).toBe("No example was predicted.");
});

test("numbers read as people write them", () => {
  expect([0.08321, 12.44, 0, 3.14e-6, 2e6, 1234.5].map(formatNumber)).toEqual([
    "0.0832",
    "12.4",
    "0",
    "3.1e-6",
    "2e6",
    "1\u202f235",
  ]);
  expect([0.96666, 1, 0.99999, 0.00001, 0].map(formatPercent)).toEqual([
    "96.7 %",
    "100 %",
    "> 99.9 %",
    "< 0.1 %",
    "0 %",
  ]);
  expect([999, 60_000, 1_234_567].map(formatCount)).toEqual([
    "999",
    "60\u202f000",
    "1\u202f234\u202f567",
  ]);
});
