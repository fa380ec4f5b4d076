import { expect, test } from "vitest";
import { build } from "../ir/index.ts";
import { compilePrograms } from "./compile.ts";

const { input, add, div, matmul, mul, reduceSum, scalar, sub } = build;

test("what a product feeds to several sums is stored by the product, and deviations are not stored", () => {
  const x = input("x", [32, 5], "float32");
  const weights = input("weights", [5, 8], "float32");
  const bias = input("bias", [8], "float32");
  const z = add(matmul(x, weights), bias);
  const count = scalar(32, "float32");
  const centred = sub(z, div(reduceSum(z, [0]), count));
  const variance = div(reduceSum(mul(centred, centred), [0]), count);
  const { programs } = compilePrograms([{ name: "main", outputs: [mul(centred, variance)] }]);
  const [product, mean, squares, result] = programs[0].kernels;
  expect(programs[0].kernels.map(({ kind }) => kind)).toEqual([
    "contract",
    "reduce",
    "reduce",
    "map",
  ]);
  for (const kernel of [product, mean, squares, result]) {
    expect("stores" in kernel && kernel.stores).toHaveLength(1);
    expect(kernel.kind === "reduce" ? kernel.sideStores : []).toHaveLength(0);
  }
});

test("a shift that a softmax subtracts is computed once a row, with the maximum", () => {
  const x = input("x", [40, 10], "float32");
  const most = build.reduce("reduceMax", x, [1], true);
  const isNumber = build.binary("lt", build.unary("abs", most), build.fullLike(Infinity, most));
  const shifted = sub(x, build.select(isNumber, most, build.fullLike(0, most)));
  const powers = build.unary("exp", shifted);
  const total = reduceSum(powers, [1], true);
  const { programs } = compilePrograms([
    { name: "main", outputs: [div(powers, total), sub(shifted, build.unary("log", total))] },
  ]);
  const [maximum, sum] = programs[0].kernels;
  expect(maximum).toMatchObject({ op: "reduceMax", stores: [{ value: { op: "select" } }] });
  expect(sum).toMatchObject({ op: "reduceSum", inputs: [{ inputs: [{ op: "sub" }] }] });
  expect(sum).toMatchObject({ sideStores: { length: 1 } });
});
