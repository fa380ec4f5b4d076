import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DataError, ShapeError } from "../util/index.ts";
import { Dataset } from "./dataset.ts";
import { digits, iris } from "./embedded.ts";
import { describePreprocessing, parsePreprocessing } from "./preprocessing.ts";
import { fitStandardization, parseStandardization, Standardization } from "./standardize.ts";

interface Golden {
  readonly standardization: Record<string, { readonly mean: number[]; readonly scale: number[] }>;
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("./golden/data.json", import.meta.url), "utf8"),
);

// 1e-12 relative: the same sums in another order.
test.each([
  ["iris", iris()],
  ["digits", digits()],
])("%s is fitted as by scikit-learn's StandardScaler", (name, set) => {
  const { mean, scale } = fitStandardization(set);
  const expected = golden.standardization[name];
  mean.forEach((value, i) => {
    expect(Math.abs(value - expected.mean[i])).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(value)));
    expect(Math.abs(scale[i] - expected.scale[i])).toBeLessThanOrEqual(1e-12 * scale[i]);
  });
});

const column = (values: readonly number[]) =>
  new Dataset({
    name: "column",
    inputs: Float64Array.from(values),
    inputShape: [1],
    targets: new Float64Array(values.length),
  });

test("a constant feature gets scale 1, also when its mean is rounded", () => {
  expect(fitStandardization(column([0.1, 0.1, 0.1])).scale).toEqual([1]);
  expect(fitStandardization(column([3, 3])).apply(column([3, 4])).inputs).toEqual(
    Float64Array.of(0, 1),
  );
});

test("the training part gets mean 0 and deviation 1, and the test part the training part's numbers", () => {
  const { train, test: held } = iris().split({ test: 0.2, stratify: true, seed: 1 });
  const fitted = fitStandardization(train);
  const again = fitStandardization(fitted.apply(train));
  again.mean.forEach((mean, i) => {
    expect(Math.abs(mean)).toBeLessThan(1e-13); // rounding of 120 terms of size 1
    expect(again.scale[i]).toBeCloseTo(1, 13);
  });
  const first = (held.inputs[0] - fitted.mean[0]) / fitted.scale[0];
  expect(fitted.apply(held).inputs[0]).toBe(first);
  const back = fitted.invert(fitted.apply(held));
  back.inputs.forEach((value, i) => {
    expect(value).toBeCloseTo(held.inputs[i], 13); // two roundings
  });
});

test("float32 inputs stay float32", () => {
  const fitted = new Standardization({ mean: [1, 2], scale: [1, 2] });
  expect(fitted.applyTo(Float32Array.of(2, 6))).toEqual(Float32Array.of(1, 2));
  expect(fitted.invertTo(Float32Array.of(1, 2))).toEqual(Float32Array.of(2, 6));
});

test("rows of another width are refused", () => {
  const fitted = new Standardization({ mean: [1, 2], scale: [1, 2] });
  expect(() => fitted.apply(iris())).toThrow(
    new ShapeError("Standardization: expected rows of 2 values, as fitted, got rows of 4 values."),
  );
  expect(() => fitted.applyTo(new Float64Array(3))).toThrow(ShapeError);
});

test("a standardization survives JSON, and other JSON is refused", () => {
  const fitted = fitStandardization(iris());
  expect(parseStandardization(JSON.parse(JSON.stringify(fitted)))).toEqual(fitted);
  expect(() => parseStandardization({ mean: [1] })).toThrow(DataError);
  expect(() => parseStandardization({ mean: [1], scale: ["1"] })).toThrow(DataError);
  expect(() => parseStandardization({ mean: [1], scale: [0] })).toThrow(/positive finite scale/);
  expect(() => parseStandardization({ mean: [], scale: [] })).toThrow(/at least one/);
});

test("the preprocessing of a training part survives JSON", () => {
  const set = iris();
  const described = describePreprocessing(set, fitStandardization(set));
  expect(parsePreprocessing(JSON.parse(JSON.stringify(described)))).toEqual(described);
  const plain = describePreprocessing(column([1, 2]));
  expect(JSON.stringify(plain)).toBe('{"inputShape":[1],"targetShape":[]}');
  expect(parsePreprocessing(JSON.parse(JSON.stringify(plain)))).toEqual(plain);
});

test("a broken preprocessing is refused by the name of its field", () => {
  expect(() => parsePreprocessing(null)).toThrow(DataError);
  expect(() => parsePreprocessing({ targetShape: [] })).toThrow(
    new DataError(
      'Preprocessing: expected "inputShape" to be a list of positive whole numbers, got nothing.',
    ),
  );
  expect(() => parsePreprocessing({ inputShape: [4], targetShape: [], classNames: [1] })).toThrow(
    new DataError('Preprocessing: expected "classNames" to be a list of texts, got [1].'),
  );
});
