import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decodeSafetensors } from "../../src/nn/saving.ts";
import { file, jsonLines, run, start, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();
const read = (...path: string[]) => readFileSync(join(cwd, ...path), "utf8");

describe("what training writes", () => {
  test("words on stdout, progress on stderr, and a complete run folder", async () => {
    const { code, out, err } = await run(["train", "iris", "--seed", "1"], { cwd });
    expect(code).toBe(0);
    expect(out).toMatch(/^Test accuracy +[\d.]+ % \(\d+ of 30 right; 95 % interval .+\)\n/);
    expect(out).toContain(`Run            ${join("runs", "iris-seed1")}\n`);
    expect(out).toContain(`Report         ${join("runs", "iris-seed1", "report.html")}\n`);
    expect(err).toContain("one line every 4 epochs");
    expect(err.trim().split("\n")).toHaveLength(27);

    expect(readdirSync(join(cwd, "runs", "iris-seed1")).sort()).toEqual([
      "best",
      "checkpoint.safetensors",
      "config.json",
      "environment.json",
      "last",
      "metrics.jsonl",
      "preprocessing.json",
      "report.html",
      "test.json",
    ]);
    for (const folder of ["best", "last"]) {
      expect(readdirSync(join(cwd, "runs", "iris-seed1", folder)).sort()).toEqual([
        "network.json",
        "weights.safetensors",
      ]);
    }
    const metrics = jsonLines(read("runs", "iris-seed1", "metrics.jsonl"));
    expect(metrics).toHaveLength(100);
    expect(metrics[99]).toMatchObject({
      epoch: 100,
      step: 1500,
      train: { loss: expect.any(Number) },
    });
    expect(JSON.parse(read("runs", "iris-seed1", "config.json"))).toMatchObject({
      seed: 1,
      split: { test: 0.2, stratify: true, seed: 1 },
      network: [{ kind: "linear", units: 11 }, { kind: "relu" }, { kind: "linear", units: 3 }],
    });
    const report = read("runs", "iris-seed1", "report.html");
    expect(report).toContain("npx chainrule train iris --seed 1");
    expect(report).toContain("Decision boundary");
  });

  test("another run of the same name gets a folder of its own", async () => {
    await run(["train", "xor", "--epochs", "2", "--quiet"], { cwd });
    const { out, err } = await run(["train", "xor", "--epochs", "2", "--quiet"], { cwd });
    expect(out).toContain(join("runs", "xor-seed0-2"));
    expect(err).toBe("");
  });

  test("JSON Lines: start, one line an epoch, end", async () => {
    const { code, out, err } = await run(
      ["train", "iris", "--json", "--epochs", "3", "--out", "json"],
      { cwd },
    );
    expect(code).toBe(0);
    expect(err).toBe("");
    const lines = jsonLines(out);
    expect(lines.map(({ type }) => type)).toEqual(["start", "epoch", "epoch", "epoch", "end"]);
    expect(lines[0]).toMatchObject({
      name: "iris",
      seed: 0,
      parameters: 91,
      backend: "wasm",
      rows: { train: 120, test: 30 },
      run: "json",
    });
    expect(lines[4]).toMatchObject({
      type: "end",
      test: { loss: expect.any(Number), accuracy: expect.any(Number), rows: 30 },
      epochs: 3,
      steps: 45,
      seconds: expect.any(Number),
      reason: "finished",
      run: "json",
    });
  });

  test("a threshold that is missed gives exit code 3", async () => {
    const words = ["train", "iris", "--epochs", "1", "--quiet", "--min-accuracy", "1"];
    const { code, err } = await run(words, { cwd });
    expect(err).toMatch(/^chainrule: the accuracy 0\.\d+ is under --min-accuracy 1\.\n$/);
    expect(code).toBe(3);
  });
});

describe("settings", () => {
  test("flags beat the environment, which beats the file, which beats defaults", async () => {
    const config = {
      data: { dataset: "xor" },
      split: { test: "same" },
      network: [{ kind: "linear", units: 3 }, "tanh", "linear"],
      epochs: 5,
      seed: 5,
      batchSize: 2,
    };
    file(cwd, "small.json", JSON.stringify(config));
    const env = { CHAINRULE_SEED: "6", CHAINRULE_EPOCHS: "6" };
    const words = ["train", "small.json", "--epochs", "7", "--out", "settings", "--quiet"];
    expect(await run(words, { cwd, env })).toMatchObject({ code: 0 });
    expect(JSON.parse(read("settings", "config.json"))).toMatchObject({
      name: "small",
      epochs: 7,
      seed: 6,
      batchSize: 2,
      shuffle: true,
    });
    expect(read("settings", "report.html")).toContain(
      "npx chainrule train small.json --epochs 7 --seed 6",
    );
  });

  test("a TypeScript configuration", async () => {
    file(
      cwd,
      "typed.ts",
      'const epochs: number = 2;\nexport default { data: { dataset: "xor" }, split: { test: "same" }, ' +
        'network: ["linear"], epochs };\n',
    );
    const { code, out } = await run(["train", "typed.ts", "--json"], { cwd });
    expect(code).toBe(0);
    expect(jsonLines(out).at(-1)).toMatchObject({ type: "end", epochs: 2 });
  });

  test("the folder of a run repeats it", async () => {
    await run(["train", "xor", "--epochs", "3", "--seed", "4", "--out", "first", "-q"], { cwd });
    await run(["train", "first", "--out", "second", "-q"], { cwd });
    expect(read("second", "config.json")).toBe(read("first", "config.json"));
    expect(weights("second")).toEqual(weights("first"));
  });
});

describe("the same seed", () => {
  test("gives byte-identical weights in strict mode", async () => {
    const words = ["train", "digits", "--epochs", "2", "--seed", "3", "--mode", "strict", "-q"];
    await run([...words, "--out", "once"], { cwd });
    await run([...words, "--out", "again"], { cwd });
    expect(weights("again")).toEqual(weights("once"));
    await run([...words, "--seed", "4", "--out", "other"], { cwd });
    expect(weights("other")).not.toEqual(weights("once"));
  });

  test("gives the same weights on the reference backend, but for rounding", async () => {
    const words = ["train", "iris", "--epochs", "5", "--seed", "3", "--dtype", "float64", "-q"];
    await run([...words, "--backend", "wasm", "--out", "wasm"], { cwd });
    await run([...words, "--backend", "reference", "--out", "reference"], { cwd });
    const [a, b] = [weights("wasm"), weights("reference")].map(
      (bytes) => decodeSafetensors(Uint8Array.from(bytes)).tensors,
    );
    for (const [path, { data }] of a) {
      // 75 steps of float64: sums in another order and functions that differ in their last bits.
      data.forEach((value: number, i: number) => {
        expect(Math.abs(value - b.get(path)!.data[i])).toBeLessThan(1e-11);
      });
    }
  });
});

test("Ctrl-C saves the weights so far and the report, with exit code 130", async () => {
  const words = ["train", "digits", "--epochs", "100000", "--json", "--out", "stopped"];
  const { child, kept, finished } = start(words, { cwd });
  await new Promise<void>((resolve) => {
    child.stdout.on("data", () => {
      if (kept.out.includes('"epoch":2,')) resolve();
    });
  });
  const stoppedAt = performance.now();
  child.kill("SIGINT");
  await new Promise<void>((resolve) => {
    const watch = setInterval(() => {
      if (!existsSync(join(cwd, "stopped", "best", "weights.safetensors"))) return;
      clearInterval(watch);
      resolve();
    }, 5);
  });
  // 100 ms by the contract; the rest is for a busy machine.
  expect(performance.now() - stoppedAt).toBeLessThan(1000);
  const { code, err } = await finished;
  expect(code).toBe(130);
  expect(err).toContain("Stopping: saving the weights so far.");
  const end = jsonLines(kept.out).at(-1)!;
  expect(end).toMatchObject({ type: "end", reason: "aborted", run: "stopped" });
  expect(jsonLines(read("stopped", "metrics.jsonl"))).toHaveLength(end.epochs as number);
  expect(existsSync(join(cwd, "stopped", "report.html"))).toBe(true);
  expect(existsSync(join(cwd, "stopped", "last", "weights.safetensors"))).toBe(true);
});

function weights(runFolder: string): Buffer {
  return readFileSync(join(cwd, runFolder, "last", "weights.safetensors"));
}

test("L-BFGS takes all rows in each step, and says that it converged", async () => {
  const sets = ["optimizer=lbfgs", "batchSize=null", "optimizer.changeTolerance=0.01"];
  const words = ["train", "iris", ...sets.flatMap((set) => ["--set", set]), "--quiet"];
  const { code, out } = await run([...words, "--out", "converged"], { cwd });
  expect(code).toBe(0);
  expect(out).toMatch(
    /Epochs +\d+ in .* s, converged: further epochs would not change the weights/,
  );
  const config = JSON.parse(readFileSync(join(cwd, "converged", "config.json"), "utf8"));
  expect(config.batchSize).toBe(120);
});
