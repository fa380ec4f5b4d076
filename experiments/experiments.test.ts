import { describe, expect, test } from "vitest";
import { prepareRun } from "../src/cli/run/prepare.ts";
import { type Readers, resolveConfig } from "../src/config/index.ts";
import { train } from "../src/train/index.ts";
import { experiments } from "./index.ts";

/** The sets of these experiments come with the package: nothing is read. */
const none = () => Promise.reject(new Error("unexpected reading of a file"));
const readers: Readers = { csv: none, imageFolder: none, images: none };

/** Test accuracy of an experiment, trained as `chainrule train NAME --seed SEED` does. */
async function accuracyOf(name: string, seed: number): Promise<number> {
  const { config, rows, model, optimizer } = await prepareRun(
    resolveConfig({ ...experiments[name], seed }),
    readers,
  );
  const { epochs, batchSize, shuffle } = config;
  const { net, loss, backend } = model;
  await train(net, rows.ready.train, {
    loss,
    optimizer,
    backend,
    epochs,
    batchSize,
    shuffle,
    seed,
  });
  return (await net.evaluate(rows.ready.test, { loss, backend })).accuracy!;
}

describe("what the published experiments reach on rows that they never saw", () => {
  test("iris: 0.95 on average over ten seeds, and never under 0.90", async () => {
    const accuracies: number[] = [];
    for (let seed = 1; seed <= 10; seed++) accuracies.push(await accuracyOf("iris", seed));
    const mean = accuracies.reduce((sum, accuracy) => sum + accuracy / 10, 0);
    expect(mean).toBeGreaterThanOrEqual(0.95);
    expect(Math.min(...accuracies)).toBeGreaterThanOrEqual(0.9);
  });

  test("digits: 0.97", async () => {
    expect(await accuracyOf("digits", 0)).toBeGreaterThanOrEqual(0.97);
  });

  test.each(["spirals", "spirals-mlqp"])("%s: 0.99", async (name) => {
    for (const seed of [0, 1, 2]) {
      expect(await accuracyOf(name, seed)).toBeGreaterThanOrEqual(0.99);
    }
  });

  test("xor: all four cases", async () => {
    for (const seed of [0, 1, 2, 3, 4]) expect(await accuracyOf("xor", seed)).toBe(1);
  });
});

test("each experiment is a valid configuration that carries its own name", () => {
  for (const [name, config] of Object.entries(experiments)) {
    expect(resolveConfig(config).name).toBe(name);
    expect(resolveConfig(JSON.parse(JSON.stringify(config)))).toEqual(resolveConfig(config));
  }
});
