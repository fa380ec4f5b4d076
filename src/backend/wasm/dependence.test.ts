import { expect, test } from "vitest";
import { reachable, type ScalarOp, type Value } from "../../compile/index.ts";
import { Dependence } from "./dependence.ts";

const op = (name: ScalarOp, ...inputs: Value[]): Value => ({
  kind: "op",
  op: name,
  inputs,
  dtype: "float32",
});
const [x, y, z] = [0, 1, 2].map((buffer): Value => {
  return { kind: "load", buffer, at: { offset: 0, strides: [1] }, dtype: "float32" };
});
const product = op("mul", x, y);

test.each<[string, Value, boolean]>([
  ["added once", op("add", z, product), true],
  ["added twice", op("add", op("add", z, product), product), true],
  ["added and taken away", op("mul", op("add", z, product), op("sub", x, product)), true],
  ["what something is taken from too", op("add", op("sub", product, z), product), false],
  ["beside itself", op("add", product, product), false],
  ["a factor too", op("mul", op("add", z, product), product), false],
])("a product is part of sums: %s", (_, root, isFree) => {
  const dependence = new Dependence([root], reachable([root]));
  expect(dependence.isFree(product)).toBe(isFree);
});

test("a product of what would be computed for each sum is not", () => {
  const costly = op("mul", op("sqrt", x), y);
  const root = op("add", op("add", z, costly), costly);
  expect(new Dependence([root], reachable([root])).isFree(costly)).toBe(false);
});
