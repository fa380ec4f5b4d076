import { expect, test } from "vitest";
import type { ScalarOp, Value } from "../../compile/index.ts";
import { hasShortForm } from "./ranges.ts";

const op = (name: ScalarOp, ...inputs: Value[]): Value => ({
  kind: "op",
  op: name,
  inputs,
  dtype: "float32",
});
const constant = (value: number): Value => ({ kind: "constant", value, dtype: "float32" });
const [a, b, c, other] = [0, 1, 2, 3].map((offset): Value => {
  return { kind: "load", buffer: 0, at: { offset, strides: [4] }, dtype: "float32" };
});
const m = op("max", op("max", a, b), c);
const guarded = op("select", op("lt", op("abs", m), constant(Infinity)), m, constant(0));

test("exponentials of differences from a maximum are short", () => {
  for (const x of [a, b, c]) {
    expect(hasShortForm("exp", op("sub", x, m))).toBe(true);
    expect(hasShortForm("exp", op("sub", x, guarded))).toBe(true);
  }
});

test("those of other arguments are not", () => {
  expect(hasShortForm("exp", a)).toBe(false);
  expect(hasShortForm("exp", op("sub", other, m))).toBe(false);
  expect(hasShortForm("exp", op("sub", m, a))).toBe(false);
  const clipped = op("select", op("lt", op("abs", m), constant(9)), m, constant(0));
  expect(hasShortForm("exp", op("sub", a, clipped))).toBe(false);
  const foreign = op("select", op("lt", op("abs", other), constant(Infinity)), m, constant(0));
  expect(hasShortForm("exp", op("sub", a, foreign))).toBe(false);
});

test("logarithms of sums of exponentials are short, others not", () => {
  const e = op("exp", a);
  expect(hasShortForm("log", e)).toBe(true);
  expect(hasShortForm("log", op("add", op("add", e, op("exp", b)), e))).toBe(true);
  expect(hasShortForm("log", op("add", e, constant(1)))).toBe(false);
  expect(hasShortForm("log", op("mul", e, e))).toBe(false);
  expect(hasShortForm("tanh", op("sub", a, m))).toBe(false);
});
