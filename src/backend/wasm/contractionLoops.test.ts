import { expect, test } from "vitest";
import { compilePrograms } from "../../compile/index.ts";
import { build, type Node } from "../../ir/index.ts";
import type { ContractionLoops } from "./contractionLoops.ts";
import { arrangeKernel } from "./loops.ts";

const { add, input, matmul, mul } = build;

const x = input("x", [40, 4], "float32");
const w = input("w", [4, 12], "float32");
const bias = input("bias", [12], "float32");

function loopsOf(output: Node, madd = true): ContractionLoops {
  const { buffers, programs } = compilePrograms([{ name: "main", outputs: [output] }]);
  return arrangeKernel(programs[0].kernels[0], { buffers, madd }) as ContractionLoops;
}

test("a short fused sum starts from the row that is added to it", () => {
  const z = add(matmul(x, w), bias);
  const { start, stores } = loopsOf(build.unary("abs", z));
  expect(start?.at.strides).toEqual([0, 1, 0]);
  expect(stores[0].value).toMatchObject({ op: "abs", inputs: [{ kind: "anchor" }] });
});

test("or from an array", () => {
  const { start } = loopsOf(add(matmul(x, w), input("y", [40, 12], "float32")));
  expect(start?.at.strides).toEqual([12, 1, 0]);
});

test("other sums start from 0", () => {
  const product = matmul(x, w);
  const z = add(product, bias);
  expect(loopsOf(z, false).start).toBeUndefined();
  expect(loopsOf(mul(z, product)).start).toBeUndefined();
  expect(loopsOf(mul(product, bias)).start).toBeUndefined();
  const across = build.transpose(input("y", [12, 40], "float32"));
  expect(loopsOf(add(product, across)).start).toBeUndefined();
  const long = matmul(input("x", [40, 9], "float32"), input("w", [9, 12], "float32"));
  expect(loopsOf(add(long, bias)).start).toBeUndefined();
});

test("a column of vectors is taken 8 rows at a time, whose addresses V8 keeps", () => {
  const product = matmul(input("x", [120, 11], "float32"), input("w", [11, 3], "float32"));
  expect(loopsOf(product).tile).toEqual({ rows: 8, vectors: 1 });
});

test("the vectors of a tile are a divisor of four only where rows begin with cache lines", () => {
  const tileOf = (columns: number) => loopsOf(matmul(x, input("w", [4, columns], "float32"))).tile;
  expect(tileOf(24)).toEqual({ rows: 3, vectors: 3 });
  expect(tileOf(48)).toEqual({ rows: 4, vectors: 2 });
});
