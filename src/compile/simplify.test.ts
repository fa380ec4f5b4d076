import { expect, test } from "vitest";
import { build } from "../ir/index.ts";
import { simplify, uniformValue } from "./simplify.ts";

const { input, add, broadcast, div, mul, reduceSum, reshape, scalar, sub, unary } = build;

const x = input("x", [64, 4], "float32");

test("a mean that kept its axes is the mean that dropped them", () => {
  const count = scalar(64, "float32");
  const kept = sub(x, div(reduceSum(x, [0], true), count));
  const dropped = sub(x, div(reduceSum(x, [0]), count));
  const [a, b] = simplify([kept, dropped]);
  expect(a).toBe(b);
});

test("axes of length 1 that do not lead stay where they are", () => {
  const y = input("y", [4, 4], "float32");
  const mean = reduceSum(y, [1]);
  const [rows, columns] = simplify([add(y, reshape(mean, [4, 1])), add(y, mean)]);
  expect(rows).not.toBe(columns);
});

test("minus a number or 0 is that number negated, or 0", () => {
  const mask = build.binary("gt", x, build.fullLike(0, x));
  const masked = build.select(mask, build.fullLike(3, x), build.fullLike(0, x));
  const [negated] = simplify([unary("neg", masked)]);
  expect(negated.op).toBe("select");
  expect(negated.inputs.slice(1).map(uniformValue)).toEqual([-3, 0]);
  const [other] = simplify([unary("neg", build.select(mask, x, build.fullLike(0, x)))]);
  expect(other.op).toBe("neg");
});

test("many divisions by one root are products with its inverse", () => {
  const deviation = unary("sqrt", input("variance", [4], "float32"));
  const [many] = simplify([div(x, broadcast(deviation, x.shape))]);
  expect(many.op).toBe("mul");
  const few = input("few", [3, 4], "float32");
  const [division] = simplify([div(few, broadcast(deviation, few.shape))]);
  expect(division.op).toBe("div");
  const other = input("other", [4], "float32");
  expect(simplify([div(x, broadcast(mul(other, other), x.shape))])[0].op).toBe("div");
});

test("the two halves of a derivative with two slopes are one select", () => {
  const g = input("g", [64, 4], "float32");
  const zero = build.fullLike(0, x);
  const isPositive = build.binary("gt", x, zero);
  const steep = build.select(isPositive, g, zero);
  const flat = mul(build.select(isPositive, zero, g), build.fullLike(0.01, x));
  for (const sum of [add(steep, flat), add(flat, steep)]) {
    const [joined] = simplify([sum]);
    expect(joined.op).toBe("select");
    expect(joined.inputs[1].op).toBe("input");
    expect(joined.inputs[2].op).toBe("mul");
  }
  const other = build.select(build.binary("gt", g, zero), zero, g);
  expect(simplify([add(steep, other)])[0].op).toBe("add");
});

test("what a mask multiplies and selects is selected once", () => {
  const one = scalar(1, "float32");
  const zero = build.fullLike(0, x);
  const mask = build.binary("gt", x, build.fullLike(2, x));
  const target = build.cast(mask, "float32");
  const isZero = build.binary("eq", target, zero);
  const [scaled, guarded, other] = simplify([
    build.select(isZero, zero, mul(build.fullLike(-0.5, x), target)),
    mul(build.select(isZero, zero, unary("log", x)), target),
    mul(add(x, one), target),
  ]);
  expect(scaled.op).toBe("select");
  expect(scaled.inputs.map(({ op }) => op)).toEqual(["gt", "broadcast", "broadcast"]);
  expect(guarded.inputs.map(({ op }) => op)).toEqual(["gt", "log", "broadcast"]);
  // Where x is infinite the product is NaN.
  expect(other.op).toBe("mul");
});
