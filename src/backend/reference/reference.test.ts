/** Every op by hand: at least one value and one edge case each, in float32 and float64. */

import { describe, expect, test } from "vitest";
import {
  allocate,
  build,
  type DType,
  type FloatDType,
  makeNode,
  type Node,
  type Op,
  type OpAttributes,
  type Shape,
} from "../../ir/index.ts";
import { evaluate } from "./index.ts";

type Example = readonly [what: string, node: Node, expected: readonly number[]];

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

function values(dtype: DType, list: readonly number[], shape: Shape = [list.length]): Node {
  const data = allocate(dtype, list.length);
  data.set(list);
  return build.constant(data, shape, dtype);
}

const int = (list: readonly number[], shape?: Shape) => values("int32", list, shape);
const bool = (list: readonly number[], shape?: Shape) => values("bool", list, shape);

function op<K extends Op>(name: K, inputs: readonly Node[], attributes?: OpAttributes[K]): Node {
  return makeNode(name, inputs, attributes ?? ({} as OpAttributes[K]));
}

/** Operands and expected results of an op of one operand. */
const one =
  (name: Op, x: readonly number[], expected: readonly number[]) =>
  (dtype: FloatDType): Example[] => [[`${name}(${x})`, op(name, [values(dtype, x)]), expected]];

const two =
  (name: Op, a: readonly number[], b: readonly number[], expected: readonly number[]) =>
  (dtype: FloatDType): Example[] => [
    [`${name}(${a}; ${b})`, op(name, [values(dtype, a), values(dtype, b)]), expected],
  ];

const maxInt = 2 ** 31 - 1;
const minInt = -(2 ** 31);

