/** Copies of rows that lie far apart in a large table, and of short ones. */

import { expect, test } from "vitest";
import { build, makeNode } from "../../ir/index.ts";
import { wasmBackend } from "./index.ts";

test.each([
  [9, 8],
  [9, 15],
  [9, 20],
  [5, 128],
  [5, 131],
  [5, 700],
  [150, 700],
])("%i rows of %i elements of a table of 6000", (count, length) => {
  const rows = 6000;
  const table = build.input("table", [rows, length], "float32");
  const order = build.input("order", [count], "int32");
  const copy = makeNode("gather", [table, order], {});
  const executable = wasmBackend().compile([{ name: "main", outputs: [copy] }]);
  executable.write(
    table,
    Float32Array.from({ length: rows * length }, (_, i) => i),
  );
  const chosen = Array.from({ length: count }, (_, i) => (i * 1237 + 3) % rows);
  chosen.splice(1, 4, rows - 1, 0, rows, -1);
  executable.write(order, Int32Array.from(chosen));
  executable.run("main");
  const expected = chosen.flatMap((row) =>
    Array.from({ length }, (_, i) => (row >= 0 && row < rows ? row * length + i : 0)),
  );
  expect([...executable.read(copy)]).toEqual(expected);
});
