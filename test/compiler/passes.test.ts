import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autograd/index.ts";
import type { Backend, Program } from "../../src/backend/interface.ts";
import { referenceBackend } from "../../src/backend/reference/index.ts";
import { compilePrograms } from "../../src/compile/index.ts";
import {
  allocate,
  build,
  type InputNode,
  inputsOf,
  makeNode,
  type Node,
  sizeOf,
  type TensorData,
} from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";
import { interpreterBackend } from "./interpreterBackend.ts";

const { input, add, sub, mul, div, select, scalar, full } = build;

/** Values of all outputs and inputs after `times` runs, from the same seeded inputs. */
function outcome(backend: Backend, program: Program, times = 1): TensorData[] {
  const executable = backend.compile([program]);
  const inputs = inputsOf([program]);
  inputs.forEach((node, i) => {
    executable.write(node, sample(node, i));
  });
  executable.run(program.name, times);
  return [...program.outputs, ...inputs].map((node) => executable.read(node));
}

function sample(node: InputNode, seed: number): TensorData {
  const generator = new Generator(seed);
  const data = allocate(node.dtype, sizeOf(node.shape));
  for (let i = 0; i < data.length; i++) {
    if (node.dtype === "int32") data[i] = generator.integer(3);
    else if (node.dtype === "bool") data[i] = generator.integer(2);
    else data[i] = generator.normal();
  }
  return data;
}

function expectSame(program: Program, times = 1): void {
  const expected = outcome(referenceBackend(), program, times);
  const actual = outcome(interpreterBackend(), program, times);
  expected.forEach((data, i) => {
    expect(actual[i].length).toBe(data.length);
    for (let j = 0; j < data.length; j++) {
      // float32 rounds at other places when algebra moves an op: a few units in the last place.
      const close = Math.abs(actual[i][j] - data[j]) <= 2e-5 * (1 + Math.abs(data[j]));
      if (!close && !Object.is(actual[i][j], data[j])) {
        expect.fail(`output ${i} element ${j}: expected ${data[j]}, got ${actual[i][j]}`);
      }
    }
  });
}

/** One Adam step of 4-11-3 with ReLU and cross-entropy over minibatches gathered by index. */
function trainingStep(batch = 8): Program {
  const rows = 24;
  const inputs = input("X", [rows, 4], "float32");
  const labels = input("y", [rows], "int32");
  const order = input("order", [rows], "int32");
  const time = input("t", [], "int32");
  const parameters = [
    input("W1", [11, 4], "float32"),
    input("b1", [11], "float32"),
    input("W2", [3, 11], "float32"),
    input("b2", [3], "float32"),
  ];
  const at = add(build.iota(0, [batch], "int32"), mul(time, scalar(batch, "int32")));
  const chosen = makeNode("gather", [order, at], {});
  const x = makeNode("gather", [inputs, chosen], {});
  const y = makeNode("gather", [labels, chosen], {});
  const z1 = add(build.matmul(x, build.transpose(parameters[0])), parameters[1]);
  const hidden = select(build.binary("gt", z1, scalar(0, "float32")), z1, scalar(0, "float32"));
  const logits = add(build.matmul(hidden, build.transpose(parameters[2])), parameters[3]);
  const shift = build.unary("stopGradient", build.reduce("reduceMax", logits, [1], true));
  const shifted = sub(logits, shift);
  const logSum = build.unary("log", build.reduceSum(build.unary("exp", shifted), [1], true));
  const oneHot = build.cast(
    build.binary("eq", build.reshape(y, [batch, 1]), build.iota(1, [batch, 3], "int32")),
    "float32",
  );
  const loss = build.unary(
    "neg",
    div(build.reduceSum(mul(oneHot, sub(shifted, logSum)), [0, 1]), scalar(batch, "float32")),
  );
  const grads = gradients([{ output: loss, gradient: scalar(1, "float32") }], parameters);
  const correct = build.binary("eq", makeNode("argMax", [logits], { axis: 1 }), y);
  const next = add(time, scalar(1, "int32"));
  const step = build.cast(next, "float32");
  const one = scalar(1, "float32");
  const updates = parameters.flatMap((target, i) => {
    const m = input(`m${i}`, target.shape, "float32");
    const v = input(`v${i}`, target.shape, "float32");
    const m1 = add(mul(m, scalar(0.9, "float32")), mul(grads[i], scalar(0.1, "float32")));
    const squared = mul(grads[i], grads[i]);
    const v1 = build.unary(
      "abs",
      add(mul(v, scalar(0.99, "float32")), mul(squared, scalar(0.01, "float32"))),
    );
    const scaleM = sub(one, build.binary("pow", scalar(0.9, "float32"), step));
    const scaleV = sub(one, build.binary("pow", scalar(0.99, "float32"), step));
    const denominator = add(build.unary("sqrt", div(v1, scaleV)), scalar(1e-3, "float32"));
    const delta = div(mul(div(m1, scaleM), scalar(0.01, "float32")), denominator);
    return [
      { target, value: sub(target, delta) },
      { target: m, value: m1 },
      { target: v, value: v1 },
    ];
  });
  return {
    name: "step",
    outputs: [loss, build.reduceSum(build.cast(correct, "float32"), [0])],
    updates: [...updates, { target: time, value: next }],
  };
}

