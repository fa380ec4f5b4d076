/** Every batching rule against a loop over the examples, for each choice of mapped operands. */

import { describe, expect, test } from "vitest";
import { evaluate } from "../backend/reference/index.ts";
import {
  allocate,
  build,
  type DType,
  type InputNode,
  makeNode,
  type Node,
  type Op,
  type OpAttributes,
  type Shape,
  sizeOf,
  type TensorData,
  verify,
} from "../ir/index.ts";
import { Generator } from "../util/index.ts";
import { batch } from "./index.ts";

interface Operand {
  readonly shape: Shape;
  readonly dtype?: DType;
}

interface Case {
  readonly inputs: readonly Operand[];
  readonly apply: (...x: Node[]) => Node;
}

function op<K extends Op>(name: K, attributes?: OpAttributes[K]): (...x: Node[]) => Node {
  return (...x) => makeNode(name, x, attributes ?? ({} as OpAttributes[K]));
}

const unary = (name: Op, dtype: DType = "float64"): Case => ({
  inputs: [{ shape: [2, 3], dtype }],
  apply: op(name),
});
const binary = (name: Op, dtype: DType = "float64"): Case => ({
  inputs: [
    { shape: [2, 3], dtype },
    { shape: [2, 3], dtype },
  ],
  apply: op(name),
});
const of = (shape: Shape, apply: (...x: Node[]) => Node): Case => ({ inputs: [{ shape }], apply });

const indexed: Operand = { shape: [3], dtype: "int32" };

/** Leaves cannot be mapped themselves: they stand beside a mapped operand. */
const besides = (make: () => Node): Case => of([2, 3], (x) => build.add(x, make()));

const cases: { readonly [K in Op]: Case } = {
  input: of([2, 3], (x) => x),
  constant: besides(() => build.constant(Float64Array.of(1, 2, 3), [3], "float64")),
  iota: besides(() => build.iota(1, [2, 3], "float64")),
  random: {
    inputs: [{ shape: [2], dtype: "int32" }],
    apply: op("random", { shape: [2, 2], dtype: "float64" }),
  },
  neg: unary("neg"),
  abs: unary("abs"),
  sign: unary("sign"),
  exp: unary("exp"),
  expm1: unary("expm1"),
  log: unary("log"),
  log1p: unary("log1p"),
  sqrt: unary("sqrt"),
  sin: unary("sin"),
  cos: unary("cos"),
  tanh: unary("tanh"),
  sigmoid: unary("sigmoid"),
  erf: unary("erf"),
  floor: unary("floor"),
  ceil: unary("ceil"),
  round: unary("round"),
  not: unary("not", "bool"),
  cast: of([2, 3], op("cast", { dtype: "int32" })),
  stopGradient: unary("stopGradient"),
  add: binary("add"),
  sub: binary("sub"),
  mul: binary("mul"),
  div: binary("div"),
  pow: binary("pow"),
  max: binary("max"),
  min: binary("min"),
  eq: binary("eq", "int32"),
  ne: binary("ne", "int32"),
  lt: binary("lt"),
  le: binary("le"),
  gt: binary("gt"),
  ge: binary("ge"),
  and: binary("and", "bool"),
  or: binary("or", "bool"),
  select: {
    inputs: [{ shape: [2, 3], dtype: "bool" }, { shape: [2, 3] }, { shape: [2, 3] }],
    apply: op("select"),
  },
  reshape: of([2, 3], op("reshape", { shape: [3, 2, 1] })),
  permute: of([2, 3, 4], op("permute", { order: [2, 0, 1] })),
  broadcast: of([1, 3], op("broadcast", { shape: [2, 4, 3] })),
  slice: of([5, 3], op("slice", { start: [1, 0], size: [2, 3], step: [2, 1] })),
  pad: of([2, 3], op("pad", { low: [1, 0], high: [0, 1], interior: [1, 0], value: 2 })),
  flip: of([2, 3], op("flip", { axes: [0] })),
  concatenate: {
    inputs: [{ shape: [2, 3] }, { shape: [2, 1] }],
    apply: op("concatenate", { axis: 1 }),
  },
  reduceSum: of([2, 3, 2], op("reduceSum", { axes: [0, 2] })),
  reduceMax: of([2, 3, 2], op("reduceMax", { axes: [1] })),
  reduceMin: of([2, 3, 2], op("reduceMin", { axes: [0, 1, 2] })),
  argMax: of([2, 3], op("argMax", { axis: 1 })),
  argMin: of([2, 3], op("argMin", { axis: 0 })),
  matmul: { inputs: [{ shape: [2, 3] }, { shape: [3, 4] }], apply: op("matmul") },
  convolve: {
    inputs: [{ shape: [2, 5, 2] }, { shape: [2, 2, 3] }],
    apply: op("convolve", { stride: [2], dilation: [1], low: [1], high: [0] }),
  },
  gather: { inputs: [{ shape: [2, 3] }, indexed], apply: op("gather") },
  scatterAdd: {
    inputs: [indexed, { shape: [3, 2] }],
    apply: op("scatterAdd", { length: 2 }),
  },
};

