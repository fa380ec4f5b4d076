/** Gradients of extremes in fast mode, where a product and a sum may be one instruction in one kernel and two in
 * another: a value and what it is compared with must be the same number. */

import { expect, test } from "vitest";
import { gradients } from "../../src/autograd/index.ts";
import { referenceBackend, wasmBackend } from "../../src/backend/index.ts";
import { build, type Node, sizeOf } from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";

const { add, constant, input, makeNode, mul, reduceSum, sub } = build;

const rows = 5;
const columns = 5;
const a = input("a", [rows, columns], "float32");
const b = input("b", [rows, columns], "float32");
const places = constant(Int32Array.of(3, 1, 4, 0, 2), [rows], "int32");

/** a − a·b, and the product where it has to be stored for another use. */
const product = mul(a, b);
const difference = sub(a, product);
const stored = makeNode("scatterAdd", [places, product], { length: rows });

const extremes: Readonly<Record<string, readonly Node[]>> = {
  "of a difference whose product is stored": [stored, build.reduce("reduceMax", difference, [0])],
  "of its negative": [stored, build.reduce("reduceMin", build.unary("neg", difference), [1])],
  "of a sum that nothing stores": [
    build.reduce("reduceMax", add(product, b), [0]),
    reduceSum(mul(add(product, b), a), [1]),
  ],
  "the first of them": [stored, build.firstExtremum("reduceMax", difference, [0])],
};

test.each(Object.entries(extremes))("the gradient of an extreme %s", (_, outputs) => {
  const seeds = outputs.map((output) => ({ output, gradient: build.fullLike(1, output) }));
  const programs = [{ name: "step", outputs: [...outputs, ...gradients(seeds, [a, b])] }];
  const backends = [referenceBackend(), wasmBackend({ mode: "fast" })];
  const [expected, fast] = backends.map((backend) => backend.compile(programs));
  const generator = new Generator(3);
  for (let draw = 0; draw < 40; draw++) {
    for (const node of [a, b]) {
      const data = Float32Array.from({ length: sizeOf(node.shape) }, () => generator.normal());
      expected.write(node, data);
      fast.write(node, data);
    }
    expected.run("step");
    fast.run("step");
    for (const output of programs[0].outputs) {
      const exact = expected.read(output);
      const values = fast.read(output);
      // A few roundings of numbers up to some 10.
      for (const [i, value] of values.entries()) expect(value).toBeCloseTo(exact[i], 4);
    }
  }
});

test("the extreme of a value that is squared again and again is compiled at once", () => {
  let power: Node = a;
  for (let times = 0; times < 60; times++) power = mul(power, power);
  const largest = build.reduce("reduceMax", power, [0]);
  const [slope] = gradients([{ output: largest, gradient: build.fullLike(1, largest) }], [a]);
  const executable = wasmBackend().compile([{ name: "step", outputs: [largest, slope] }]);
  executable.write(a, new Float32Array(rows * columns).fill(1));
  executable.run("step");
  expect(executable.read(largest)).toEqual(new Float32Array(columns).fill(1));
});
