/** Tests of the place of the steepest fall: of clean, noisy and spiky curves. */

import { expect, test } from "vitest";
import { datasets } from "../data/index.ts";
import { layers, network } from "../nn/index.ts";
import { optimizers } from "../optim/index.ts";
import { Generator } from "../util/index.ts";
import { findLearningRate } from "./index.ts";
import { steepestFall } from "./steepestFall.ts";

/** 100 losses that fall from 2 to 1 around position 60. */
const falling = Array.from({ length: 100 }, (_, i) => 1 + 1 / (1 + Math.exp((i - 60) / 5)));

test("is the middle of a fall", () => {
  expect(steepestFall(falling)).toBe(60);
});

test("is not where a spike ends", () => {
  // A spike in an exponential mean: up at once, and down to where it was.
  for (const start of [20, 40, 85]) {
    const spiky = falling.map((loss, i) => loss + (i < start ? 0 : 3 * 0.9 ** (i - start)));
    expect(Math.abs(steepestFall(spiky)! - 60), `spike at ${start}`).toBeLessThanOrEqual(12);
  }
});

test("is found in noise", () => {
  for (let seed = 0; seed < 20; seed++) {
    const generator = new Generator(seed);
    const noisy = falling.map((loss) => loss + 0.05 * generator.normal());
    expect(Math.abs(steepestFall(noisy)! - 60), `seed ${seed}`).toBeLessThanOrEqual(12);
  }
});

test("is nowhere in a curve that never falls, and never in the first tenth", () => {
  expect(steepestFall([])).toBeUndefined();
  expect(steepestFall([1])).toBeUndefined();
  expect(steepestFall([1, 1, 2, 3])).toBeUndefined();
  expect(steepestFall(falling.map((_, i) => (i < 5 ? 9 - i : 4 + i)))).toBeUndefined();
});

test("the suggestions of eight seeds lie close together", async () => {
  const data = datasets.digits();
  const suggestions: number[] = [];
  for (let seed = 0; seed < 8; seed++) {
    const net = network({
      input: data.inputShape,
      layers: [layers.linear(32), layers.relu(), layers.linear(10)],
      seed,
    });
    const optimizer = optimizers.sgd({ learningRate: 0.1 });
    const { suggestion } = await findLearningRate(net, data, { optimizer, batchSize: 16, seed });
    suggestions.push(suggestion!);
  }
  // The rates reach over eight powers of ten; losses of 16 rows are noisy.
  expect(Math.max(...suggestions) / Math.min(...suggestions)).toBeLessThan(20);
});
