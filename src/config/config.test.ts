import { describe, expect, test } from "vitest";
import { datasets } from "../data/index.ts";
import { completeConfig, loadRows, networkOf, parseOverride, resolveConfig } from "./index.ts";

const refuse = () => {
  throw new Error("no file is read here");
};
const noFiles = { csv: refuse, images: refuse, imageFolder: refuse };

const small = { data: { dataset: "iris" }, network: ["linear"] };

describe("overrides", () => {
  test("read JSON, or else a text; null takes a key out", () => {
    expect(parseOverride("a.b=0.5")).toMatchObject({ path: ["a", "b"], value: 0.5 });
    expect(parseOverride("a=tanh").value).toBe("tanh");
    expect(parseOverride("a=[1,2]").value).toEqual([1, 2]);
    expect(parseOverride("a=x=y").value).toBe("x=y");
    expect(parseOverride("a=null").value).toBe(undefined);
  });

  test("reach into lists and through names that stand for objects", () => {
    const overrides = ["network.0.units=5", "optimizer=sgd", "optimizer.momentum=0.9"];
    const config = resolveConfig(small, { overrides: overrides.map(parseOverride) });
    expect(config.network).toEqual([{ kind: "linear", units: 5 }]);
    expect(config.optimizer).toEqual({ kind: "sgd", momentum: 0.9 });
  });

  test("do not change what they are given", () => {
    const written = structuredClone(small);
    resolveConfig(written, { overrides: [parseOverride("data.dataset=xor")] });
    expect(written).toEqual(small);
  });

  test("refuse a path through a value without keys, and a place outside a list", () => {
    const set = (text: string) => () => resolveConfig(small, { overrides: [parseOverride(text)] });
    expect(set("data.dataset.name=3")).toThrow(
      '--set data.dataset.name=3: data.dataset is "iris" and has no keys; set data.dataset itself.',
    );
    expect(set("network.1=relu")).toThrow(
      '--set network.1=relu: network is a list, expected a number from 0 to 0, got "1".',
    );
  });
});

describe("rows", () => {
  test("the training part is standardized by itself, the test part by the training part", async () => {
    const config = resolveConfig({ ...small, seed: 3, split: { test: 0.2, validation: 12 } });
    const { ready, raw, standardization } = await loadRows(config, noFiles);
    expect([raw.train.length, raw.validation?.length, raw.test.length]).toEqual([108, 12, 30]);
    const mean = (values: ArrayLike<number>, j: number) => {
      const column = Array.from(values).filter((_, i) => i % 4 === j);
      return column.reduce((sum, value) => sum + value, 0) / column.length;
    };
    // Sums of 108 numbers of about 1 in float64.
    expect(Math.abs(mean(ready.train.inputs, 2))).toBeLessThan(1e-13);
    expect(Math.abs(mean(ready.test.inputs, 2))).toBeGreaterThan(1e-4);
    expect(standardization?.mean[2]).toBeCloseTo(mean(raw.train.inputs, 2), 12);
  });

  test("the parts share no row", async () => {
    const config = resolveConfig({
      data: { dataset: "blobs", points: 60 },
      split: { test: 0.25, validation: 0.2 },
      network: ["linear"],
    });
    const { raw } = await loadRows(config, noFiles);
    const parts = [raw.train, raw.validation!, raw.test];
    const rows = parts.flatMap(({ inputs, length }) =>
      Array.from({ length }, (_, i) => inputs.slice(2 * i, 2 * i + 2).join()),
    );
    expect(new Set(rows).size).toBe(60);
  });

  test("a split of data that come in two parts is refused", async () => {
    const config = resolveConfig({
      data: { dataset: "noisySpirals" },
      split: { test: 0.3 },
      network: ["linear"],
    });
    await expect(loadRows(config, noFiles)).rejects.toThrow(
      'split.test: dataset "noisySpirals" comes with a test part of its own, got 0.3; leave it out.',
    );
  });

  test("chosen features, in the order given", async () => {
    const features = ["petal_width", "sepal_length"];
    const config = resolveConfig({ ...small, data: { dataset: "iris", features } });
    const { raw } = await loadRows(config, noFiles);
    expect(raw.train.featureNames).toEqual(features);
  });
});

describe("what a configuration builds", () => {
  test("the units of the last linear layer and the loss follow from the data", async () => {
    const config = resolveConfig({
      ...small,
      network: [{ kind: "quadratic", units: 6 }, "linear"],
    });
    const rows = await loadRows(config, noFiles);
    const complete = completeConfig(config, rows);
    expect(complete.loss).toEqual({ kind: "crossEntropy" });
    expect(complete.split).toEqual({ test: 0.2, stratify: true, seed: 0 });
    expect(networkOf(complete, [4]).outputShape).toEqual([datasets.iris().classCount]);
  });

  test("a complete configuration resolves to itself", async () => {
    const config = resolveConfig(small);
    const complete = completeConfig(config, await loadRows(config, noFiles));
    expect(resolveConfig(JSON.parse(JSON.stringify(complete)))).toEqual(complete);
  });
});
