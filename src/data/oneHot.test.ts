import fc from "fast-check";
import { expect, test } from "vitest";
import { DataError, ShapeError } from "../util/index.ts";
import { fromOneHot, oneHot } from "./oneHot.ts";

test("labels become indicator rows and come back", () => {
  expect(oneHot([2, 0], 3)).toEqual(Float64Array.of(0, 0, 1, 1, 0, 0));
  fc.assert(
    fc.property(fc.array(fc.nat(6)), (labels) => {
      expect([...fromOneHot(oneHot(labels, 7, new Float32Array(0)), 7)]).toEqual(labels);
    }),
  );
});

test("equal values give the first class", () => {
  expect([...fromOneHot([0.5, 0.5, 0.2, 0.8], 2)]).toEqual([0, 1]);
});

test("a label out of range and half a row are refused", () => {
  expect(() => oneHot([0, 3], 3)).toThrow(
    new DataError("oneHot: row 1 has label 3, expected a whole number from 0 to 2."),
  );
  expect(() => oneHot([0.5], 3)).toThrow(DataError);
  expect(() => fromOneHot([1, 0, 0], 2)).toThrow(
    new ShapeError("fromOneHot: expected rows of 2 values, got 3 values."),
  );
});
