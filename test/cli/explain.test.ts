/** `explain`, `graph` and `activations` on the command line. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonLines, run, temporaryFolder } from "./run.testing.ts";

const cwd = temporaryFolder();
const std = "sqrt(((x1-m)^2+(x2-m)^2)/2) where m=(x1+x2)/2";

test("a formula: value 2, gradients −0.5 and 0.5, 0 at m", async () => {
  const { code, out } = await run(["explain", "--expr", std, "--at", "x1=-1,x2=3", "--json"], {
    cwd,
  });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ value: 2, gradients: { x1: -0.5, x2: 0.5, m: 0 } });
});

test("errors of formulas point at the column, with exit code 2", async () => {
  const unknown = await run(["explain", "--expr", "sqr(x)", "--at", "x=1"], { cwd });
  expect(unknown.code).toBe(2);
  expect(unknown.err).toContain(
    'unknown function "sqr" at column 1; did you mean "sqrt"?\n  sqr(x)\n  ^^^',
  );
  const point = await run(["explain", "--expr", "x", "--at", "x"], { cwd });
  expect(point.err).toContain("expected name=number pairs such as x1=-1,x2=3");
  const division = await run(["explain", "--expr", "1/x", "--at", "x=0"], { cwd });
  expect(division.code).toBe(1);
  expect(division.err).toContain("division by zero at column 1");
});

test.each([
  ["html", "<math "],
  ["md", "$$"],
  ["latex", "\\begin{document}"],
  ["svg", "<svg "],
  ["text", "All gradients agree."],
])("an experiment as %s", async (format, content) => {
  const { code, out } = await run(["explain", "iris", "--sample", "0", "--format", format], {
    cwd,
  });
  expect(code).toBe(0);
  expect(out).toContain(content);
});

test("a batch as JSON: every gradient agrees", async () => {
  const { out } = await run(["explain", "iris", "--sample", "0,1,2", "--json"], { cwd });
  const [result] = jsonLines(out);
  expect(result.passed).toBe(true);
  expect(result.graph).toHaveProperty("nodes");
});

test("a row that is not there, and an unknown format", async () => {
  const row = await run(["explain", "iris", "--sample", "120"], { cwd });
  expect(row.code).toBe(2);
  expect(row.err).toContain("expected rows from 0 to 119 of the training part, got 120");
  const format = await run(["explain", "iris", "--format", "pdf"], { cwd });
  expect(format.err).toContain("--format: expected one of text, html, md, latex, svg, json");
});

test("the graph goes to files of three formats", async () => {
  for (const [name, start] of [
    ["g.svg", "<svg"],
    ["g.dot", "digraph"],
    ["g.json", '{"title"'],
  ]) {
    const { code } = await run(["graph", "xor", "--detail", "scalars", "--out", name], { cwd });
    expect(code).toBe(0);
    expect(existsSync(join(cwd, name))).toBe(true);
    expect(readFileSync(join(cwd, name), "utf8").startsWith(start)).toBe(true);
  }
  const large = await run(["graph", "digits", "--detail", "scalars"], { cwd });
  expect(large.code).toBe(2);
  expect(large.err).toContain('use detail: "ops"');
});

test("pictures as PNG files: the graph, a formula, the curves of activations", async () => {
  for (const args of [
    ["graph", "iris", "--out", "graph.png"],
    ["explain", "iris", "--out", "iris.png"],
    ["explain", "--expr", std, "--at", "x1=-1,x2=3", "--format", "png", "--out", "formula.png"],
    ["activations", "relu", "tanh", "--out", "curves.png"],
  ]) {
    const { code, err } = await run(args, { cwd });
    expect(err).toContain(`Wrote ${args.at(-1)}`);
    expect(code).toBe(0);
    const [first, ...name] = readFileSync(join(cwd, args.at(-1)!)).subarray(0, 4);
    expect([first, String.fromCharCode(...name)]).toEqual([0x89, "PNG"]);
  }
  const stdout = await run(["explain", "iris", "--format", "png"], { cwd });
  expect(stdout.code).toBe(2);
  expect(stdout.err).toContain("--format png: expected --out with the name of a file to write.");
  const other = await run(["graph", "xor", "--out", "graph.gif"], { cwd });
  expect(other.err).toContain("expected a name that ends with .svg, .png, .dot or .json");
});

test("activations: text, JSON and curves", async () => {
  const text = await run(["activations", "relu"], { cwd });
  expect(text.out).toContain("ReLU′(x) = { 1 if x > 0; 0 otherwise }");
  const json = await run(["activations", "--json"], { cwd });
  expect(jsonLines(json.out).length).toBeGreaterThan(15);
  await run(["activations", "relu", "tanh", "--out", "curves.svg"], { cwd });
  expect(readFileSync(join(cwd, "curves.svg"), "utf8")).toContain("tanh");
});

test("a formula as a page and as Markdown; other formats are named", async () => {
  const formula = ["explain", "--expr", std, "--at", "x1=-1,x2=3"];
  const page = await run([...formula, "--out", "formula.html"], { cwd });
  expect(page.code).toBe(0);
  expect(readFileSync(join(cwd, "formula.html"), "utf8")).toContain("<svg ");
  const { out } = await run([...formula, "--format", "md", "--language", "zh"], { cwd });
  expect(out).toContain("| `x1` | −1 | −0.5 | −0.5 |");
  const { err } = await run([...formula, "--format", "latex"], { cwd });
  expect(err).toContain('a formula is explained as text, html, md, json, svg or png, got "latex"');
});

test("a PNG with Chinese letters says that its font has none", async () => {
  const { code, err } = await run(
    ["explain", "--expr", "速度^2", "--at", "速度=2", "--out", "speed.png"],
    { cwd },
  );
  expect(code).toBe(2);
  expect(err).toContain('has no letters for "速度"; write SVG instead');
  expect(existsSync(join(cwd, "speed.png"))).toBe(false);
});