const size = 3;

function randomData(generator: Generator, dtype: DType, count: number): TensorData {
  const data = allocate(dtype, count);
  for (let i = 0; i < count; i++) {
    // Integers from −1 to 3, so that some are outside of the indexed axis.
    if (dtype === "float64") data[i] = 2 * generator.uniform() - 0.5;
    else data[i] = dtype === "bool" ? generator.integer(2) : generator.integer(5) - 1;
  }
  return data;
}

function expectSameAsLoop({ inputs, apply }: Case, mapped: readonly boolean[], seed: string): void {
  const generator = new Generator(5).fork(seed);
  const nodes = inputs.map(({ shape, dtype = "float64" }, i) => build.input(`x${i}`, shape, dtype));
  const batches = nodes.map((node, i) =>
    build.input(`batch${i}`, mapped[i] ? [size, ...node.shape] : node.shape, node.dtype),
  );
  const data = batches.map((node) => randomData(generator, node.dtype, sizeOf(node.shape)));
  const output = apply(...nodes);

  const replacements = new Map<Node, Node>(
    nodes.flatMap((node, i) => (mapped[i] ? [[node, batches[i]] as const] : [])),
  );
  const [whole] = batch([output], replacements, size);
  verify([whole], "batching");
  expect(whole.shape).toEqual([size, ...output.shape]);
  const bindings = new Map<InputNode, TensorData>();
  data.forEach((values, i) => {
    bindings.set(mapped[i] ? batches[i] : nodes[i], values);
  });
  const [result] = evaluate([whole], bindings);

  const count = sizeOf(output.shape);
  for (let example = 0; example < size; example++) {
    const own = new Map(
      nodes.map((node, i) => {
        const length = sizeOf(node.shape);
        const start = mapped[i] ? example * length : 0;
        return [node, data[i].slice(start, start + length)];
      }),
    );
    const [expected] = evaluate([output], own);
    expect([...result.slice(example * count, (example + 1) * count)]).toEqual([...expected]);
  }
}

describe("batching equals a loop", () => {
  test.each(Object.entries(cases))("%s", (name, check) => {
    const choices = 2 ** check.inputs.length;
    for (let choice = 0; choice < choices; choice++) {
      const mapped = check.inputs.map((_, i) => (choice & (1 << i)) !== 0);
      expectSameAsLoop(check, mapped, `${name}${choice}`);
    }
  });

  test("a batch of matrices times a batch of matrices with batch axes of their own", () => {
    const check: Case = {
      inputs: [{ shape: [2, 2, 3] }, { shape: [2, 3, 1] }],
      apply: op("matmul"),
    };
    expectSameAsLoop(check, [true, false], "left");
    expectSameAsLoop(check, [true, true], "both");
  });
});
