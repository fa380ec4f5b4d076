import { expect, test } from "vitest";
import { learningCurves, renderSvg } from "./index.ts";
import { thinSeries } from "./thin.ts";

const falling = (from: number, to: number, length: number) =>
  Array.from({ length }, (_, i) => ({
    epoch: i + 1,
    train: { loss: from * (to / from) ** (i / (length - 1)) },
  }));

test("words say where the loss began, ended and was lowest", () => {
  const figure = learningCurves({
    epochs: [
      { epoch: 1, train: { loss: 1.1, accuracy: 0.4 }, validation: { loss: 1, accuracy: 0.5 } },
      { epoch: 2, train: { loss: 0.6, accuracy: 0.8 }, validation: { loss: 0.7, accuracy: 0.75 } },
      { epoch: 3, train: { loss: 0.3, accuracy: 1 }, validation: { loss: 0.9, accuracy: 0.7 } },
    ],
  });
  expect(figure.text).toBe(
    "Loss over 3 epochs: train from 1.1 to 0.3; validation from 1 to 0.9, lowest validation 0.7 at epoch 2. " +
      "Accuracy over 3 epochs: train from 40 % to 100 %; validation from 50 % to 70 %, " +
      "highest validation 75 % at epoch 2.",
  );
  expect(figure.data[1]).toEqual({ epoch: 1, split: "validation", loss: 1, accuracy: 0.5 });
});

test("one epoch", () => {
  const figure = learningCurves({ epochs: [{ epoch: 1, train: { loss: 0.7 } }] });
  expect(figure.text).toBe("Loss after 1 epoch: train 0.7.");
});

test("the loss axis turns logarithmic when the losses span more than two orders of magnitude", async () => {
  expect(await renderSvg(learningCurves({ epochs: falling(2, 0.001, 50) }))).toContain("log scale");
  expect(await renderSvg(learningCurves({ epochs: falling(2, 0.1, 50) }))).not.toContain(
    "log scale",
  );
});

test("without validation there is neither its line nor NaN", async () => {
  const svg = await renderSvg(learningCurves({ epochs: falling(2, 0.5, 20) }));
  expect(svg).not.toMatch(/validation|NaN|Accuracy/);
});

test("epochs whose loss is not finite are left out", async () => {
  const epochs = [...falling(2, 0.5, 20), { epoch: 21, train: { loss: Number.NaN } }];
  const figure = learningCurves({ epochs });
  expect(figure.text).toBe("Loss over 21 epochs: train from 2 to 0.5.");
  expect(await renderSvg(figure)).not.toContain("NaN");
  const empty = learningCurves({ epochs: [{ epoch: 1, train: { loss: Number.NaN } }] });
  expect(await renderSvg(empty)).toContain("no finite value to draw");
});

test("zero and negative losses are drawn", async () => {
  for (const losses of [
    [0, 0],
    [-1, -3],
    [2, 2],
  ]) {
    const epochs = losses.map((loss, i) => ({ epoch: i + 1, train: { loss } }));
    expect(await renderSvg(learningCurves({ epochs }))).not.toMatch(/NaN|Infinity/);
  }
});

test("no epoch is an error with a next step", () => {
  expect(() => learningCurves({ epochs: [] })).toThrow(
    "learningCurves: expected at least one epoch, got none; train first.",
  );
});

test("thinning keeps the ends and the extremes", () => {
  const points = Array.from({ length: 10_000 }, (_, i) => ({
    value: i === 4321 ? 99 : Math.sin(i),
  }));
  const thin = thinSeries(points, 100);
  expect(thin.length).toBeLessThanOrEqual(202);
  expect(thin[0]).toBe(points[0]);
  expect(thin.at(-1)).toBe(points.at(-1));
  expect(thin).toContain(points[4321]);
});
