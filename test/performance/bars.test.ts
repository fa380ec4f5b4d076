import { expect, test } from "vitest";
import type { Measurement } from "../../bench/measurement.ts";
import { barSections } from "../../bench/peers/bars.ts";
import { chooseWorkloads } from "../../bench/workloads.ts";

const row = (
  workload: string,
  system: Measurement["system"],
  mode: string,
  usPerStep: number,
  rest: Partial<Measurement> = {},
): Measurement => ({
  workload,
  system,
  mode,
  usPerStep,
  version: "1",
  threads: 1,
  dtype: "float32",
  samplesPerSecond: 1,
  gflops: 40,
  fractionOfLimit: 0.8,
  ...rest,
});

test("each bar stands beside what was measured; what is missed is bold", () => {
  const mlp = "mnist-mlp128-b128";
  const lenet = "lenet-b128";
  const sections = barSections(chooseWorkloads([mlp, lenet, "matmul-64", "compile"]), [
    row(mlp, "chainrule", "fast", 1000),
    row(mlp, "chainrule", "strict", 2100),
    row(mlp, "chainrule", "fast", 2000, { dtype: "float64", fractionOfLimit: 0.4 }),
    row(mlp, "pytorch", "eager", 1100),
    row(mlp, "jax", "jit, scan", 700),
    row(mlp, "jax", "jit, scan", 2200, { dtype: "float64" }),
    row(mlp, "tfjs-wasm", "eager", 20_000),
    row(mlp, "jax-js", "jit", 9500),
    row(mlp, "chainrule", "fast", 600, { threads: 2 }),
    row(mlp, "pytorch", "eager", 720, { threads: 2 }),
    row(lenet, "chainrule", "fast", 3000),
    row(lenet, "chainrule", "fast", 1500, { threads: 2, gflops: 80, fractionOfLimit: 0.9 }),
    row(lenet, "tfjs-cpu", "eager", 5_000_000),
  ]);
  expect(sections.join("\n\n").split("\n")).toEqual([
    "## Against the bars",
    "",
    expect.stringContaining("in bold what is missed"),
    "",
    "| workload | µs a step | times PyTorch eager | of limit | float64 of its limit | times tfjs and jax-js, " +
      "their best | times JAX | float64: times JAX | strict takes, of fast |",
    expect.stringMatching(/^\| --- \|/),
    "| mnist-mlp128-b128 | 1,000 | 1.10 (1.1) | 0.80 (0.65) | 0.40 (0.4) | **9.50** (10) | **0.700** (1) | " +
      "1.10 (1) | **2.10** (2) |",
    "| lenet-b128 | 3,000 | – | 0.80 (0.75) | – | 1,667 (50) | – | – | – |",
    "",
    "- mnist-mlp128-b128 on two threads: **1.20** (1.3) times the speed of PyTorch eager on two.",
    "- lenet-b128 on two threads: 2.00 (1.6) times its speed on one; two peak kernels beside it reach 1.78 times one.",
  ]);
});
