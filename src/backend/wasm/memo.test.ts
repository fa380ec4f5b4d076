import { expect, test } from "vitest";
import type { Value } from "../../compile/index.ts";
import { ScopedMemo } from "./memo.ts";

const value: Value = { kind: "constant", value: 1, dtype: "float32" };
const other: Value = { kind: "constant", value: 1, dtype: "float32" };

test("what a scope entered is known inside of it, and forgotten after it", () => {
  const memo = new ScopedMemo<string>();
  memo.enter(value, "0", "outer");
  memo.push();
  expect(memo.find(value, "0")).toBe("outer");
  memo.enter(value, "1", "inner");
  expect(memo.find(value, "1")).toBe("inner");
  expect(memo.find(other, "1")).toBeUndefined();
  memo.pop();
  expect(memo.find(value, "1")).toBeUndefined();
  expect(memo.find(value, "0")).toBe("outer");
});

test("what an inner scope entered in the place of an outer result gives way to it again", () => {
  const memo = new ScopedMemo<string>();
  memo.enter(value, "0", "outer");
  memo.push();
  memo.enter(value, "0", "first");
  memo.enter(value, "0", "second");
  expect(memo.find(value, "0")).toBe("second");
  memo.pop();
  expect(memo.find(value, "0")).toBe("outer");
});
