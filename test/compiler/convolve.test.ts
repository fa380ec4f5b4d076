import { expect, test } from "vitest";
import { gradients } from "../../src/autograd/index.ts";
import { referenceBackend, wasmBackend } from "../../src/backend/index.ts";
import { build, type FloatDType, sizeOf } from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";
import { interpreterBackend } from "./interpreterBackend.ts";

/** A random convolution over two or three spatial axes with padding, stride and dilation. */
function randomConvolution(generator: Generator, dtype: FloatDType) {
  const among = (least: number, most: number) => least + generator.integer(most - least + 1);
  const rank = among(1, 3);
  const axes = Array.from({ length: rank }, () => {
    const dilation = among(1, 2);
    const kernel = among(1, 4);
    const low = among(0, 4);
    const high = among(0, 4);
    const least = Math.max(1, dilation * (kernel - 1) + 1 - low - high);
    return { dilation, kernel, low, high, length: among(least, least + 5), stride: among(1, 3) };
  });
  const channels = among(1, 5);
  const x = build.input("x", [among(1, 3), ...axes.map(({ length }) => length), channels], dtype);
  const w = build.input("w", [...axes.map(({ kernel }) => kernel), channels, among(1, 9)], dtype);
  const y = build.convolve(
    x,
    w,
    axes.map(({ stride }) => stride),
    axes.map(({ dilation }) => dilation),
    { low: axes.map(({ low }) => low), high: axes.map(({ high }) => high) },
  );
  return { x, w, y };
}

test.each(["float32", "float64"] as const)(
  "convolutions and their gradients agree on every backend in %s",
  (dtype) => {
    const backends = [interpreterBackend(), wasmBackend(), wasmBackend({ mode: "fast" })];
    for (let seed = 0; seed < 60; seed++) {
      const generator = new Generator(seed).fork("convolution");
      const { x, w, y } = randomConvolution(generator, dtype);
      const g = build.input("g", y.shape, dtype);
      const outputs = [y, ...gradients([{ output: y, gradient: g }], [x, w])];
      const values = [x, w, g].map((node) =>
        Float64Array.from({ length: sizeOf(node.shape) }, () => generator.integer(9) - 4),
      );
      const [expected, ...others] = [referenceBackend(), ...backends].map((backend) => {
        const executable = backend.compile([{ name: "c", outputs }]);
        for (const [i, node] of [x, w, g].entries()) {
          executable.write(node, values[i]);
        }
        executable.run("c");
        return outputs.map((node) => Array.from(executable.read(node), (value) => value + 0));
      });
      // Sums of small whole numbers are exact in any order.
      for (const actual of others) expect(actual, `seed ${seed}`).toEqual(expected);
    }
  },
);
