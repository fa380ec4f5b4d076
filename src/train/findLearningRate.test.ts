/** The learning-rate range test on a problem whose limit is known. */

import { describe, expect, test } from "vitest";
import { Dataset } from "../data/index.ts";
import { layers, network } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { variants } from "../optim/variants.ts";
import { type FindLearningRateOptions, findLearningRate, train } from "./index.ts";
import { backends, classifier, clouds, line, unit } from "./runs.testing.ts";

describe.each(backends.map((backend) => ({ name: backend.name, backend })))(
  "on $name",
  ({ backend }) => {
    test("rates grow by one factor, and the network stays as it is", async () => {
      const net = classifier(1);
      const before = new Map(net.weights);
      const curve = await findLearningRate(net, clouds(), {
        from: 1e-6,
        to: 1e-2,
        steps: 21,
        batchSize: 16,
        backend,
      });
      expect(net.weights).toEqual(before);
      expect(curve.diverged).toBe(false);
      expect(curve.points).toHaveLength(21);
      curve.points.forEach(({ learningRate }, i) => {
        expect(learningRate / (1e-6 * 10 ** (i / 5))).toBeCloseTo(1, 12);
      });
    });

    test("losses are those of a run with the same rates, smoothed without bias", async () => {
      const options = { optimizer: optimizers.sgd(), batchSize: 4, seed: 5, backend };
      const { points } = await findLearningRate(unit(), line(), {
        ...options,
        from: 0.001,
        to: 0.1,
        steps: 6,
        smoothing: 0.5,
      });
      const losses: number[] = [];
      await train(unit(), line(), {
        ...options,
        epochs: 2,
        learningRate: ({ step }) => 0.001 * 100 ** ((step - 1) / 5),
        eventSteps: 1,
        onEvent: (event) => {
          if (event.type === "step") losses.push(event.loss);
        },
      });
      points.forEach(({ loss }, i) => {
        expect(Math.abs(loss - losses[i])).toBeLessThan(1e-12);
      });
      expect(points[0].smoothed).toBeCloseTo(losses[0], 12);
      expect(points[1].smoothed).toBeCloseTo((losses[0] + 2 * losses[1]) / 3, 12);
    });

    test("ends soon after the rate at which plain descent diverges, and suggests less", async () => {
      // One weight and inputs ±1: the loss is (w − 3)² + (b − 0)², so that descent diverges from η = 1 on.
      const data = new Dataset({
        name: "signs",
        inputs: Float64Array.of(1, -1),
        inputShape: [1],
        targets: Float64Array.of(3, -3),
      });
      const { points, suggestion, lowest, diverged } = await findLearningRate(unit(), data, {
        optimizer: optimizers.sgd(),
        from: 1e-4,
        to: 100,
        smoothing: 0,
        backend,
      });
      expect(diverged).toBe(true);
      expect(points.at(-1)!.learningRate).toBeGreaterThan(1);
      expect(points.at(-1)!.learningRate).toBeLessThan(10);
      expect(suggestion).toBeGreaterThan(0.005);
      expect(suggestion).toBeLessThan(lowest!);
      expect(lowest).toBeLessThan(2);
    });

    test("an overflow ends the test", async () => {
      const { points, diverged } = await findLearningRate(unit(), line(), {
        optimizer: optimizers.sgd(),
        from: 1e-3,
        to: 1e300,
        steps: 20,
        divergence: Number.MAX_VALUE,
        backend,
      });
      expect(diverged).toBe(true);
      expect(points.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    });

    test("no suggestion where nothing falls", async () => {
      const { suggestion } = await findLearningRate(unit(), line().rows(0, 1), {
        optimizer: optimizers.sgd(),
        from: 1e-300,
        to: 1e-299,
        steps: 10,
        smoothing: 0,
        backend,
      });
      expect(suggestion).toBeUndefined();
    });
  },
);

test("an abort keeps the points so far", async () => {
  const { points, suggestion } = await findLearningRate(unit(), line(), {
    signal: AbortSignal.abort(),
  });
  expect(points).toEqual([]);
  expect(suggestion).toBeUndefined();
});

test.each<[FindLearningRateOptions, string]>([
  [{ from: 1, to: 0.1 }, "findLearningRate: expected 0 < from < to, got from 1 and to 0.1."],
  [{ steps: 1 }, "findLearningRate: expected steps to be 2 or more, got 1."],
  [{ smoothing: 1 }, "findLearningRate: expected smoothing in [0, 1), got 1."],
  [{ divergence: 1 }, "findLearningRate: expected divergence above 1, got 1."],
  [
    { optimizer: variants.lbfgs() },
    'findLearningRate: expected an optimizer of one gradient a step, got "lbfgs", which finds its step lengths itself.',
  ],
])("refuses %j", async (options, message) => {
  await expect(findLearningRate(unit(), line(), options)).rejects.toThrow(message);
});

test("data too large for the backend's memory have the losses of a run, too", async () => {
  // 64 kB a row: above 64 MB in all, and a chunk of 8 MB is one step.
  const size = 128 * 128;
  const data = new Dataset({
    name: "large",
    inputs: {
      codes: Uint8Array.from({ length: 1100 * size }, (_, i) => (i * 31) % 251),
      meanings: Float32Array.from({ length: 256 }, (_, code) => code / 256 - 0.5),
    },
    inputShape: [size],
    targets: Int32Array.from({ length: 1100 }, (_, i) => i % 2),
  });
  const net = () => network({ input: [size], layers: [layers.linear(2)], seed: 1 });
  const [, backend] = backends;
  const options = { optimizer: optimizers.sgd(), batchSize: 100, seed: 5, backend };
  const { points } = await findLearningRate(net(), data, {
    ...options,
    from: 1e-5,
    to: 1e-3,
    steps: 13,
  });
  const losses: number[] = [];
  await train(net(), data, {
    ...options,
    epochs: 2,
    learningRate: ({ step }) => 1e-5 * 100 ** ((step - 1) / 12),
    eventSteps: 1,
    onEvent: (event) => {
      if (event.type === "step") losses.push(event.loss);
    },
  });
  // Differences of sums in float32.
  points.forEach(({ loss }, i) => {
    expect(Math.abs(loss - losses[i])).toBeLessThan(1e-5);
  });
});