const examples: { readonly [K in Op]: (dtype: FloatDType) => Example[] } = {
  input: () => [],
  constant: (dtype) => [
    ["values", values(dtype, [1, -2.5]), [1, -2.5]],
    ["empty", values(dtype, [], [0, 3]), []],
  ],
  iota: (dtype) => [
    ["rows", build.iota(0, [2, 3], dtype), [0, 0, 0, 1, 1, 1]],
    ["columns", build.iota(1, [2, 3], "int32"), [0, 1, 2, 0, 1, 2]],
    ["empty", build.iota(1, [2, 0], dtype), []],
  ],
  random: (dtype) => [
    // Threefry-2x32 of key (0, 0) and counter (0, 0) is 6b200159 99ba4efe (Random123's known answers).
    [
      "key 0",
      op("random", [int([0, 0])], { shape: [1], dtype }),
      [
        dtype === "float32"
          ? (0x6b200159 >>> 8) / 2 ** 24
          : (Math.floor(0x6b200159 / 32) * 2 ** 26 + Math.floor(0x99ba4efe / 64)) / 2 ** 53,
      ],
    ],
    ["empty", op("random", [int([1, 2])], { shape: [0], dtype }), []],
  ],
  neg: (dtype) => [
    ...one("neg", [1, -2, 0, inf, nan], [-1, 2, -0, -inf, nan])(dtype),
    ["int32 wraps", op("neg", [int([5, minInt])]), [-5, minInt]],
  ],
  abs: (dtype) => [
    ...one("abs", [1.5, -2, -0, -inf, nan], [1.5, 2, 0, inf, nan])(dtype),
    ["int32 wraps", op("abs", [int([-5, minInt])]), [5, minInt]],
  ],
  sign: (dtype) => [
    ...one("sign", [3, -0.1, 0, -inf, nan], [1, -1, 0, -1, nan])(dtype),
    ["int32", op("sign", [int([-7, 0, 9])]), [-1, 0, 1]],
  ],
  exp: one("exp", [0, 1, -inf, inf, nan, 1000], [1, Math.E, 0, inf, nan, inf]),
  expm1: one("expm1", [0, 1, 2 ** -60, -inf, inf], [0, Math.E - 1, 2 ** -60, -1, inf]),
  log: one("log", [1, 4, 0, -1, inf, nan], [0, 2 * Math.LN2, -inf, nan, inf, nan]),
  log1p: one("log1p", [0, 1, 2 ** -60, -1, -2], [0, Math.LN2, 2 ** -60, -inf, nan]),
  sqrt: one("sqrt", [4, 2, 0, -0, -1, inf], [2, Math.SQRT2, 0, -0, nan, inf]),
  sin: one("sin", [0, 1, inf], [0, 0.8414709848078965, nan]),
  cos: one("cos", [0, 1, nan], [1, 0.5403023058681398, nan]),
  tanh: one("tanh", [0, 1, 100, -inf, nan], [0, 0.7615941559557649, 1, -1, nan]),
  sigmoid: one(
    "sigmoid",
    [0, 1, -1, -inf, inf, nan, -750],
    [0.5, 0.7310585786300049, 0.2689414213699951, 0, 1, nan, 0],
  ),
  erf: one(
    "erf",
    [0, 0.5, 1, -3, inf],
    [0, 0.5204998778130465, 0.8427007929497149, -0.9999779095030014, 1],
  ),
  floor: one("floor", [1.5, -1.5, 2, -inf, nan], [1, -2, 2, -inf, nan]),
  ceil: one("ceil", [1.5, -1.5, 2, inf, -0.5], [2, -1, 2, inf, -0]),
  round: one(
    "round",
    [0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6, -0.2, inf, -inf, nan],
    [0, 2, 2, -0, -2, 2, 3, -0, inf, -inf, nan],
  ),
  not: () => [["values", op("not", [bool([0, 1])]), [1, 0]]],
  cast: (dtype) => [
    [
      "truncates and saturates",
      op("cast", [values(dtype, [1.9, -1.9, 1e10, -inf, nan])], { dtype: "int32" }),
      [1, -1, maxInt, minInt, 0],
    ],
    ["to bool", op("cast", [values(dtype, [0, -0, 0.5, nan])], { dtype: "bool" }), [0, 0, 1, 1]],
    ["from bool", op("cast", [bool([0, 1])], { dtype }), [0, 1]],
    ["from int32", op("cast", [int([-3, 7])], { dtype }), [-3, 7]],
    [
      "rounds to float32",
      op("cast", [values("float64", [0.1])], { dtype: "float32" }),
      [Math.fround(0.1)],
    ],
  ],
  stopGradient: one("stopGradient", [1, nan], [1, nan]),
  add: (dtype) => [
    ...two("add", [1, inf, 0.5], [2, -inf, 0.25], [3, nan, 0.75])(dtype),
    ["int32 wraps", op("add", [int([maxInt]), int([1])]), [minInt]],
  ],
  sub: (dtype) => [
    ...two("sub", [1, inf], [2, inf], [-1, nan])(dtype),
    ["int32 wraps", op("sub", [int([minInt]), int([1])]), [maxInt]],
  ],
  mul: (dtype) => [
    ...two("mul", [3, inf, -0], [2, 0, 1], [6, nan, -0])(dtype),
    ["int32 wraps", op("mul", [int([123456789, -3]), int([987654321, 4])]), [-67153019, -12]],
  ],
  div: two("div", [1, 1, -1, 0], [4, 0, 0, 0], [0.25, inf, -inf, nan]),
  pow: two(
    "pow",
    [2, 9, 0, 0, -8, -2, nan],
    [10, 0.5, 0, -1, 1 / 3, 3, 0],
    [1024, 3, 1, inf, nan, -8, 1],
  ),
  max: (dtype) => [
    ...two("max", [1, nan, 1, -0], [2, 1, nan, 0], [2, nan, nan, 0])(dtype),
    ["int32", op("max", [int([-1, 5]), int([2, 3])]), [2, 5]],
  ],
  min: (dtype) => [
    ...two("min", [1, nan, 1, -0], [2, 1, nan, 0], [1, nan, nan, -0])(dtype),
    ["int32", op("min", [int([-1, 5]), int([2, 3])]), [-1, 3]],
  ],
  eq: two("eq", [1, 1, nan, -0], [1, 2, nan, 0], [1, 0, 0, 1]),
  ne: two("ne", [1, 1, nan, -0], [1, 2, nan, 0], [0, 1, 1, 0]),
  lt: two("lt", [1, 1, 2, nan], [1, 2, 1, 1], [0, 1, 0, 0]),
  le: two("le", [1, 1, 2, nan], [1, 2, 1, 1], [1, 1, 0, 0]),
  gt: two("gt", [1, 1, 2, nan], [1, 2, 1, 1], [0, 0, 1, 0]),
  ge: two("ge", [1, 1, 2, nan], [1, 2, 1, 1], [1, 0, 1, 0]),
  and: () => [["table", op("and", [bool([0, 0, 1, 1]), bool([0, 1, 0, 1])]), [0, 0, 0, 1]]],
  or: () => [["table", op("or", [bool([0, 0, 1, 1]), bool([0, 1, 0, 1])]), [0, 1, 1, 1]]],
  select: (dtype) => [
    [
      "picks, and NaN of the other side does not leak",
      op("select", [bool([1, 0]), values(dtype, [1, nan]), values(dtype, [nan, 4])]),
      [1, 4],
    ],
  ],
  reshape: (dtype) => [
    ["rows", op("reshape", [values(dtype, [1, 2, 3, 4])], { shape: [2, 2] }), [1, 2, 3, 4]],
    ["empty", op("reshape", [values(dtype, [], [0, 2])], { shape: [3, 0] }), []],
  ],
  permute: (dtype) => [
    [
      "matrix",
      op("permute", [values(dtype, [1, 2, 3, 4, 5, 6], [2, 3])], { order: [1, 0] }),
      [1, 4, 2, 5, 3, 6],
    ],
    [
      "three axes",
      op("permute", [values(dtype, [1, 2, 3, 4, 5, 6], [1, 2, 3])], { order: [2, 0, 1] }),
      [1, 4, 2, 5, 3, 6],
    ],
    ["empty", op("permute", [values(dtype, [], [0, 2])], { order: [1, 0] }), []],
  ],
  broadcast: (dtype) => [
    ["scalar", op("broadcast", [values(dtype, [7], [])], { shape: [3] }), [7, 7, 7]],
    [
      "column",
      op("broadcast", [values(dtype, [1, 2], [2, 1])], { shape: [2, 2, 2] }),
      [1, 1, 2, 2, 1, 1, 2, 2],
    ],
    ["to nothing", op("broadcast", [values(dtype, [1], [1])], { shape: [0] }), []],
  ],
  slice: (dtype) => [
    [
      "step",
      op("slice", [values(dtype, [0, 1, 2, 3, 4, 5, 6])], { start: [1], size: [3], step: [2] }),
      [1, 3, 5],
    ],
    [
      "block",
      op("slice", [values(dtype, [0, 1, 2, 3, 4, 5], [2, 3])], {
        start: [1, 1],
        size: [1, 2],
        step: [1, 1],
      }),
      [4, 5],
    ],
    ["none", op("slice", [values(dtype, [1])], { start: [1], size: [0], step: [1] }), []],
  ],
  pad: (dtype) => [
    [
      "low, high and interior",
      op("pad", [values(dtype, [1, 2])], { low: [1], high: [2], interior: [1], value: 9 }),
      [9, 1, 9, 2, 9, 9],
    ],
    [
      "empty",
      op("pad", [values(dtype, [])], { low: [1], high: [1], interior: [3], value: 0 }),
      [0, 0],
    ],
  ],
  flip: (dtype) => [
    [
      "one axis",
      op("flip", [values(dtype, [1, 2, 3, 4, 5, 6], [2, 3])], { axes: [1] }),
      [3, 2, 1, 6, 5, 4],
    ],
    ["both", op("flip", [values(dtype, [1, 2, 3, 4], [2, 2])], { axes: [0, 1] }), [4, 3, 2, 1]],
    ["empty", op("flip", [values(dtype, [])], { axes: [0] }), []],
  ],
  concatenate: (dtype) => [
    [
      "columns",
      op("concatenate", [values(dtype, [1, 2], [2, 1]), values(dtype, [3, 4, 5, 6], [2, 2])], {
        axis: 1,
      }),
      [1, 3, 4, 2, 5, 6],
    ],
    ["with nothing", op("concatenate", [values(dtype, []), values(dtype, [1])], { axis: 0 }), [1]],
  ],
  reduceSum: (dtype) => [
    [
      "columns",
      op("reduceSum", [values(dtype, [1, 2, 3, 4, 5, 6], [2, 3])], { axes: [0] }),
      [5, 7, 9],
    ],
    [
      "outer axes",
      op("reduceSum", [values(dtype, [1, 2, 3, 4], [2, 1, 2])], { axes: [0, 2] }),
      [10],
    ],
    ["nothing", op("reduceSum", [values(dtype, [], [0, 2])], { axes: [0] }), [0, 0]],
    ["int32 wraps", op("reduceSum", [int([maxInt, 1])], { axes: [0] }), [minInt]],
    [
      "accumulates in double",
      op("reduceSum", [values(dtype, [2 ** 24, 1, 1])], { axes: [0] }),
      [2 ** 24 + 2],
    ],
  ],
  reduceMax: (dtype) => [
    ["rows", op("reduceMax", [values(dtype, [1, 3, 2, -1], [2, 2])], { axes: [1] }), [3, 2]],
    ["NaN", op("reduceMax", [values(dtype, [1, nan, -inf])], { axes: [0] }), [nan]],
    ["int32", op("reduceMax", [int([minInt, minInt])], { axes: [0] }), [minInt]],
  ],
  reduceMin: (dtype) => [
    ["rows", op("reduceMin", [values(dtype, [1, 3, 2, -1], [2, 2])], { axes: [1] }), [1, -1]],
    ["infinite", op("reduceMin", [values(dtype, [inf])], { axes: [0] }), [inf]],
  ],
  argMax: (dtype) => [
    ["first of equals", op("argMax", [values(dtype, [1, 3, 3])], { axis: 0 }), [1]],
    ["columns", op("argMax", [values(dtype, [1, 5, 4, 2, 9, 0], [2, 3])], { axis: 0 }), [1, 1, 0]],
    ["NaN", op("argMax", [values(dtype, [inf, nan, nan])], { axis: 0 }), [1]],
    ["one", op("argMax", [values(dtype, [-inf])], { axis: 0 }), [0]],
  ],
  argMin: (dtype) => [
    ["first of equals", op("argMin", [values(dtype, [1, 0, 0])], { axis: 0 }), [1]],
    ["NaN", op("argMin", [values(dtype, [-inf, nan])], { axis: 0 }), [1]],
  ],
  matmul: (dtype) => [
    [
      "2 × 3 × 2",
      op("matmul", [
        values(dtype, [1, 2, 3, 4, 5, 6], [2, 3]),
        values(dtype, [7, 8, 9, 10, 11, 12], [3, 2]),
      ]),
      [58, 64, 139, 154],
    ],
    [
      "batch",
      op("matmul", [
        values(dtype, [1, 2, 3, 4], [2, 1, 2]),
        values(dtype, [5, 6, 7, 8], [2, 2, 1]),
      ]),
      [17, 53],
    ],
    ["over nothing", op("matmul", [values(dtype, [], [1, 0]), values(dtype, [], [0, 2])]), [0, 0]],
    ["NaN", op("matmul", [values(dtype, [0, 1], [1, 2]), values(dtype, [inf, 1], [2, 1])]), [nan]],
  ],
  convolve: (dtype) => [
    [
      "one axis, two channels",
      op(
        "convolve",
        [
          values(dtype, [1, 2, 3, 4, 5, 6], [1, 3, 2]),
          values(dtype, [1, 10, 100, 1000], [2, 2, 1]),
        ],
        { stride: [1], dilation: [1], low: [0], high: [0] },
      ),
      [1 + 20 + 300 + 4000, 3 + 40 + 500 + 6000],
    ],
    [
      "stride and dilation",
      op(
        "convolve",
        [
          values(dtype, [1, 2, 3, 4, 5, 6, 7, 8], [1, 8, 1]),
          values(dtype, [1, -1, 10, 0], [2, 1, 2]),
        ],
        { stride: [3], dilation: [2], low: [0], high: [0] },
      ),
      [31, -1, 64, -4],
    ],
    [
      "two images, two axes",
      op(
        "convolve",
        [
          values(dtype, [1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]),
          values(dtype, [1, 2, 3, 4], [2, 2, 1, 1]),
        ],
        { stride: [1, 1], dilation: [1, 1], low: [1, 0], high: [0, 0] },
      ),
      // Row −1 is padding: only the kernel's second row, 3 and 4, meets the first row.
      [11, 30, 39, 70],
    ],
  ],
  gather: (dtype) => [
    [
      "rows, outside gives 0",
      op("gather", [values(dtype, [1, 2, 3, 4], [2, 2]), int([1, -1, 2, 0])]),
      [3, 4, 0, 0, 0, 0, 1, 2],
    ],
    ["scalar index", op("gather", [values(dtype, [5, 6]), int([1], [])]), [6]],
    ["no indices", op("gather", [values(dtype, [5, 6]), int([])]), []],
  ],
  scatterAdd: (dtype) => [
    [
      "repeated and outside",
      op("scatterAdd", [int([1, 1, 5, -1]), values(dtype, [1, 2, 3, 4])], { length: 3 }),
      [0, 3, 0],
    ],
    [
      "rows",
      op("scatterAdd", [int([1]), values(dtype, [1, 2], [1, 2])], { length: 2 }),
      [0, 0, 1, 2],
    ],
    ["no updates", op("scatterAdd", [int([]), values(dtype, [])], { length: 2 }), [0, 0]],
  ],
};

describe.each(["float32", "float64"] as const)("reference in %s", (dtype) => {
  const all = Object.entries(examples).flatMap(([name, make]) =>
    make(dtype).map(([what, node, expected]) => [`${name}: ${what}`, node, expected] as const),
  );
  test.each(all)("%s", (_, node, expected) => {
    const [result] = evaluate([node]);
    expect(result.length).toBe(expected.length);
    // One rounding to the dtype, and one ULP for Math's functions.
    const epsilon = node.dtype === "float32" ? 2 ** -24 : 2 ** -52;
    expected.forEach((value, i) => {
      if (Math.abs(result[i] - value) <= epsilon * Math.abs(value) && value !== 0) return;
      expect(result[i]).toBe(value);
    });
  });
});

test("a deep chain of 20,000 nodes does not overflow the stack", () => {
  let node = values("float64", [0]);
  for (let i = 0; i < 20_000; i++) node = build.add(node, values("float64", [1]));
  expect(evaluate([node])[0][0]).toBe(20_000);
});
