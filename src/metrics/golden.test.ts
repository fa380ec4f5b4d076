/** Every metric against scikit-learn, from `scripts/golden/metrics.py`. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  accuracy,
  balancedAccuracy,
  classificationReport,
  confusionMatrix,
  f1,
  logLoss,
  meanAbsoluteError,
  meanSquaredError,
  precision,
  precisionRecallF1,
  r2,
  recall,
  rocAuc,
  rocAucOneVersusRest,
  rocCurve,
  topKAccuracy,
} from "./index.ts";

const averages = ["micro", "macro", "weighted"] as const;
type Averages = Readonly<Record<(typeof averages)[number], number>>;

interface LabelsCase {
  readonly truth: number[];
  readonly predicted: number[];
  readonly classes: number;
  readonly accuracy: number;
  readonly balancedAccuracy: number;
  readonly confusion: number[][];
  readonly precision: Averages;
  readonly recall: Averages;
  readonly f1: Averages;
  readonly perClass: number[][];
  readonly report: string;
}

interface Curve {
  readonly falsePositiveRate: number[];
  readonly truePositiveRate: number[];
  /** Without the first, which is infinite. */
  readonly thresholds: number[];
}

interface ScoresCase {
  readonly truth: number[];
  readonly probabilities: number[];
  readonly logLoss: number;
}

interface BinaryCase extends ScoresCase {
  readonly auc: number;
  readonly curve: Curve;
  readonly fullCurve: Curve;
}

interface MulticlassCase extends ScoresCase {
  readonly oneVersusRest: {
    readonly perClass: number[];
    readonly macro: number;
    readonly weighted: number;
  };
  readonly top: number[];
}

interface ValuesCase {
  readonly truth: number[];
  readonly predicted: number[];
  readonly targetSize: number;
  readonly meanSquaredError: number;
  readonly meanAbsoluteError: number;
  readonly r2: number;
}

interface Golden {
  readonly labels: LabelsCase[];
  readonly binary: BinaryCase[];
  readonly multiclass: MulticlassCase[];
  readonly certain: ScoresCase & { readonly binaryLogLoss: number };
  readonly values: ValuesCase[];
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("./golden/metrics.json", import.meta.url), "utf8"),
);

/** 1e-12 of the larger of 1 and the value: the same sums of up to a hundred terms in another order. */
function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
}

function expectAllNear(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expectNear(actual[i], expected[i]);
}

describe.each(golden.labels)("labels of $classes classes", (golden) => {
  const { truth, predicted, classes } = golden;

  test("accuracy, balanced accuracy and confusion matrix", () => {
    expectNear(accuracy(truth, predicted), golden.accuracy);
    expectNear(balancedAccuracy(truth, predicted), golden.balancedAccuracy);
    expect(confusionMatrix(truth, predicted, { classCount: classes })).toEqual(golden.confusion);
  });

  test.each(averages)("%s precision, recall and F1", (average) => {
    expectNear(precision(truth, predicted, { average }), golden.precision[average]);
    expectNear(recall(truth, predicted, { average }), golden.recall[average]);
    expectNear(f1(truth, predicted, { average }), golden.f1[average]);
  });

  test("every class", () => {
    const { perClass } = precisionRecallF1(truth, predicted, { classCount: classes });
    expect(perClass.length).toBe(classes);
    perClass.forEach((scores, i) => {
      const row = [scores.precision, scores.recall, scores.f1, scores.support];
      expectAllNear(row, golden.perClass[i]);
    });
  });

  test("the text of the report", () => {
    const classNames = Array.from({ length: classes }, (_, i) => `class ${i}`);
    const report = classificationReport(truth, predicted, { classNames, digits: 3 });
    expect(report.text).toBe(golden.report);
    expectNear(report.accuracy, golden.accuracy);
  });
});

describe.each(golden.binary)("scores of two classes", (golden) => {
  const { truth, probabilities } = golden;
  const positive = probabilities.filter((_, i) => i % 2 === 1);

  test("log loss of both classes' probabilities, or of one's", () => {
    expectNear(logLoss(truth, probabilities), golden.logLoss);
    expectNear(logLoss(truth, positive), golden.logLoss);
  });

  test.each([
    ["the corners of the", true, golden.curve],
    ["every point of the", false, golden.fullCurve],
  ])("%s ROC curve", (_, dropCollinear, expected) => {
    const curve = rocCurve(truth, positive, { dropCollinear });
    expectAllNear(curve.falsePositiveRate, expected.falsePositiveRate);
    expectAllNear(curve.truePositiveRate, expected.truePositiveRate);
    expect([...curve.thresholds]).toEqual([Number.POSITIVE_INFINITY, ...expected.thresholds]);
  });

  test("the area under it", () => {
    expectNear(rocAuc(truth, positive), golden.auc);
  });
});

describe.each(golden.multiclass)("scores of several classes", (golden) => {
  const { truth, probabilities } = golden;

  test("log loss", () => {
    expectNear(logLoss(truth, probabilities), golden.logLoss);
  });

  test("the area of one class against the rest", () => {
    const areas = rocAucOneVersusRest(truth, probabilities);
    expectAllNear(areas.perClass, golden.oneVersusRest.perClass);
    expectNear(areas.macro, golden.oneVersusRest.macro);
    expectNear(areas.weighted, golden.oneVersusRest.weighted);
  });

  test("the top k", () => {
    const tops = golden.top.map((_, i) => topKAccuracy(truth, probabilities, i + 1));
    expectAllNear(tops, golden.top);
  });
});

test("the log loss of certain probabilities is finite", () => {
  const { truth, probabilities, ...expected } = golden.certain;
  expectNear(logLoss(truth, probabilities), expected.logLoss);
  const positive = probabilities.filter((_, i) => i % 2 === 1);
  expectNear(logLoss(truth, positive), expected.binaryLogLoss);
});

test.each(golden.values)("values", (golden) => {
  const { truth, predicted, targetSize } = golden;
  expectNear(meanSquaredError(truth, predicted), golden.meanSquaredError);
  expectNear(meanAbsoluteError(truth, predicted), golden.meanAbsoluteError);
  expectNear(r2(truth, predicted, { targetSize }), golden.r2);
});
