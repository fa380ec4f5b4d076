/** The metrics by hand, by property, and what they refuse. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DataError, ShapeError, UsageError } from "../util/index.ts";
import {
  accuracy,
  areaUnder,
  balancedAccuracy,
  ConfusionAccumulator,
  classificationReport,
  confusionMatrix,
  f1,
  logLoss,
  MeanAccumulator,
  meanAbsoluteError,
  meanSquaredError,
  precision,
  precisionRecallF1,
  predictedClasses,
  r2,
  recall,
  rocAuc,
  rocAucOneVersusRest,
  rocCurve,
  rootMeanSquaredError,
  topKAccuracy,
} from "./index.ts";

const pairs = fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1, maxLength: 50 });
const truthOf = (rows: readonly (readonly [number, number])[]) => rows.map((row) => row[0]);
const predictedOf = (rows: readonly (readonly [number, number])[]) => rows.map((row) => row[1]);

describe("the examples of the documentation", () => {
  test("labels", () => {
    expect(accuracy([0, 1, 2, 2], [0, 1, 1, 2])).toBe(0.75);
    expect(confusionMatrix([0, 1, 1], [0, 1, 0])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(balancedAccuracy([0, 0, 0, 1], [0, 0, 0, 0])).toBe(0.5);
    expect(precisionRecallF1([0, 1, 1, 1], [0, 0, 1, 1]).perClass[1].recall).toBe(2 / 3);
    expect(precision([0, 1, 1], [1, 1, 0])).toBe(0.5);
    expect(recall([0, 1, 1], [1, 1, 0])).toBe(0.5);
    expect(f1([0, 1, 1], [0, 1, 0])).toBe(2 / 3);
  });

  test("scores", () => {
    expect(predictedClasses([0.1, 0.9, 0.8, 0.2], 2)).toEqual(Int32Array.of(1, 0));
    expect(topKAccuracy([2, 0], [0.1, 0.6, 0.3, 0.2, 0.5, 0.3], 2)).toBe(0.5);
    expect(logLoss([0, 1], [0.9, 0.1, 0.2, 0.8])).toBeCloseTo(0.1643, 4);
    const { truePositiveRate } = rocCurve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]);
    expect([...truePositiveRate]).toEqual([0, 0.5, 0.5, 1, 1]);
    expect(rocAuc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).toBe(0.75);
    expect(areaUnder([0, 1, 2], [0, 1, 0])).toBe(1);
  });

  test("values", () => {
    expect(meanSquaredError([1, 2, 3], [1, 2, 6])).toBe(3);
    expect(rootMeanSquaredError([1, 2, 3], [1, 2, 6])).toBe(Math.sqrt(3));
    expect(meanAbsoluteError([1, 2, 3], [1, 2, 6])).toBe(1);
    expect(r2([1, 2, 3], [1, 2, 4])).toBe(0.5);
  });
});

describe("properties", () => {
  test("micro precision, recall and F1 are the accuracy, and so is weighted recall", () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const [truth, predicted] = [truthOf(rows), predictedOf(rows)];
        const { micro, weighted } = precisionRecallF1(truth, predicted);
        const right = accuracy(truth, predicted);
        // 12 decimals: five divisions and their sum.
        for (const value of [micro.precision, micro.recall, micro.f1, weighted.recall]) {
          expect(value).toBeCloseTo(right, 12);
        }
      }),
    );
  });

  test("a perfect prediction scores 1 everywhere", () => {
    fc.assert(
      fc.property(pairs, (rows) => {
        const truth = truthOf(rows);
        const { macro, micro, weighted } = precisionRecallF1(truth, truth);
        for (const { precision: p, recall: r, f1: f } of [macro, micro, weighted]) {
          expect([p, r, f]).toEqual([1, 1, 1]);
        }
        expect(balancedAccuracy(truth, truth)).toBe(1);
      }),
    );
  });

  test("the area is the share of pairs in which the positive scores higher, ties half", () => {
    const scored = fc.array(fc.tuple(fc.nat(1), fc.integer({ min: -4, max: 4 })), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(scored, (rows) => {
        const positives = rows.filter((row) => row[0] === 1).map((row) => row[1]);
        const negatives = rows.filter((row) => row[0] === 0).map((row) => row[1]);
        fc.pre(positives.length > 0 && negatives.length > 0);
        const wins = positives.flatMap<number>((p) =>
          negatives.map((n) => (p > n ? 1 : p === n ? 0.5 : 0)),
        );
        const share = wins.reduce((sum, win) => sum + win, 0) / wins.length;
        expect(rocAuc(truthOf(rows), predictedOf(rows))).toBeCloseTo(share, 12);
      }),
    );
  });

  test("the top 1 is the accuracy of the highest score, also among equal scores", () => {
    const cases = fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)), { minLength: 1 });
    fc.assert(
      fc.property(cases, (rows) => {
        const truth = rows.map((row) => row[0]);
        const scores = rows.flatMap((row) => row.slice(1));
        expect(topKAccuracy(truth, scores, 1)).toBe(accuracy(truth, predictedClasses(scores, 3)));
        expect(topKAccuracy(truth, scores, 3)).toBe(1);
      }),
    );
  });

  test("batches accumulate to the metrics of all rows", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 9 }), (rows, size) => {
        const all = new ConfusionAccumulator(5);
        const share = new MeanAccumulator();
        for (let start = 0; start < rows.length; start += size) {
          const batch = rows.slice(start, start + size);
          all.add(truthOf(batch), predictedOf(batch));
          share.add(accuracy(truthOf(batch), predictedOf(batch)), batch.length);
        }
        const [truth, predicted] = [truthOf(rows), predictedOf(rows)];
        expect(all.length).toBe(rows.length);
        expect(all.matrix).toEqual(confusionMatrix(truth, predicted, { classCount: 5 }));
        expect(all.accuracy).toBe(accuracy(truth, predicted));
        expect(share.mean).toBeCloseTo(all.accuracy, 12);
        all.reset();
        share.reset();
        expect([all.length, share.weight]).toEqual([0, 0]);
      }),
    );
  });
});

describe("edges", () => {
  test("a class that is never predicted or never occurs scores 0", () => {
    const { perClass, macro } = precisionRecallF1([0, 0], [0, 0], { classCount: 2 });
    expect(perClass[1]).toEqual({ classIndex: 1, precision: 0, recall: 0, f1: 0, support: 0 });
    expect(macro.precision).toBe(0.5);
    expect(precision([0, 0], [0, 0])).toBe(0);
    expect(recall([0, 1], [0, 1], { positive: 0 })).toBe(1);
  });

  test("the report names the classes that occur when no names are given", () => {
    const report = classificationReport([0, 2], [2, 2]);
    expect(report.classNames).toEqual(["0", "2"]);
    expect(report.text.split("\n")[0]).toBe(
      "              precision    recall  f1-score   support",
    );
    expect(report.text.split("\n")[2]).toBe(
      "           0       0.00      0.00      0.00         1",
    );
  });

  test("r² of one row is not defined", () => {
    expect(r2([1], [1])).toBeNaN();
  });

  test("infinite scores have a place in the order", () => {
    const scores = [
      Number.NEGATIVE_INFINITY,
      0,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ];
    expect(rocAuc([0, 0, 1, 1], scores)).toBe(1);
  });
});

describe("what is refused", () => {
  test.each<[string, () => unknown, Error]>([
    [
      "different lengths",
      () => accuracy([0, 1], [0]),
      new ShapeError("accuracy: expected one prediction for each of 2 true values, got 1."),
    ],
    [
      "no rows",
      () => meanSquaredError([], []),
      new DataError("meanSquaredError: expected at least one row, got none."),
    ],
    [
      "a label out of range",
      () => confusionMatrix([0, 3], [0, 1], { classCount: 3 }),
      new DataError("confusionMatrix: row 1 has label 3, expected a whole number from 0 to 2."),
    ],
    [
      "a label that is no index",
      () => confusionMatrix([0, 0.5], [0, 1]),
      new DataError("confusionMatrix: row 1 has label 0.5, expected a whole number of 0 or more."),
    ],
    [
      "binary precision of three classes",
      () => precision([0, 1, 2], [0, 1, 2]),
      new UsageError(
        'precision: expected two classes, got 3; choose average: "macro", "micro" or "weighted".',
      ),
    ],
    [
      "scores that are not whole rows",
      () => logLoss([0, 1], [0.5, 0.5, 0.5]),
      new ShapeError("logLoss: expected scores [2, classes] for 2 true labels, got 3 values."),
    ],
    [
      "half a row of scores",
      () => predictedClasses([1, 2, 3], 2),
      new ShapeError("predictedClasses: expected rows of 2 scores, got 3 values."),
    ],
    [
      "no k",
      () => topKAccuracy([0], [1, 0], 0),
      new UsageError("topKAccuracy: expected k to be a whole number of at least 1, got 0."),
    ],
    [
      "a curve of one class",
      () => rocCurve([1, 1], [0.2, 0.3]),
      new DataError(
        "rocCurve: expected rows of class 1 and of others, got 2 and 0; the curve is not defined for one class alone.",
      ),
    ],
    [
      "a score that is not a number",
      () => rocAuc([0, 1], [0.2, Number.NaN]),
      new DataError("rocCurve: row 1 has the score NaN, expected a number."),
    ],
    [
      "a class without rows against the rest",
      () => rocAucOneVersusRest([0, 0], [0.2, 0.8, 0.3, 0.7]),
      new DataError(
        "rocCurve: expected rows of class 0 and of others, got 2 and 0; the curve is not defined for one class alone.",
      ),
    ],
    [
      "half a row of values",
      () => r2([1, 2, 3], [1, 2, 3], { targetSize: 2 }),
      new ShapeError("r2: expected rows of 2 values, got 3 values."),
    ],
    [
      "no class to accumulate",
      () => new ConfusionAccumulator(0),
      new UsageError("ConfusionAccumulator: expected a whole number of at least 1 class, got 0."),
    ],
    [
      "the accuracy of nothing",
      () => new ConfusionAccumulator(2).accuracy,
      new DataError("ConfusionAccumulator: expected at least one row, got none; add some."),
    ],
    [
      "decimals that are no number",
      () => classificationReport([0], [0], { digits: -1 }),
      new UsageError(
        "classificationReport: expected digits to be a whole number from 0 to 20, got -1.",
      ),
    ],
  ])("%s", (_, run, error) => {
    expect(run).toThrow(error);
  });
});
