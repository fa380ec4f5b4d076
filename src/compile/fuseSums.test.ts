import { expect, test } from "vitest";
import { build, type Node } from "../ir/index.ts";
import { compilePrograms } from "./compile.ts";

const { input, matmul, mul, reduceSum, sub } = build;

const kernelsOf = (...outputs: Node[]) =>
  compilePrograms([{ name: "main", outputs }]).programs[0].kernels;

const matrix = (name: string, rows: number, columns: number) =>
  input(name, [rows, columns], "float32");

test("the gradients of a bias and of a few rows of weights are one loop over the batch", () => {
  const errors = matrix("errors", 40, 16);
  const kernels = kernelsOf(
    matmul(matrix("inputs", 3, 40), errors),
    matmul(matrix("others", 2, 40), errors),
    reduceSum(errors, [0]),
  );
  expect(kernels).toMatchObject([
    { kind: "reduce", extents: [16], reduced: [40], inputs: { length: 6 }, stores: { length: 6 } },
  ]);
});

test("sums of a matrix and of its products with another one are one loop", () => {
  const errors = matrix("errors", 40, 16);
  const kernels = kernelsOf(
    reduceSum(errors, [0]),
    reduceSum(mul(errors, matrix("inputs", 40, 16)), [0]),
  );
  expect(kernels).toMatchObject([{ kind: "reduce", inputs: { length: 2 } }]);
});

test("many sums take several loops", () => {
  const errors = matrix("errors", 40, 16);
  const products = Array.from({ length: 8 }, (_, i) =>
    reduceSum(mul(errors, matrix(`inputs ${i}`, 40, 16)), [0]),
  );
  const kernels = kernelsOf(...products);
  expect(kernels).toMatchObject([{ inputs: { length: 6 } }, { inputs: { length: 2 } }]);
});

test("a sum that needs another one's result comes after it", () => {
  const x = matrix("x", 40, 16);
  const deviation = sub(x, reduceSum(x, [0], true));
  expect(kernelsOf(reduceSum(mul(deviation, deviation), [0]))).toMatchObject([
    { inputs: { length: 1 } },
    { inputs: { length: 1 } },
  ]);
});

test("products with many rows, and sums over other elements, stay apart", () => {
  const errors = matrix("errors", 40, 16);
  const many = kernelsOf(matmul(matrix("inputs", 5, 40), errors), reduceSum(errors, [0]));
  expect(many.map(({ kind }) => kind)).toEqual(["contract", "reduce"]);
  expect(kernelsOf(reduceSum(errors, [0]), reduceSum(errors, [1]))).toHaveLength(2);
});
