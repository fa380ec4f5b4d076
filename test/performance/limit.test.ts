import { describe, expect, test } from "vitest";
import { makeBackend } from "../../bench/backends.ts";
import { leastSeconds, workOf } from "../../bench/limit.ts";
import { trainingStepper } from "../../bench/training.ts";
import { chooseWorkloads, trainingWorkload, workloads } from "../../bench/workloads.ts";
import { build, makeNode } from "../../src/ir/index.ts";

describe("the work of a program", () => {
  const flopsOfStep = (name: string) =>
    trainingStepper(trainingWorkload(name), "float32", makeBackend({ mode: "strict", threads: 1 }))
      .work.flops;

  test("an MLP step: every layer forward and for its weights, all but the first for their inputs", () => {
    expect(flopsOfStep("iris-b120")).toBe(2 * 120 * (2 * 4 * 11 + 3 * 11 * 3));
  });

  test("a LeNet step: convolutions as their terms, without those that read padding", () => {
    const first = 24 * 24 * 6 * 25;
    const second = 8 * 8 * 16 * 25 * 6;
    const dense = 256 * 120 + 120 * 84 + 84 * 10;
    expect(flopsOfStep("lenet-b4")).toBe(2 * 4 * (2 * first + 3 * second + 3 * dense));
  });

  test("a convolution over padding counts only the places that hold data", () => {
    const x = build.input("x", [1, 4, 1], "float32");
    const w = build.input("w", [3, 1, 1], "float32");
    const one = [0, 1, 0];
    const padded = makeNode("pad", [x], { low: one, high: one, interior: [0, 0, 0], value: 0 });
    for (const y of [
      build.convolve(padded, w, [1], [1]),
      build.convolve(x, w, [1], [1], { low: [1], high: [1] }),
    ]) {
      expect(workOf({ name: "main", outputs: [y] }).flops).toBe(2 * (2 + 3 + 3 + 2));
    }
  });

  test("a function that only moves memory: inputs are loaded once, results stored once", () => {
    const x = build.input("x", [1000], "float32");
    const work = workOf({ name: "main", outputs: [build.unary("neg", x)] });
    expect(work).toEqual({ flops: 1000, loadBytes: 4000, storeBytes: 4000 });
    // 4000 bytes at 16 a cycle of 2 GHz.
    expect(leastSeconds(work, { peak: 1000, clock: 2 })).toBeCloseTo(125e-9, 12);
  });
});

describe("workloads", () => {
  test("a name stands for those it begins", () => {
    expect(chooseWorkloads(["matmul"]).map(({ name }) => name)).toEqual([
      "matmul-64",
      "matmul-256",
      "matmul-512",
      "matmul-1024",
    ]);
    expect(chooseWorkloads([])).toBe(workloads);
  });

  test("an unknown name is answered with the known ones", () => {
    expect(() => chooseWorkloads(["irs"])).toThrow(/expected workloads of iris-b1, .* got "irs"/);
  });
});
