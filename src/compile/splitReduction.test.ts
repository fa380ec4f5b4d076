import { expect, test } from "vitest";
import { build } from "../ir/index.ts";
import { compilePrograms } from "./compile.ts";

const { input, mul, reduceSum, scalar } = build;

function kernelsOf(shape: readonly number[], axes: readonly number[]) {
  const x = input("x", shape, "float32");
  const outputs = [mul(reduceSum(x, axes), scalar(2, "float32"))];
  return compilePrograms([{ name: "main", outputs }]).programs[0].kernels;
}

test("a deep sum to few results is one over slabs, then one over their sums", () => {
  const [first, second, ...rest] = kernelsOf([128, 24, 24, 6], [0, 1, 2]);
  expect(rest).toEqual([]);
  expect(first).toMatchObject({
    kind: "reduce",
    extents: [64, 6],
    reduced: [2, 24, 24],
    inputs: [{ at: { offset: 0, strides: [2 * 24 * 24 * 6, 1, 24 * 24 * 6, 24 * 6, 6] } }],
  });
  expect(second).toMatchObject({
    extents: [6],
    reduced: [64],
    inputs: [{ at: { offset: 0, strides: [1, 6] } }],
  });
});

test("slabs are of a dimension that can be cut", () => {
  const [first] = kernelsOf([127, 40, 16], [0, 1]);
  expect(first).toMatchObject({ extents: [10, 16], reduced: [127, 4] });
});

test.each([
  ["shallow", [64, 10], [0]],
  ["of many results", [64, 4096], [0]],
  ["that cannot be cut", [60_013], [0]],
] as const)("a sum %s stays whole", (_, shape, axes) => {
  expect(kernelsOf(shape, axes)).toHaveLength(1);
});
