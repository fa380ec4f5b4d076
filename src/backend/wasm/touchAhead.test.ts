/** Rows of a large table that the next run gathers: known ahead, asked for, and without any influence. */

import { describe, expect, test } from "vitest";
import { compilePrograms } from "../../compile/index.ts";
import { allocate, build, type Program, sizeOf } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { referenceBackend } from "../reference/index.ts";
import { wasmBackend } from "./index.ts";
import { canTouchAhead } from "./touchAhead.ts";

const { add, binary, fullLike, input, iota, makeNode, matmul, mul, transpose } = build;

const [rows, length, batchSize, units] = [700, 800, 10, 30];

/** Steps w −= xᵀ·(x·w) / 10⁶ over rows of a table in an order: batches that follow each other, `count` rows each. */
function training(count = batchSize) {
  const table = input("table", [rows, length], "float32");
  const order = input("order", [rows], "int32");
  const batch = input("batch", [], "int32");
  const w = input("w", [length, units], "float32");
  const start = mul(batch, fullLike(count, batch));
  const positions = add(iota(0, [count], "int32"), build.broadcast(start, [count]));
  const x = makeNode("gather", [table, makeNode("gather", [order, positions], {})], {});
  const gradient = matmul(transpose(x), matmul(x, w));
  const program: Program = {
    name: "step",
    outputs: [],
    updates: [
      { target: w, value: binary("sub", w, mul(gradient, fullLike(1e-6, w))) },
      { target: batch, value: add(batch, fullLike(1, batch)) },
    ],
  };
  return { inputs: [table, order, batch, w], program };
}

describe("the plan of a step over minibatches", () => {
  test("has the rows of the next one", () => {
    const plan = compilePrograms([training().program]);
    const [{ ahead = [] }] = plan.programs;
    expect(ahead).toMatchObject([{ rowBytes: 4 * length, count: batchSize }]);
    expect(plan.outputs).toEqual([[]]);
  });

  test("has none where the table is small or nothing counts the batches", () => {
    const { program } = training();
    const [weights] = program.updates!;
    const still = compilePrograms([{ ...program, updates: [weights] }]);
    expect(still.programs[0].ahead).toEqual([]);
  });
});

test.each(["strict", "fast"] as const)(
  "%s: agrees with the definition, past the last row too",
  (mode) => {
    const { inputs, program } = training();
    const [expected, actual] = [referenceBackend(), wasmBackend({ mode })].map((backend) => {
      const executable = backend.compile([program]);
      for (const [i, node] of inputs.entries()) {
        const generator = new Generator(7).fork(i);
        const data = allocate(node.dtype, sizeOf(node.shape));
        for (let at = 0; at < data.length; at++) {
          data[at] = node.dtype === "float32" ? generator.normal() : generator.integer(rows);
        }
        // Two batches before the end of the order; of these rows some are outside of the table.
        if (node === inputs[1]) data.set([-1, rows, 2 ** 31 - 1, -(2 ** 31)], rows - 4);
        if (node === inputs[2]) data[0] = rows / batchSize - 2;
        executable.write(node, data);
      }
      executable.run("step", 4);
      return executable.read(inputs[3]);
    });
    for (const [i, value] of actual.entries()) {
      // Four updates by 10⁻⁶ of sums of sums of 800 products of numbers near 1.
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
    }
  },
);

test("needs a tile for each line of some rows", () => {
  const ahead = { table: 0, rowBytes: 3136, indices: 1, count: 10 };
  expect(canTouchAhead(ahead, 49)).toBe(true);
  expect(canTouchAhead(ahead, 48)).toBe(false);
  // No divisor but itself and 1.
  expect(canTouchAhead({ ...ahead, count: 97 }, 97 * 49 - 1)).toBe(false);
});
