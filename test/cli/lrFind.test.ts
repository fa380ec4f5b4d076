import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { file, jsonLines, run, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();

test("lr-find suggests a rate in words, and draws the curve", async () => {
  const { code, out, err } = await run(["lr-find", "iris", "--seed", "1"], { cwd });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [, rate] = /^Suggestion {2}([\d.]+), where the loss falls fastest/.exec(out) ?? [];
  expect(out).toContain(`--set optimizer.learningRate=${rate}`);
  expect(Number(rate)).toBeGreaterThan(1e-3);
  expect(Number(rate)).toBeLessThan(1);
  const svg = readFileSync(join(cwd, "lr-find.svg"), "utf8");
  expect(svg).toContain(">suggestion ");
  expect(existsSync(join(cwd, "runs"))).toBe(false);
});

test("--json gives the points and the suggestion, --out the folder; the same seed, the same bits", async () => {
  const words = ["lr-find", "iris", "--json", "--steps", "40", "--from", "1e-5", "--out", "found"];
  const [first, second] = await Promise.all([run(words, { cwd }), run(words, { cwd })]);
  expect(first).toEqual(second);
  const [{ suggestion, points, figure }] = jsonLines(first.out) as {
    suggestion: number;
    points: { learningRate: number; loss: number; smoothed: number }[];
    figure: string;
  }[];
  expect(points[0].learningRate).toBe(1e-5);
  expect(points.length).toBeLessThanOrEqual(40);
  expect(points.map(({ learningRate }) => learningRate)).toContain(suggestion);
  expect(figure).toBe(join("found", "lr-find.svg"));
  expect(existsSync(join(cwd, figure))).toBe(true);
});

test("a table of one's own, and an optimizer inside of a wrapper", async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 7},${i % 5},${(i % 7) * 2 - (i % 5)}`);
  file(cwd, "own.csv", `a,b,y\n${rows.join("\n")}\n`);
  const optimizer = '{"kind":"clipByNorm","limit":1,"optimizer":"sgd"}';
  const words = ["lr-find", "own.csv", "--target", "y", "--set", `optimizer=${optimizer}`];
  const { code, out } = await run(words, { cwd });
  expect(code).toBe(0);
  expect(out).toContain("--set optimizer.optimizer.learningRate=");
});

test("wrong ranges, and an optimizer without a rate to find, are wrong usage", async () => {
  const fails = async (...words: string[]) => {
    const { code, err } = await run(["lr-find", "iris", ...words], { cwd });
    expect(code).toBe(2);
    return err;
  };
  expect(await fails("--from", "small")).toContain('--from: expected a number, got "small".');
  expect(await fails("--from", "5", "--to", "1")).toContain("expected 0 < from < to");
  expect(await fails("--set", "optimizer=lbfgs")).toContain("finds its step lengths itself");
});
