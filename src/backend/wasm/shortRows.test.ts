/** Losses over a few columns, whose rows are taken apart and put together in registers. */

import { describe, expect, test } from "vitest";
import { gradients } from "../../autograd/index.ts";
import { build, type FloatDType } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { referenceBackend } from "../reference/index.ts";
import { wasmBackend } from "./index.ts";

const { add, div, input, mul, reduceSum, sub } = build;

/** Log-probabilities of a softmax, its largest element, and the gradient of their sum weighted by t. */
function program(rows: number, columns: number, dtype: FloatDType) {
  const z = input("z", [rows, columns], dtype);
  const t = input("t", [rows, columns], dtype);
  const most = build.reduce("reduceMax", z, [1], true);
  const shifted = sub(z, most);
  const total = reduceSum(build.unary("exp", shifted), [1], true);
  const logarithms = sub(shifted, build.unary("log", total));
  const loss = reduceSum(mul(t, logarithms), [0, 1]);
  const seed = build.fullLike(1, loss);
  const [gradient] = gradients([{ output: loss, gradient: seed }], [z]);
  const least = build.reduce("reduceMin", add(z, div(t, total)), [1], false);
  return { inputs: [z, t], outputs: [loss, gradient, least, most] };
}

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each([2, 3, 4])("%i columns of any number of rows", (columns) => {
    for (let rows = 1; rows <= 13; rows++) {
      const { inputs, outputs } = program(rows, columns, dtype);
      const results = [referenceBackend(), wasmBackend(), wasmBackend({ mode: "fast" })].map(
        (backend) => {
          const executable = backend.compile([{ name: "main", outputs }]);
          for (const [i, node] of inputs.entries()) {
            const generator = new Generator(rows).fork(i);
            const values = Array.from({ length: rows * columns }, () => generator.normal());
            executable.write(
              node,
              dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values),
            );
          }
          executable.run("main");
          return outputs.map((node) => executable.read(node));
        },
      );
      const [expected, ...actual] = results;
      // Some twenty roundings of numbers near 1, and sums of up to 52 terms.
      const tolerance = dtype === "float32" ? 1e-5 : 1e-14;
      for (const values of actual) {
        for (const [i, data] of values.entries()) {
          for (const [j, value] of data.entries()) {
            const target = expected[i][j];
            expect(
              Math.abs(value - target),
              `${rows} rows, output ${i}, element ${j}`,
            ).toBeLessThan(tolerance * (1 + Math.abs(target)));
          }
        }
      }
    }
  });

  test.each(["strict", "fast"] as const)("%s, log-probabilities of what is not finite", (mode) => {
    const inf = Infinity;
    const logits = [
      [1, 2, 3],
      [Number.NaN, 0, 1],
      [0, inf, 1],
      [88.6, 300, inf],
      [-inf, -inf, -inf],
      [-inf, 0, 1],
      [1000, -1000, 0],
    ];
    const z = input("z", [logits.length, 3], dtype);
    const most = build.reduce("reduceMax", z, [1], true);
    const isBounded = build.binary("lt", build.unary("abs", most), build.fullLike(inf, most));
    const shifted = sub(z, build.select(isBounded, most, build.fullLike(0, most)));
    const total = reduceSum(build.unary("exp", shifted), [1], true);
    const output = sub(shifted, build.unary("log", total));
    const [expected, actual] = [referenceBackend(), wasmBackend({ mode })].map((backend) => {
      const executable = backend.compile([{ name: "main", outputs: [output] }]);
      const values = logits.flat();
      executable.write(
        z,
        dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values),
      );
      executable.run("main");
      return executable.read(output);
    });
    for (const [i, value] of actual.entries()) {
      const where = `row ${logits[Math.floor(i / 3)]}, element ${i % 3}`;
      // Which of NaN and the infinities it is depends on the mode; the loss tells that training has diverged.
      if (Number.isFinite(expected[i])) expect(value, where).toBeCloseTo(expected[i], 5);
      else expect(Number.isFinite(value), where).toBe(false);
    }
  });
});
