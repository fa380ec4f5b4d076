/** Every built-in loss passes the suite for everyone's; and the suite finds faults. */

import { describe, expect, test } from "vitest";
import { defineLoss, type Loss } from "../nn/index.ts";
import { losses } from "../nn/losses/index.ts";
import { lossFrom } from "../nn/saving.ts";
import type { Generator } from "../util/index.ts";
import { checkLoss, type LossCheckOptions, lossChecks } from "./index.ts";

const probability = (generator: Generator) => 0.05 + 0.9 * generator.uniform();
const count = (generator: Generator) => generator.integer(5);
const sign = (generator: Generator) => 2 * generator.integer(2) - 1;
const classWeights = [0.5, 2, 1];
const labels = { target: "labels" } as const;

const cases: readonly [Loss, LossCheckOptions][] = [
  [losses.crossEntropy(), { output: [3], ...labels }],
  [losses.crossEntropy({ classWeights, labelSmoothing: 0.1 }), { output: [3], ...labels }],
  [losses.crossEntropy({ classWeights, ignoreIndex: 1 }), { output: [3], ...labels }],
  [losses.crossEntropy({ reduction: "sum" }), { output: [2, 3], drawTarget: probability }],
  [losses.nll({ classWeights }), { output: [3], ...labels }],
  [losses.focal(), { output: [3], ...labels }],
  [losses.focal({ gamma: 0.5, classWeights }), { output: [3], ...labels }],
  [losses.binaryCrossEntropy(), { output: [1], ...labels }],
  [losses.binaryCrossEntropy({ posWeight: [2, 0.5] }), { output: [2], drawTarget: probability }],
  [
    losses.binaryCrossEntropy({ fromLogits: false }),
    { output: [3], drawOutput: probability, drawTarget: probability },
  ],
  [losses.mse(), { output: [2, 2] }],
  [losses.mse({ reduction: "sum" }), { output: [3], ...labels }],
  [losses.mae(), { output: [3] }],
  [losses.huber({ delta: 0.7 }), { output: [3] }],
  [losses.smoothL1({ beta: 0.7 }), { output: [3] }],
  [losses.hinge(), { output: [1], ...labels }],
  [losses.hinge({ power: 2, reduction: "sum" }), { output: [3], drawTarget: sign }],
  [losses.multiMargin({ classWeights, power: 2 }), { output: [3], ...labels }],
  [losses.perceptron(), { output: [1], ...labels }],
  [losses.perceptron(), { output: [3], ...labels }],
  [losses.klDivergence(), { output: [3], drawTarget: probability }],
  [losses.klDivergence({ logTarget: true, reduction: "mean" }), { output: [3] }],
  [losses.poissonNll({ full: true }), { output: [2], drawTarget: count }],
  [
    losses.poissonNll({ logInput: false }),
    { output: [2], drawOutput: probability, drawTarget: count },
  ],
  [losses.gaussianNll({ logVariance: true }), { output: [4], target: [2] }],
  [losses.gaussianNll({ full: true }), { output: [4], target: [2], drawOutput: probability }],
  [losses.cosine({ margin: 0.1 }), { output: [6], ...labels }],
  [losses.contrastive({ margin: 2 }), { output: [6], ...labels }],
  [losses.triplet({ swap: true }), { output: [6], target: [] }],
  [losses.triplet({ order: 3 }), { output: [3, 2], target: [] }],
  [
    losses.combined([
      { loss: losses.mse(), output: [2] },
      { loss: losses.crossEntropy(), output: [3], weight: 0.3 },
    ]),
    { output: [5], drawTarget: probability },
  ],
];

describe.each(
  cases.map(([loss, options], i): [string, Loss, LossCheckOptions] => [
    `${loss.kind} ${JSON.stringify(loss.options)} #${i}`,
    loss,
    options,
  ]),
)("%s", (_, loss, options) => {
  for (const { name, run } of lossChecks(loss, { ...options, again: lossFrom })) test(name, run);
});

test("no built-in loss is forgotten", () => {
  const checked = new Set(cases.map(([{ kind }]) => kind));
  expect(Object.keys(losses).filter((kind) => !checked.has(kind))).toEqual([]);
});

describe("finds faults", () => {
  const failing = async (loss: Loss, options: Partial<LossCheckOptions> = {}) =>
    checkLoss(loss, { output: [3], ...options }).then(
      () => "nothing",
      (error: Error) => error.message,
    );

  test("one number for all samples", async () => {
    const total = defineLoss({ name: "total", perSample: (y, t) => y.sub(t).square().sum() });
    expect(await failing(total)).toContain("batch of 1: expected shape [1], got [].");
  });

  test("samples that depend on each other", async () => {
    const relative = defineLoss({
      name: "relative",
      perSample: (y, t) => y.sub(t).abs().div(y.abs().sum(0)).sum(1),
    });
    expect(await failing(relative)).toContain("- no sample depends on another: sample 0 alone");
  });

  test("a gradient that is not the loss'", async () => {
    const cut = defineLoss({
      name: "cut",
      perSample: (y, t) => y.sub(t).mul(y.sub(t).detach()).sum(1),
    });
    expect(await failing(cut)).toContain("- the gradient equals central differences: gradient");
  });

  test("classes out of range, and of another dtype", async () => {
    const odd = defineLoss({
      name: "odd",
      perSample: (y) => y.sum(1),
      classify: (y) => y.sum(1),
    });
    expect(await failing(odd, { target: "labels" })).toContain(
      "classify: expected int32, got float64",
    );
  });

  test("options that JSON loses", async () => {
    expect(await failing({ ...losses.mse(), options: { f: () => 1 } })).toContain(
      'option "f" is not JSON data.',
    );
  });
});
