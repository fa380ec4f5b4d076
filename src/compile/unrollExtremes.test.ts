import { expect, test } from "vitest";
import { build, type Node, topologicalOrder } from "../ir/index.ts";
import { unrollExtremes } from "./unrollExtremes.ts";

const opsOf = (root: Node) => topologicalOrder([root]).map(({ op }) => op);

function unrolled(shape: readonly number[], axes: readonly number[]): string[] {
  const x = build.input("x", shape, "float32");
  const [root] = unrollExtremes([build.reduce("reduceMax", x, axes)]);
  return opsOf(root);
}

test("a maximum over a few elements is written out, one over many or along the lanes is not", () => {
  expect(unrolled([5, 2, 2, 3], [1, 2]).filter((op) => op === "max")).toHaveLength(3);
  expect(unrolled([5, 2, 2, 3], [1, 2])).not.toContain("reduceMax");
  expect(unrolled([5, 10, 3], [1])).toContain("reduceMax");
  expect(unrolled([5, 3], [1])).toContain("reduceMax");
});

test("positions become numbers, and what repeats along the axes is taken once", () => {
  const x = build.input("x", [5, 2, 3], "float32");
  const largest = build.reduce("reduceMax", x, [1], true);
  const isBeaten = build.binary("lt", x, build.broadcast(largest, x.shape));
  const position = build.iota(1, x.shape, "int32");
  const places = build.select(isBeaten, build.fullLike(9, position), position);
  const [first] = unrollExtremes([build.reduce("reduceMin", places, [1])]);
  const ops = opsOf(first);
  expect(ops).not.toContain("iota");
  // Two elements of x, cut out once for the maximum and its comparisons.
  expect(ops.filter((op) => op === "slice")).toHaveLength(2);
});
