/** Tests the rules of the map on small trees of files. */

import { expect, test } from "vitest";
import { checkImports } from "./check-imports.ts";

/** The violations of a tree as "file:line rule". */
const check = (files: Record<string, string>) =>
  checkImports(new Map(Object.entries(files))).map(
    ({ file, line, rule }) => `${file}:${line} ${rule}`,
  );

test("imports to lower levels, within a folder and from tests are fine", () => {
  expect(
    check({
      "src/util/index.ts": 'export * from "./errors.ts";',
      "src/util/errors.ts": "",
      "src/ir/graph.ts": 'import { ShapeError } from "../util/index.ts";',
      "src/ir/node.ts": 'import "./graph.ts";',
      "src/tensor/tensor.ts": 'import "../ir/node.ts"; import "../util/errors.ts";',
      "src/ir/graph.test.ts":
        'import "../tensor/tensor.ts"; import { readFileSync } from "node:fs";',
      "src/report/table.ts": 'import { z } from "zod";',
      "src/index.ts": 'export * from "./tensor/tensor.ts";',
      "src/cli/main.ts":
        'import "node:fs"; import "../../experiments/iris.ts"; import "../index.ts";',
      "experiments/iris.ts": 'import "../src/index.ts";',
    }),
  ).toEqual([]);
});

test("an import to a higher level is reported at its line", () => {
  const files = { "src/ir/graph.ts": '\nimport "../tensor/index.ts";', "src/tensor/index.ts": "" };
  expect(checkImports(new Map(Object.entries(files)))).toEqual([
    {
      file: "src/ir/graph.ts",
      line: 2,
      rule: "direction",
      message: '"../tensor/index.ts": ir (1) imports tensor (3); imports point to lower levels',
    },
  ]);
});

test("siblings of one level do not import each other, types included", () => {
  expect(check({ "src/nn/a.ts": 'import type { X } from "../optim/b.ts";' })).toEqual([
    "src/nn/a.ts:1 direction",
  ]);
});

test("backend may import compile, and not the other way round", () => {
  expect(
    check({
      "src/backend/wasm/a.ts": 'import "../../compile/b.ts";',
      "src/compile/c.ts": 'import "../backend/d.ts";',
    }),
  ).toEqual(["src/compile/c.ts:1 direction"]);
});

test("only cli imports experiments, and nobody below imports the package's entry", () => {
  expect(
    check({
      "src/server/a.ts": 'import "../../experiments/iris.ts";',
      "src/train/b.ts": 'import "../index.ts";',
    }),
  ).toEqual(["src/server/a.ts:1 direction", "src/train/b.ts:1 direction"]);
});

test("Node.js is for cli, server and *.node.ts, which other files do not import", () => {
  expect(
    check({
      "src/data/a.ts": 'import "node:fs";\nimport "path";\nimport "./b.node.ts";',
      "src/data/b.node.ts": 'import "node:fs"; import "./index.node.ts";',
      "src/data/index.node.ts": "",
      "src/server/c.ts": 'import "../data/b.node.ts";',
      "experiments/d.ts": 'import "../src/data/b.node.ts";',
    }),
  ).toEqual([
    "experiments/d.ts:1 node",
    "src/data/a.ts:1 node",
    "src/data/a.ts:2 node",
    "src/data/a.ts:3 node",
  ]);
});

test("the engine core has no dependency, and nobody imports the package by its own name", () => {
  expect(
    check({
      "src/tensor/a.ts": 'import { z } from "zod";',
      "experiments/b.ts": 'import { train } from "chainrule/train";',
    }),
  ).toEqual(["experiments/b.ts:1 own-name", "src/tensor/a.ts:1 dependency"]);
});

test("nothing imports a test, or files outside of src and experiments", () => {
  expect(
    check({
      "src/ir/a.ts": 'import "./b.test.ts";\nimport "../../test/fuzz/graphs.ts";',
      "src/ir/c.ts": 'import "./shared.testing.ts";',
      "src/ir/shared.testing.ts": 'import "node:fs"; import "../tensor/index.ts";',
    }),
  ).toEqual(["src/ir/a.ts:1 test", "src/ir/a.ts:2 outside", "src/ir/c.ts:1 test"]);
});

test("files that import in a circle are reported once, with the way around", () => {
  const files = {
    "src/ir/a.ts": 'import "./b.ts";',
    "src/ir/b.ts": '\nimport type { A } from "./c.ts";',
    "src/ir/c.ts": 'export * from "./a.ts";',
    "src/ir/d.ts": 'import "./a.ts"; import("./d.ts");',
  };
  expect(checkImports(new Map(Object.entries(files))).map(({ message }) => message)).toEqual([
    "files import in a circle: src/ir/a.ts → src/ir/b.ts → src/ir/c.ts → src/ir/a.ts",
    "files import in a circle: src/ir/d.ts → src/ir/d.ts",
  ]);
});

test("two circles through one file are both reported", () => {
  expect(
    check({
      "src/ir/a.ts": 'import "./b.ts";\nimport "./c.ts";',
      "src/ir/b.ts": 'import "./a.ts";',
      "src/ir/c.ts": 'import "./a.ts";',
    }),
  ).toEqual(["src/ir/a.ts:1 cycle", "src/ir/c.ts:1 cycle"]);
});

test("a folder of src without a level is reported once", () => {
  expect(check({ "src/misc/a.ts": "", "src/misc/b.ts": "", "src/ir/a.ts": "" })).toEqual([
    "src/misc/a.ts:1 unknown-folder",
  ]);
});
