/** Products by transposed matrices that are not copied: of every remainder of rows, columns and terms. */

import { describe, expect, test } from "vitest";
import { compilePrograms } from "../../compile/index.ts";
import { allocate, build, type FloatDType, type Node, sizeOf } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { referenceBackend } from "../reference/index.ts";
import { wasmBackend } from "./index.ts";
import { arrangeKernel } from "./loops.ts";

const { add, input, matmul, transpose, unary } = build;

interface Sizes {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
}

function product({ rows, columns, terms }: Sizes, dtype: FloatDType) {
  const a = input("a", [rows, terms], dtype);
  const b = input("b", [columns, terms], dtype);
  const bias = input("bias", [columns], dtype);
  return { inputs: [a, b, bias], result: unary("tanh", add(matmul(a, transpose(b)), bias)) };
}

function kernelsOf(result: Node) {
  const { buffers, programs } = compilePrograms([{ name: "main", outputs: [result] }]);
  return programs[0].kernels.map((kernel) => arrangeKernel(kernel, { buffers, madd: false })!);
}

const isDot = (result: Node) =>
  kernelsOf(result).some((loops) => loops.kind === "contract" && loops.dot !== undefined);

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(["strict", "fast"] as const)("%s", (mode) => {
    for (const terms of [64, 65, 66, 67]) {
      for (let rows = 1; rows <= 7; rows++) {
        for (const columns of [3, 4, 6, 11, 14, 29]) {
          const { inputs, result } = product({ rows, columns, terms }, dtype);
          const [expected, actual] = [referenceBackend(), wasmBackend({ mode })].map((backend) => {
            const executable = backend.compile([{ name: "main", outputs: [result] }]);
            for (const [i, node] of inputs.entries()) {
              const generator = new Generator(rows).fork(i);
              const data = allocate(dtype, sizeOf(node.shape));
              for (let at = 0; at < data.length; at++) data[at] = generator.normal();
              executable.write(node, data);
            }
            executable.run("main");
            return executable.read(result);
          });
          // Sums of up to 67 products of numbers near 1, through a function with slopes of at most 1.
          const tolerance = dtype === "float32" ? 1e-5 : 2e-14;
          for (const [i, value] of actual.entries()) {
            const where = `${rows} × ${columns} × ${terms}, ${i}`;
            expect(Math.abs(value - expected[i]), where).toBeLessThan(tolerance);
          }
        }
      }
    }
  });
});

test("numbers beyond the terms of a row take no part", () => {
  const { inputs, result } = product({ rows: 3, columns: 5, terms: 65 }, "float32");
  const executable = wasmBackend().compile([{ name: "main", outputs: [result] }]);
  for (const node of inputs) {
    const values = new Float32Array(sizeOf(node.shape));
    // The second row begins with what a vector of the first's last terms reads.
    if (values.length > 65) values[65] = Number.NaN;
    executable.write(node, values);
  }
  executable.run("main");
  const results = [...executable.read(result)].map((value) =>
    Number.isNaN(value) ? "NaN" : value,
  );
  const [first, others] = [[0, "NaN", 0, 0, 0], new Array(5).fill("NaN")];
  expect(results).toEqual([...first, ...others, ...first]);
});

test("short and long sums, and rows that are not contiguous, are copied instead", () => {
  const sizes = { rows: 10, columns: 30 };
  expect(isDot(product({ ...sizes, terms: 784 }, "float32").result)).toBe(true);
  expect(isDot(product({ ...sizes, terms: 63 }, "float32").result)).toBe(false);
  expect(isDot(product({ ...sizes, terms: 2049 }, "float32").result)).toBe(false);
  const a = input("a", [100, 10], "float32");
  const b = input("b", [30, 100], "float32");
  expect(isDot(matmul(transpose(a), transpose(b)))).toBe(false);
});

describe("weights that training updates", () => {
  const transposedOf = (units: number, inputs: number) => {
    const x = input("x", [10, inputs], "float32");
    const w = input("w", [units, inputs], "float32");
    const z = matmul(x, transpose(w));
    const gradient = matmul(transpose(z), x);
    const program = {
      name: "step",
      outputs: [],
      updates: [{ target: w, value: add(w, gradient) }],
    };
    const { transposed } = compilePrograms([program]);
    return transposed.includes(true);
  };

  test("stay as they are where they are small, or vectors along the units would be partly empty", () => {
    expect(transposedOf(32, 784)).toBe(false);
    expect(transposedOf(126, 784)).toBe(false);
    expect(transposedOf(10, 64)).toBe(false);
  });

  test("are transposed elsewhere", () => {
    expect(transposedOf(32, 64)).toBe(true);
    expect(transposedOf(128, 784)).toBe(true);
    expect(transposedOf(11, 4)).toBe(true);
    expect(transposedOf(30, 4096)).toBe(true);
  });
});
