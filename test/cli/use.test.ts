import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { datasets } from "../../src/data/index.ts";
import { file, jsonLines, run, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();
const rows =
  "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n2.5,6.0,3.3,6.3\n";

beforeAll(async () => {
  const { code } = await run(["train", "iris", "--seed", "1", "--quiet"], { cwd });
  expect(code).toBe(0);
});

describe("predict", () => {
  test("CSV: the class and the probability of every class, columns in any order", async () => {
    file(cwd, "new.csv", rows);
    const { code, out, err } = await run(["predict", "iris-seed1", "new.csv"], { cwd });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const [header, first, second] = out.trim().split("\n");
    expect(header).toBe("class,p(setosa),p(versicolor),p(virginica)");
    expect(first).toMatch(/^setosa,0\.9/);
    expect(second).toMatch(/^virginica,/);
  });

  test("JSON Lines from the standard input", async () => {
    const words = ["predict", join("runs", "iris-seed1"), "-", "--json"];
    const { out } = await run(words, { cwd, input: rows });
    const lines = jsonLines(out) as { class: string; probabilities: Record<string, number> }[];
    expect(lines.map((line) => line.class)).toEqual(["setosa", "virginica"]);
    const total = Object.values(lines[0].probabilities).reduce((sum, p) => sum + p, 0);
    // Six digits of each of three probabilities.
    expect(Math.abs(total - 1)).toBeLessThan(3e-6);
  });
});

describe("evaluate", () => {
  test("gives again what training found on its test rows", async () => {
    const { out } = await run(["evaluate", "iris-seed1", "--json"], { cwd });
    const [again] = jsonLines(out);
    const found = JSON.parse(readFileSync(join(cwd, "runs", "iris-seed1", "test.json"), "utf8"));
    const { weights, ...measures } = found;
    expect(weights).toBe("last");
    expect(again).toEqual({ type: "evaluate", ...measures });
  });

  test("tests on other rows, also of one class alone, and checks a threshold", async () => {
    const header = "sepal_length,sepal_width,petal_length,petal_width,kind";
    file(cwd, "setosa.csv", `${header}\n5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n`);
    const words = ["evaluate", "iris-seed1", "--data", "setosa.csv", "--target", "kind"];
    const { code, out } = await run([...words, "--min-accuracy", "1"], { cwd });
    expect(out).toContain("2 of 2 right");
    expect(code).toBe(0);
    file(cwd, "wrong.csv", `${header}\n5.1,3.5,1.4,0.2,virginica\n`);
    const missed = ["evaluate", "iris-seed1", "--data", "wrong.csv", "--target", "kind"];
    expect((await run([...missed, "--min-accuracy", "0.5"], { cwd })).code).toBe(3);
  });
});

describe("a table of one's own", () => {
  test("classes: trained, tested, predicted", async () => {
    const { inputs, labels } = datasets.blobs({ points: 120, seed: 3 });
    const lines = Array.from(
      labels,
      (label, i) => `${inputs[2 * i]};${inputs[2 * i + 1]};cloud ${label}`,
    );
    file(cwd, "clouds.csv", `x;y;cloud\n${lines.join("\n")}\n`);
    const words = ["train", "clouds.csv", "--target", "cloud", "--delimiter", ";", "--json"];
    const trained = await run(words, { cwd });
    expect(trained.code).toBe(0);
    const end = jsonLines(trained.out).at(-1) as { test: { accuracy: number }; reason: string };
    expect(end.test.accuracy).toBeGreaterThan(0.9);
    file(cwd, "points.csv", `x;y\n${inputs[0]};${inputs[1]}\n`);
    const { out } = await run(["predict", "clouds-seed0", "points.csv"], { cwd });
    expect(out).toMatch(new RegExp(`^class,p\\(cloud 0\\).*\ncloud ${labels[0]},`));
  });

  test("values: errors and predictions in the units of the target", async () => {
    const lines = Array.from({ length: 200 }, (_, i) => {
      const [a, b] = [(i * 7) % 20, (i * 13) % 17];
      return `${a},${b},${1000 + 30 * a - 20 * b}.5`;
    });
    file(cwd, "prices.csv", `a,b,price\n${lines.join("\n")}\n`);
    const words = ["train", "prices.csv", "--target", "price", "--json"];
    const end = jsonLines((await run(words, { cwd })).out).at(-1) as { test: { r2: number } };
    expect(end.test.r2).toBeGreaterThan(0.99);
    file(cwd, "prices-new.csv", "a,b\n10,10\n");
    const { out } = await run(["predict", "prices-seed0", "prices-new.csv"], { cwd });
    const [header, value] = out.trim().split("\n");
    expect(header).toBe("value");
    // 1000 + 300 − 200 + 0.5, missed by at most a tenth of the prices' spread.
    expect(Math.abs(Number(value) - 1100.5)).toBeLessThan(20);
    const threshold = ["train", "prices.csv", "--target", "price", "--min-accuracy", "0.9"];
    expect(await run(threshold, { cwd })).toMatchObject({
      code: 2,
      err: "chainrule: --min-accuracy: expected classes, got a regression; leave it out.\n",
    });
  });
});

describe("commands that only look", () => {
  test("summary of an experiment, with a change, and of a run", async () => {
    const { out } = await run(["summary", "iris", "--set", "network.0.units=20"], { cwd });
    expect(out).toMatch(/^linear .*\[batch, 20\] +100$/m);
    const saved = await run(["summary", "iris-seed1", "--json"], { cwd });
    expect(jsonLines(saved.out)).toMatchObject([{ input: [4], output: [3], parameterCount: 91 }]);
  });

  test("datasets", async () => {
    const { out } = await run(["datasets"], { cwd });
    expect(out).toMatch(/^Name .*\niris +150 +4 +3 /);
    const [list] = jsonLines((await run(["datasets", "--json"], { cwd })).out);
    expect(list).toHaveLength(out.trim().split("\n").length - 1);
  });

  test("doctor trains on every backend and compares", async () => {
    const { code, out } = await run(["doctor"], { cwd });
    expect(out).toContain("ok       WebAssembly SIMD: yes");
    expect(out).toMatch(/ok {7}five steps of training, wasm strict against the reference/);
    expect(code).toBe(0);
    const [report] = jsonLines((await run(["doctor", "--json"], { cwd })).out);
    expect(report).toMatchObject({ ok: true, environment: { node: expect.any(String) } });
  });

  test("doctor names a cache folder that cannot be: nothing is broken without", async () => {
    const blocked = join(cwd, file(cwd, "occupied", ""), "cache");
    const { code, out } = await run(["doctor"], { cwd, env: { CHAINRULE_CACHE_DIR: blocked } });
    expect(out).toMatch(
      /^missing {2}cache for .*: .*cache is not writable; set CHAINRULE_CACHE_DIR$/m,
    );
    expect(code).toBe(0);
  });

  test("help opens with examples; the version is the package's", async () => {
    const { code, out } = await run(["train", "--help"], { cwd });
    expect(out).toMatch(/^Examples:\n {2}chainrule train iris/);
    expect(code).toBe(0);
    const description = join(import.meta.dirname, "..", "..", "package.json");
    const { version } = JSON.parse(readFileSync(description, "utf8"));
    expect(await run(["--version"], { cwd })).toMatchObject({ code: 0, out: `${version}\n` });
  });
});
