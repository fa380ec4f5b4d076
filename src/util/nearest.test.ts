import { expect, test } from "vitest";
import { editDistance, nearestName } from "./nearest.ts";

test("edit distance counts insertions, deletions, substitutions and swaps", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("kitten", "sitting")).toBe(3);
  expect(editDistance("irsi", "iris")).toBe(1);
  expect(editDistance("same", "same")).toBe(0);
});

test("the nearest name is offered only when it is near", () => {
  expect(nearestName("Specis", ["sepal_length", "species"])).toBe("species");
  expect(nearestName("irsi", ["digits", "iris", "xor"])).toBe("iris");
  expect(nearestName("price", ["sepal_length", "species"])).toBeUndefined();
  expect(nearestName("x", [])).toBeUndefined();
});
