import { describe, expect, test } from "vitest";
import { grad, type Tensor, tensor } from "../tensor/index.ts";
import { defineLoss, type Loss, lossOfBatch } from "./index.ts";
import { losses } from "./losses/index.ts";
import { lossFrom } from "./saving.ts";

const float64 = { dtype: "float64" } as const;
const labels = (...values: number[]) => tensor(values, { dtype: "int32" });
const rows = (...values: number[][]) => tensor(values, float64);
const value = (loss: Loss, prediction: Tensor, target: Tensor) =>
  lossOfBatch(loss, prediction, target).item();

describe("crossEntropy", () => {
  const logits = rows([0.65, 0.43, 0.11], [0.05, 0.51, 0.18], [0.33, 0.21, 0.72]);

  test("of the published logits is 2.54692 in sum", () => {
    const sum = losses.crossEntropy({ reduction: "sum" });
    expect(value(sum, logits, labels(0, 1, 2)).toFixed(5)).toBe("2.54692");
    expect(value(losses.crossEntropy(), logits, labels(0, 1, 2))).toBeCloseTo(2.54692 / 3, 5);
  });

  test("takes indices, one-hot and soft targets alike", () => {
    const loss = losses.crossEntropy();
    const oneHot = rows([1, 0, 0], [0, 1, 0], [0, 0, 1]);
    const expected = value(loss, logits, labels(0, 1, 2));
    expect(value(loss, logits, oneHot)).toBeCloseTo(expected, 15);
    const soft = rows([0.5, 0.25, 0.25], [0, 1, 0], [0.1, 0.2, 0.7]);
    const logSoftmax = logits.logSoftmax(1);
    expect(value(loss, logits, soft)).toBeCloseTo(logSoftmax.mul(soft).sum().item() / -3, 15);
  });

  test("stays exact for extreme logits", () => {
    const extreme = rows([1000, -1000, 0], [-1000, 1000, 0]);
    expect(value(losses.crossEntropy(), extreme, labels(0, 1))).toBe(0);
    expect(value(losses.crossEntropy(), extreme, labels(1, 0))).toBe(2000);
    const gradient = grad((x: Tensor) => lossOfBatch(losses.crossEntropy(), x, labels(1, 0)))(
      extreme,
    );
    expect(gradient.toArray()).toEqual([
      [0.5, -0.5, 0],
      [-0.5, 0.5, 0],
    ]);
  });

  test("ignores impossible classes that no target asks for", () => {
    const masked = rows([1, Number.NEGATIVE_INFINITY]);
    expect(value(losses.crossEntropy(), masked, labels(0))).toBe(0);
  });

  test("a batch whose labels are all ignored costs nothing and teaches nothing", () => {
    const loss = losses.crossEntropy({ ignoreIndex: -1 });
    expect(value(loss, logits, labels(-1, -1, -1))).toBe(0);
    const gradient = grad((x: Tensor) => lossOfBatch(loss, x, labels(-1, -1, -1)))(logits);
    expect(gradient.data.every((each) => each === 0)).toBe(true);
  });

  test("reads logits as probabilities", () => {
    const probabilities = losses.crossEntropy().readout(logits);
    expect(probabilities.sum(1).toArray()).toEqual([1, 1, 1].map((one) => expect.closeTo(one, 15)));
    expect(losses.crossEntropy().classify(logits).toArray()).toEqual([0, 1, 2]);
  });

  test.each([
    [
      "logits of one axis",
      () => losses.crossEntropy().perSample(tensor([1, 2]), labels(0)),
      'Loss "crossEntropy": expected logits [batch, classes], got [2].',
    ],
    [
      "targets of other classes",
      () => losses.crossEntropy().perSample(rows([1, 2]), rows([1, 0, 0])),
      'Loss "crossEntropy": the network gives 2 logits, the targets have 3 classes; ' +
        "make the last layer layers.linear(3).",
    ],
    [
      "indices of another shape",
      () => losses.crossEntropy().perSample(rows([1, 2]), labels(0, 1)),
      'Loss "crossEntropy": expected class indices [1] for logits [1, 2], got [2].',
    ],
    [
      "smoothing beyond 1",
      () => losses.crossEntropy({ labelSmoothing: 1.5 }),
      'Loss "crossEntropy": expected labelSmoothing from 0 to 1, got 1.5.',
    ],
    [
      "weights of other classes",
      () => losses.crossEntropy({ classWeights: [1] }).perSample(rows([1, 2]), labels(0)),
      'Loss "crossEntropy": expected 2 classWeights, one for each class, got 1.',
    ],
  ])("refuses %s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("mse", () => {
  test("is the mean of squares over outputs and samples", () => {
    const prediction = rows([1, 2], [3, 4]);
    const target = rows([0, 2], [3, 2]);
    expect(losses.mse().perSample(prediction, target).toArray()).toEqual([0.5, 2]);
    expect(value(losses.mse(), prediction, target)).toBe(1.25);
    expect(value(losses.mse({ reduction: "sum" }), prediction, target)).toBe(5);
  });

  test("takes labels one-hot, and as they are for one output", () => {
    expect(value(losses.mse(), rows([1, 1]), labels(1))).toBe(0.5);
    expect(value(losses.mse(), rows([3]), labels(1))).toBe(4);
  });

  test("names both sizes when they differ", () => {
    expect(() => losses.mse().perSample(rows([1, 2]), rows([1, 2, 3]))).toThrow(
      'Loss "mse": the network gives 2 values a sample, the targets have 3.',
    );
  });
});

describe("by hand, where PyTorch has no such loss", () => {
  test("hinge: max(0, 1 − t·y), and its square", () => {
    const y = rows([0.5], [-2], [3]);
    expect(
      losses
        .hinge()
        .perSample(y, labels(1, 1, 0))
        .toArray(),
    ).toEqual([0.5, 3, 4]);
    expect(
      losses
        .hinge({ power: 2 })
        .perSample(y, labels(1, 1, 0))
        .toArray(),
    ).toEqual([0.25, 9, 16]);
    expect(
      losses
        .hinge()
        .perSample(rows([2, 0.5]), labels(0))
        .toArray(),
    ).toEqual([0.75]);
  });

  test("perceptron: 0 for a right decision, else the distance to it", () => {
    const y = rows([0.5], [-2], [3]);
    expect(
      losses
        .perceptron()
        .perSample(y, labels(1, 1, 0))
        .toArray(),
    ).toEqual([0, 2, 3]);
    expect(
      losses
        .perceptron()
        .perSample(rows([1, 4, 2]), labels(2))
        .toArray(),
    ).toEqual([2]);
    const gradient = grad((x: Tensor) => lossOfBatch(losses.perceptron(), x, labels(1)));
    expect(gradient(rows([0])).toArray()).toEqual([[-1]]);
    expect(gradient(rows([0.1])).item()).toBeCloseTo(0, 15);
  });

  test("contrastive: half the square of the distance, or of what lacks to the margin", () => {
    const pairs = rows([0, 0, 0.3, 0.4], [0, 0, 0.3, 0.4], [0, 0, 3, 4]);
    const each = losses
      .contrastive()
      .perSample(pairs, labels(1, 0, 0))
      .toArray() as number[];
    expect(each.map((one) => Number(one.toFixed(12)))).toEqual([0.125, 0.125, 0]);
  });

  test("contrastive: equal vectors have a finite gradient", () => {
    const same = rows([1, 2, 1, 2]);
    for (const label of [0, 1]) {
      const gradient = grad((x: Tensor) => lossOfBatch(losses.contrastive(), x, labels(label)))(
        same,
      );
      expect(gradient.data.every((slope) => slope === 0)).toBe(true);
    }
  });

  test("binaryCrossEntropy: log p is at least −100", () => {
    const loss = losses.binaryCrossEntropy({ fromLogits: false });
    expect(loss.perSample(rows([0], [1]), labels(1, 1)).toArray()).toEqual([100, 0]);
  });

  test("binaryCrossEntropy: extreme logits neither overflow nor vanish", () => {
    const loss = losses.binaryCrossEntropy();
    expect(loss.perSample(rows([-800], [800]), labels(1, 1)).toArray()).toEqual([800, 0]);
    expect(loss.classCount([1])).toBe(2);
    expect(loss.classify(rows([-1], [2])).toArray()).toEqual([0, 1]);
  });

  test("gaussianNll of log-variances equals that of variances", () => {
    const byLog = losses.gaussianNll({ logVariance: true });
    const log = rows([1, Math.log(2)]);
    expect(value(byLog, log, rows([3]))).toBeCloseTo(
      value(losses.gaussianNll(), rows([1, 2]), rows([3])),
      14,
    );
  });

  test("combined: the weighted sum of each output's loss", () => {
    const loss = losses.combined([
      { loss: losses.mse(), output: [1] },
      { loss: losses.crossEntropy(), output: [2], weight: 0.5 },
    ]);
    const prediction = rows([3, 0, 0]);
    const target = rows([1, 1, 0]);
    expect(value(loss, prediction, target)).toBeCloseTo(4 + 0.5 * Math.log(2), 15);
    expect(() => loss.perSample(rows([1, 2]), target)).toThrow(
      'Loss "combined": expected 3 values of outputs a sample, got 2.',
    );
    const again = lossFrom(JSON.parse(JSON.stringify({ kind: loss.kind, options: loss.options })));
    expect(value(again, prediction, target)).toBe(value(loss, prediction, target));
  });
});

describe("options that do not fit", () => {
  test.each([
    [
      () => losses.binaryCrossEntropy({ fromLogits: false, posWeight: 2 }),
      'Loss "binaryCrossEntropy": posWeight needs logits; leave fromLogits as it is, or posWeight out.',
    ],
    [
      () => losses.binaryCrossEntropy({ posWeight: [1, 2] }).perSample(rows([1, 2, 3]), labels(0)),
      'Loss "binaryCrossEntropy": expected one posWeight or 3, got 2.',
    ],
    [() => losses.huber({ delta: 0 }), 'Loss "huber": expected delta above 0, got 0.'],
    [() => losses.smoothL1({ beta: -1 }), 'Loss "smoothL1": expected beta above 0, got -1.'],
    [
      () => losses.gaussianNll().perSample(rows([1, 2, 3]), rows([1])),
      'Loss "gaussianNll": expected a mean and a variance for each target value, got 3 outputs',
    ],
    [
      () => losses.multiMargin().perSample(rows([1, 2]), rows([1, 0])),
      'Loss "multiMargin": expected class labels (int32 [batch]) for outputs [batch, classes]',
    ],
    [
      () => losses.triplet().perSample(rows([1, 2]), labels(0)),
      'Loss "triplet": expected 3 vectors of one length a sample, got 2 values; ' +
        "join the encoders' results by joins.concatenate().",
    ],
  ])("%#", (run, message) => {
    expect(run).toThrow(message);
  });
});

describe("lossFrom", () => {
  test("makes each kind again from its JSON", () => {
    for (const [kind, make] of Object.entries(losses)) {
      if (kind === "combined") continue;
      const loss = (make as () => Loss)();
      const again = lossFrom(JSON.parse(JSON.stringify(loss)));
      expect(again.kind).toBe(kind);
      expect(again.options).toEqual(JSON.parse(JSON.stringify(loss.options)));
    }
  });

  test("names what it knows", () => {
    expect(() => lossFrom({ kind: "constructor" })).toThrow(
      "Loss: expected one of crossEntropy, nll, focal,",
    );
  });
});

test("a loss of one's own needs a name and a function", () => {
  const absolute = defineLoss({
    name: "absolute",
    perSample: (prediction, target) => prediction.sub(target).abs().mean([1]),
  });
  expect(absolute.kind).toBe("absolute");
  expect(value(absolute, rows([1, 2]), rows([2, 4]))).toBe(1.5);
});
