/** Threads: the same bits for any number of them, and what happens at their ends. */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gradients } from "../../autograd/index.ts";
import { build, type FloatDType, type InputNode, type Node, sizeOf } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import type { Mode } from "../interface.ts";
import { wasmBackend } from "./index.ts";
import { weightsAfterLast } from "./minibatches.testing.ts";
import { startThreads } from "./threads.node.ts";

const { add, binary, constant, input, matmul, mul, reduce, reduceSum, reshape, scalar, sub } =
  build;

/** Everything is divided, however short. */
const teams = [2, 3].map((size) => startThreads(size, { divideFrom: 0 }));
beforeAll(async () => {
  for (const team of teams) await team.started();
});
afterAll(() => {
  for (const team of teams) team.close();
});

/** A step of gradient descent: hidden = max(x · v, 0), loss = Σ (hidden · w − y)² and largest hidden unit. */
function descent(dtype: FloatDType) {
  const x = input("x", [37, 19], dtype);
  const y = input("y", [37, 6], dtype);
  const weights = [input("v", [19, 23], dtype), input("w", [23, 6], dtype)];
  const hidden = binary("max", matmul(x, weights[0]), scalar(0, dtype));
  const error = sub(matmul(hidden, weights[1]), y);
  const loss = reduceSum(mul(error, error), [0, 1]);
  const one = constant(Float64Array.of(1), [], "float64");
  const derivatives = gradients([{ output: loss, gradient: build.cast(one, dtype) }], weights);
  const updates = weights.map((target, i) => ({
    target,
    value: sub(target, mul(derivatives[i], scalar(1e-4, dtype))),
  }));
  const outputs = [loss, reduce("reduceMax", hidden, [0]), reshape(add(error, y), [222])];
  return { programs: [{ name: "step", outputs, updates }], inputs: [x, y, ...weights], outputs };
}

function resultsAfter(steps: number, backend: ReturnType<typeof wasmBackend>, dtype: FloatDType) {
  const { programs, inputs, outputs } = descent(dtype);
  const executable = backend.compile(programs);
  const generator = new Generator(5);
  for (const node of inputs) {
    executable.write(
      node,
      Float64Array.from({ length: sizeOf(node.shape) }, () => generator.normal()),
    );
  }
  executable.run("step", steps);
  const results = [...inputs, ...outputs].map((node: InputNode | Node) => executable.read(node));
  executable.dispose();
  return results;
}

describe.each(["strict", "fast"] satisfies Mode[])("%s", (mode) => {
  test("a step over minibatches of a large table is the same", () => {
    const [alone, ...others] = [undefined, ...teams].map((threads) =>
      weightsAfterLast(wasmBackend({ mode, threads })),
    );
    for (const weights of others) expect(weights).toEqual(alone);
  });

  test.each(["float32", "float64"] as const)("%s is the same on 1, 2 and 3 threads", (dtype) => {
    const expected = resultsAfter(5, wasmBackend({ mode }), dtype);
    for (const threads of teams) {
      const backend = wasmBackend({ mode, threads });
      // A second executable shares the code, and its first run the threads' counts.
      for (let i = 0; i < 2; i++) expect(resultsAfter(5, backend, dtype)).toEqual(expected);
    }
  });
});

test("a program that is not worth dividing runs on the caller's thread alone", () => {
  const threads = startThreads(2);
  const backend = wasmBackend({ threads });
  threads.close();
  expect(resultsAfter(2, backend, "float32")).toEqual(resultsAfter(2, wasmBackend(), "float32"));
});

test("a large program does not wait for threads that are closed", async () => {
  const threads = startThreads(2, { divideFrom: 0 });
  await threads.started();
  const backend = wasmBackend({ threads });
  resultsAfter(1, backend, "float32");
  threads.close();
  expect(() => resultsAfter(1, backend, "float32")).toThrow(
    'Program "step": its threads were closed; close them after the last run.',
  );
});

test.each([0, 1.5, Number.NaN])("%s threads are refused", (size) => {
  expect(() => startThreads(size)).toThrow(
    `threads: expected a whole number of at least 1, got ${size}.`,
  );
});

test("threads do not keep a process alive", () => {
  const script = `
    import { startThreads } from ${JSON.stringify(join(import.meta.dirname, "threads.node.ts"))};
    startThreads(3);
    console.log("done");`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", script],
    { encoding: "utf8", timeout: 20_000 },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "done\n", stderr: "" });
});