describe("compiled programs equal the reference", () => {
  test("a training step with Adam over gathered minibatches, three steps", () => {
    const program = trainingStep();
    expectSame(program, 3);
    const plan = compilePrograms([program]);
    const kernels = plan.programs[0].kernels;
    expect(kernels.length).toBeLessThanOrEqual(28);
  });

  test("weights that only transposed products read are stored transposed, with their moments", () => {
    const program = trainingStep();
    const plan = compilePrograms([program]);
    const transposed = inputsOf([program])
      .filter((_, i) => plan.transposed[i])
      .map(({ attributes }) => attributes.name);
    // W2 is read in both orders: forward transposed, backward as it is.
    expect(transposed.sort()).toEqual(["W1", "m0", "v0"]);
  });

  test("the gradient of a rectifier reads its result: no mask is stored", () => {
    const x = input("x", [6, 4], "float32");
    const w = input("w", [4, 5], "float32");
    const z = build.matmul(x, w);
    const zero = scalar(0, "float32");
    const y = select(build.binary("le", z, zero), zero, z);
    const loss = build.reduceSum(build.unary("tanh", y), [0, 1]);
    const one = scalar(1, "float32");
    const program = {
      name: "r",
      outputs: [y, ...gradients([{ output: loss, gradient: one }], [x, w])],
    };
    expectSame(program);
    expect(compilePrograms([program]).buffers.filter(({ dtype }) => dtype === "bool")).toEqual([]);
  });

  test("windows that share the gradient of their maximum take one more kernel, for the ties", () => {
    const x = input("x", [2, 4, 6, 3], "float32");
    const y = build.unary("sin", x);
    const windows = build.reshape(y, [2, 2, 2, 3, 2, 3]);
    const pooled = build.reduce("reduceMax", windows, [2, 4]);
    const g = input("g", pooled.shape, "float32");
    const [dx] = gradients([{ output: pooled, gradient: g }], [x]);
    const program = { name: "pool", outputs: [pooled, dx] };
    expectSame(program);
    const kinds = compilePrograms([program]).programs[0].kernels.map(({ kind }) => kind);
    expect(kinds).toEqual(["map", "map", "reduce", "map"]);
  });

  test("state that swaps keeps both values", () => {
    const a = input("a", [5], "float32");
    const b = input("b", [5], "float32");
    expectSame({
      name: "swap",
      outputs: [],
      updates: [
        { target: a, value: b },
        { target: b, value: a },
      ],
    });
  });

  test("state that reads itself transposed is not written in place", () => {
    const a = input("a", [4, 4], "float32");
    const value = add(a, build.permute(a, [1, 0]));
    expectSame({ name: "symmetric", outputs: [value], updates: [{ target: a, value }] }, 3);
  });

  test("a matmul that updates its own operand", () => {
    const a = input("a", [4, 4], "float32");
    const value = mul(build.matmul(a, a), full(0.1, [4, 4], "float32"));
    expectSame({ name: "power", outputs: [], updates: [{ target: a, value }] }, 3);
  });

  test("softmax, whose exponentials are stored by the loop that sums them", () => {
    const x = input("x", [6, 5], "float32");
    const e = build.unary("exp", sub(x, build.reduce("reduceMax", x, [1], true)));
    const program = { name: "softmax", outputs: [div(e, build.reduceSum(e, [1], true))] };
    expectSame(program);
    const plan = compilePrograms([program]);
    expect(plan.programs[0].kernels.map(({ kind }) => kind)).toEqual(["reduce", "reduce", "map"]);
  });

  test("bias and activation run in the epilogue of the product", () => {
    const x = input("x", [6, 4], "float32");
    const w = input("w", [4, 3], "float32");
    const b = input("b", [3], "float32");
    const program = { name: "p", outputs: [build.unary("tanh", add(build.matmul(x, w), b))] };
    expectSame(program);
    expect(compilePrograms([program]).programs[0].kernels).toHaveLength(1);
  });

  test("views: slices, flips, pads, concatenations and reshapes of permutations", () => {
    const x = input("x", [4, 6], "float32");
    const sliced = makeNode("slice", [x], { start: [1, 0], size: [2, 3], step: [2, 2] });
    const flipped = makeNode("flip", [sliced], { axes: [1] });
    const padded = makeNode("pad", [flipped], {
      low: [1, 0],
      high: [0, 2],
      interior: [1, 0],
      value: -7,
    });
    const joined = makeNode("concatenate", [padded, build.unary("neg", padded)], { axis: 0 });
    const moved = build.reshape(build.permute(joined, [1, 0]), [2, 4, 5]);
    expectSame({ name: "views", outputs: [joined, moved, build.reduceSum(moved, [0, 2])] });
  });

  test("gather and scatterAdd with rows outside", () => {
    const table = input("table", [3, 4], "float32");
    const indices = sub(mul(input("i", [5], "int32"), scalar(2, "int32")), scalar(1, "int32"));
    const taken = makeNode("gather", [table, indices], {});
    const scattered = makeNode("scatterAdd", [indices, taken], { length: 4 });
    expectSame({ name: "g", outputs: [taken, scattered, mul(taken, taken)] });
  });

  test("argMax and argMin with ties and NaN", () => {
    const x = input("x", [4, 3], "float32");
    const broken = select(
      build.binary("gt", x, scalar(1, "float32")),
      full(Number.NaN, [4, 3], "float32"),
      build.unary("floor", x),
    );
    const outputs = [0, 1].flatMap((axis) => [
      makeNode("argMax", [broken], { axis }),
      makeNode("argMin", [broken], { axis }),
    ]);
    expectSame({ name: "arg", outputs });
  });

  test("one value as two outputs, an input and a constant as outputs", () => {
    const x = input("x", [3], "float64");
    const c = build.constant(Float64Array.of(1, 2, 3), [3], "float64");
    const y = add(x, c);
    expectSame({ name: "o", outputs: [y, y, x, c, build.reshape(y, [3, 1]) as Node] });
  });

  test("random numbers and empty tensors", () => {
    const key = build.constant(Int32Array.of(7, 9), [2], "int32");
    const u = makeNode("random", [key], { shape: [3, 5], dtype: "float64" });
    const empty = input("e", [0, 3], "float64");
    expectSame({
      name: "r",
      outputs: [u, build.permute(mul(u, u), [1, 0]), build.reduceSum(empty, [0]), empty],
    });
  });
});
