import { expect, test } from "vitest";
import { build } from "../ir/index.ts";
import { readMasksFromResults } from "./masks.ts";

const { input, mul } = build;

const z = input("z", [8], "float32");
const g = input("g", [8], "float32");
const zero = build.fullLike(0, z);

test.each([
  [0.01, true],
  [0, true],
  // Its sign is not that of z.
  [-1, false],
])("the mask of a rectifier of slope %f is read from its result: %s", (slope, isRead) => {
  const isPositive = build.binary("gt", z, zero);
  const y = build.select(isPositive, z, mul(z, build.fullLike(slope, z)));
  const derivative = build.select(isPositive, g, zero);
  const [result, gradient] = readMasksFromResults([y, derivative]);
  expect(gradient.inputs[0].inputs[0]).toBe(isRead ? result : z);
});
