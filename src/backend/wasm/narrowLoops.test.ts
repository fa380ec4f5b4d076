/** Products with one or two columns, of every remainder of rows and terms. */

import { describe, expect, test } from "vitest";
import { compilePrograms } from "../../compile/index.ts";
import { build, type DType, type Node } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { referenceBackend } from "../reference/index.ts";
import { wasmBackend } from "./index.ts";
import { arrangeKernel } from "./loops.ts";

const { add, input, matmul, mul } = build;

function program(rows: number, terms: number, columns: number, dtype: DType = "float32") {
  const a = input("a", [rows, terms], dtype);
  const b = input("b", [columns, terms], dtype);
  const bias = input("bias", [columns], dtype);
  const scale = input("scale", [rows, 1], dtype);
  const result = mul(add(matmul(a, build.transpose(b)), bias), scale);
  return { inputs: [a, b, bias, scale], result };
}

function isNarrow(result: Node): boolean {
  const { buffers, programs } = compilePrograms([{ name: "main", outputs: [result] }]);
  const kernel = programs[0].kernels.at(-1)!;
  const loops = arrangeKernel(kernel, { buffers, madd: false });
  return loops?.kind === "contract" && loops.isNarrow;
}

describe.each([1, 2])("%i columns", (columns) => {
  test.each(["strict", "fast"] as const)("%s", (mode) => {
    for (const terms of [16, 17, 18, 19, 32]) {
      for (let rows = 6; rows <= 16; rows++) {
        const { inputs, result } = program(rows, terms, columns);
        expect(isNarrow(result)).toBe(rows >= 8);
        const [expected, actual] = [referenceBackend(), wasmBackend({ mode })].map((backend) => {
          const executable = backend.compile([{ name: "main", outputs: [result] }]);
          for (const [i, node] of inputs.entries()) {
            const generator = new Generator(rows).fork(i);
            const size = node.shape.reduce((product, length) => product * length, 1);
            executable.write(
              node,
              Float32Array.from({ length: size }, () => generator.normal()),
            );
          }
          executable.run("main");
          return executable.read(result);
        });
        for (const [i, value] of actual.entries()) {
          // Sums of up to 32 products of numbers near 1.
          expect(Math.abs(value - expected[i]), `${rows} × ${terms}, ${i}`).toBeLessThan(3e-5);
        }
      }
    }
  });
});

test("numbers beyond the terms of a row take no part", () => {
  const { inputs, result } = program(8, 17, 2);
  const executable = wasmBackend().compile([{ name: "main", outputs: [result] }]);
  const [a, b, bias, scale] = inputs;
  const values = new Float32Array(8 * 17).fill(1);
  // The row after the first begins with what a vector of the first's last terms reads.
  values[17] = Number.NaN;
  executable.write(a, values);
  executable.write(b, new Float32Array(2 * 17).fill(1));
  executable.write(bias, new Float32Array(2));
  executable.write(scale, new Float32Array(8).fill(1));
  executable.run("main");
  const [first, , second] = executable.read(result);
  expect([first, second]).toEqual([17, Number.NaN]);
});

test("other products have tiles of columns", () => {
  expect(isNarrow(program(40, 32, 3).result)).toBe(false);
  expect(isNarrow(program(40, 15, 2).result)).toBe(false);
  expect(isNarrow(program(7, 32, 2).result)).toBe(false);
  expect(isNarrow(program(40, 32, 2, "float64").result)).toBe(false);
  const [a, b] = [input("a", [40, 32], "float32"), input("b", [32, 2], "float32")];
  expect(isNarrow(matmul(a, b))).toBe(false);
});
