/** What the experiments on MNIST and Fashion-MNIST reach: minutes, by `npm run test:mnist`. */

import { describe, expect, test } from "vitest";
import { trained } from "./experiment.testing.ts";
import { hasFiles } from "./files.testing.ts";

const minute = 60_000;
const seeds = [1, 2, 3, 4, 5];

describe.skipIf(!hasFiles)("MNIST (needs CHAINRULE_DATA_DIR)", () => {
  test.each(seeds)(
    "mnist-lenet, seed %i: at least 99.0 %, in less than 500 MB",
    { timeout: 5 * minute },
    async (seed) => {
      const { test, memory } = await trained("mnist-lenet", seed);
      expect(test).toBeGreaterThanOrEqual(0.99);
      expect(memory).toBeLessThan(500e6);
    },
  );

  test("mnist-lenet-report: at least 99.0 %", { timeout: 8 * minute }, async () => {
    expect((await trained("mnist-lenet-report", 1)).test).toBeGreaterThanOrEqual(0.99);
  });

  test("mnist-best: at least 99.6 %", { timeout: 25 * minute }, async () => {
    expect((await trained("mnist-best", 0)).test).toBeGreaterThanOrEqual(0.996);
  });

  test("mnist-cnn-sigmoid: at least 97 %", { timeout: 4 * minute }, async () => {
    expect((await trained("mnist-cnn-sigmoid", 1)).test).toBeGreaterThanOrEqual(0.97);
  });

  test("fashion-lenet: at least 90 %", { timeout: 8 * minute }, async () => {
    expect((await trained("fashion-lenet", 1)).test).toBeGreaterThanOrEqual(0.9);
  });

  test(
    "mnist-mlp30: over 5 seeds at least 96.5 %, and a smaller gap with L2",
    async () => {
      const gaps = { plain: 0, penalized: 0 };
      for (const seed of seeds) {
        const plain = await trained("mnist-mlp30", seed);
        const penalized = await trained("mnist-mlp30-l2", seed);
        expect(plain.test).toBeGreaterThanOrEqual(0.965);
        gaps.plain += plain.train - plain.validation!;
        gaps.penalized += penalized.train - penalized.validation!;
      }
      expect(gaps.penalized).toBeLessThan(gaps.plain);
    },
    10 * minute,
  );
});
