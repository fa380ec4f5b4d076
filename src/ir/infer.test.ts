/** Shape and dtype inference of every op, and what it says when operands do not fit. */

import { describe, expect, test } from "vitest";
import { DTypeError, ShapeError } from "../util/index.ts";
import {
  build,
  type DType,
  makeNode,
  type Node,
  type Op,
  type OpAttributes,
  type Shape,
} from "./index.ts";

const of = (dtype: DType, ...shape: number[]): Node => build.input("x", shape, dtype);
const f32 = (...shape: number[]) => of("float32", ...shape);
const i32 = (...shape: number[]) => of("int32", ...shape);
const bool = (...shape: number[]) => of("bool", ...shape);

function op<K extends Op>(name: K, inputs: readonly Node[], attributes?: OpAttributes[K]): Node {
  return makeNode(name, inputs, attributes ?? ({} as OpAttributes[K]));
}

type Expected = readonly [node: () => Node, dtype: DType, shape: Shape];
type Refused = readonly [
  node: () => Node,
  error: typeof ShapeError | typeof DTypeError,
  text: string,
];

const floatUnary = (name: Op): readonly [Expected, Refused] => [
  [() => op(name, [f32(2, 3)]), "float32", [2, 3]],
  [
    () => op(name, [i32(2)]),
    DTypeError,
    `${name}: expected float32 or float64, got int32[2]; convert it with cast().`,
  ],
];

const numberUnary = (name: Op): readonly [Expected, Refused] => [
  [() => op(name, [i32(2)]), "int32", [2]],
  [() => op(name, [bool(2)]), DTypeError, "got bool[2]"],
];

const numberBinary = (name: Op, result?: DType): readonly [Expected, Refused] => [
  [() => op(name, [i32(2), i32(2)]), result ?? "int32", [2]],
  [
    () => op(name, [f32(2), i32(2)]),
    DTypeError,
    `${name}: operands have different types, float32[2] and int32[2]; cast() one of them.`,
  ],
];

const floatBinary = (name: Op): readonly [Expected, Refused] => [
  [() => op(name, [f32(2), f32(2)]), "float32", [2]],
  [() => op(name, [f32(2), f32(3)]), ShapeError, `${name}: expected equal shapes`],
];

const boolBinary = (name: Op): readonly [Expected, Refused] => [
  [() => op(name, [bool(2), bool(2)]), "bool", [2]],
  [() => op(name, [i32(2), i32(2)]), DTypeError, "expected bool"],
];

const zeros3 = { low: [0], high: [0], interior: [0], value: 0 };

const cases: { readonly [K in Op]: readonly [Expected, Refused?] } = {
  input: [
    [() => f32(2, 0), "float32", [2, 0]],
    [() => f32(2, -1), ShapeError, "expected lengths that are whole numbers, got [2, -1]"],
  ],
  constant: [
    [() => build.constant(Float64Array.of(1, 2), [2, 1], "float64"), "float64", [2, 1]],
    [
      () => build.constant(Float64Array.of(1), [2], "float64"),
      ShapeError,
      "constant: shape [2] needs 2 values, got 1.",
    ],
  ],
  iota: [
    [() => build.iota(0, [3], "int32"), "int32", [3]],
    [() => build.iota(1, [3], "int32"), ShapeError, "iota: axis 1 is outside 0 to 0."],
  ],
  random: [
    [() => op("random", [i32(2)], { shape: [4], dtype: "float64" }), "float64", [4]],
    [
      () => op("random", [i32(3)], { shape: [4], dtype: "float64" }),
      ShapeError,
      "expected a key of shape [2], got int32[3]",
    ],
  ],
  neg: numberUnary("neg"),
  abs: numberUnary("abs"),
  sign: numberUnary("sign"),
  exp: floatUnary("exp"),
  expm1: floatUnary("expm1"),
  log: floatUnary("log"),
  log1p: floatUnary("log1p"),
  sqrt: floatUnary("sqrt"),
  sin: floatUnary("sin"),
  cos: floatUnary("cos"),
  tanh: floatUnary("tanh"),
  sigmoid: floatUnary("sigmoid"),
  erf: floatUnary("erf"),
  floor: floatUnary("floor"),
  ceil: floatUnary("ceil"),
  round: floatUnary("round"),
  not: [
    [() => op("not", [bool(2)]), "bool", [2]],
    [() => op("not", [f32(2)]), DTypeError, "not: expected bool, got float32[2]"],
  ],
  cast: [[() => op("cast", [f32(2)], { dtype: "int32" }), "int32", [2]]],
  stopGradient: [[() => op("stopGradient", [i32(2)]), "int32", [2]]],
  add: numberBinary("add"),
  sub: numberBinary("sub"),
  mul: numberBinary("mul"),
  div: floatBinary("div"),
  pow: floatBinary("pow"),
  max: numberBinary("max"),
  min: numberBinary("min"),
  eq: numberBinary("eq", "bool"),
  ne: numberBinary("ne", "bool"),
  lt: numberBinary("lt", "bool"),
  le: numberBinary("le", "bool"),
  gt: numberBinary("gt", "bool"),
  ge: numberBinary("ge", "bool"),
  and: boolBinary("and"),
  or: boolBinary("or"),
  select: [
    [() => op("select", [bool(2), i32(2), i32(2)]), "int32", [2]],
    [
      () => op("select", [bool(3), f32(2), f32(2)]),
      ShapeError,
      "select: condition bool[3] and values float32[2] differ in shape.",
    ],
  ],
  reshape: [
    [() => op("reshape", [f32(2, 3)], { shape: [6] }), "float32", [6]],
    [() => op("reshape", [f32(2, 3)], { shape: [4] }), ShapeError, "float32[2, 3] has 6 elements"],
  ],
  permute: [
    [() => op("permute", [f32(2, 3, 4)], { order: [2, 0, 1] }), "float32", [4, 2, 3]],
    [() => op("permute", [f32(2, 3)], { order: [0] }), ShapeError, "needs each of its 2 axes once"],
  ],
  broadcast: [
    [() => op("broadcast", [f32(3, 1)], { shape: [2, 3, 4] }), "float32", [2, 3, 4]],
    [
      () => op("broadcast", [f32(3)], { shape: [1] }),
      ShapeError,
      "broadcast: float32[3] does not fit into [1].",
    ],
  ],
  slice: [
    [() => op("slice", [f32(7)], { start: [1], size: [3], step: [2] }), "float32", [3]],
    [
      () => op("slice", [f32(5)], { start: [1], size: [3], step: [2] }),
      ShapeError,
      "slice: axis 0 of float32[5] has no elements 1 to 5 in steps of 2.",
    ],
  ],
  pad: [
    [() => op("pad", [f32(3)], { low: [1], high: [2], interior: [1], value: 0 }), "float32", [8]],
    [
      () => op("pad", [f32(3)], { ...zeros3, low: [-1] }),
      ShapeError,
      "needs one low, high and interior amount of at least 0 for each axis",
    ],
  ],
  flip: [
    [() => op("flip", [f32(2, 3)], { axes: [1] }), "float32", [2, 3]],
    [() => op("flip", [f32(2, 3)], { axes: [1, 1] }), ShapeError, "name the same axis twice"],
  ],
  concatenate: [
    [() => op("concatenate", [f32(2, 3), f32(2, 1)], { axis: 1 }), "float32", [2, 4]],
    [
      () => op("concatenate", [f32(2, 3), f32(3, 3)], { axis: 1 }),
      ShapeError,
      "concatenate: float32[3, 3] does not continue float32[2, 3] along axis 1.",
    ],
  ],
  reduceSum: [
    [() => op("reduceSum", [f32(2, 3, 4)], { axes: [0, 2] }), "float32", [3]],
    [() => op("reduceSum", [f32(2)], { axes: [1] }), ShapeError, "axis 1 is outside 0 to 0"],
  ],
  reduceMax: [
    [() => op("reduceMax", [f32(0, 3)], { axes: [1] }), "float32", [0]],
    [
      () => op("reduceMax", [f32(0, 3)], { axes: [0] }),
      ShapeError,
      "reduceMax: float32[0, 3] has no elements along axis 0.",
    ],
  ],
  reduceMin: [
    [() => op("reduceMin", [i32(2)], { axes: [0] }), "int32", []],
    [() => op("reduceMin", [bool(2)], { axes: [0] }), DTypeError, "got bool[2]"],
  ],
  argMax: [
    [() => op("argMax", [f32(2, 3)], { axis: 0 }), "int32", [3]],
    [() => op("argMax", [f32(0)], { axis: 0 }), ShapeError, "no elements along axis 0"],
  ],
  argMin: [
    [() => op("argMin", [f32(2, 3)], { axis: 1 }), "int32", [2]],
    [() => op("argMin", [f32()], { axis: 0 }), ShapeError, "axis 0 is outside"],
  ],
  matmul: [
    [() => op("matmul", [f32(5, 2, 3), f32(5, 3, 4)]), "float32", [5, 2, 4]],
    [
      () => op("matmul", [f32(2, 3), f32(4, 2)]),
      ShapeError,
      "matmul: the last axis of float32[2, 3] (3) and the last but one of float32[4, 2] (4) must be " +
        "equal.",
    ],
  ],
  convolve: [
    [
      () =>
        op("convolve", [f32(7, 28, 28, 3), f32(5, 3, 3, 6)], {
          stride: [1, 2],
          dilation: [1, 2],
          low: [2, 0],
          high: [2, 0],
        }),
      "float32",
      [7, 28, 12, 6],
    ],
    [
      () =>
        op("convolve", [f32(7, 3, 3), f32(5, 3, 6)], {
          stride: [1],
          dilation: [1],
          low: [1],
          high: [0],
        }),
      ShapeError,
      "a kernel of 5 with dilation 1 and stride 1 does not fit into axis 1 of float32[7, 3, 3] with " +
        "padding 1 and 0",
    ],
  ],
  gather: [
    [() => op("gather", [f32(5, 3), i32(2, 2)]), "float32", [2, 2, 3]],
    [() => op("gather", [f32(), i32(2)]), ShapeError, "a scalar has no rows to take"],
  ],
  scatterAdd: [
    [() => op("scatterAdd", [i32(2), f32(2, 3)], { length: 5 }), "float32", [5, 3]],
    [
      () => op("scatterAdd", [i32(2), f32(3)], { length: 5 }),
      ShapeError,
      "scatterAdd: updates float32[3] must start with the shape of int32[2].",
    ],
  ],
};

describe.each(Object.entries(cases))("%s", (_, [[good, dtype, shape], refused]) => {
  test("has its type", () => {
    const node = good();
    expect([node.dtype, node.shape]).toEqual([dtype, shape]);
  });

  test("refuses what does not fit", () => {
    // cast and stopGradient take everything.
    if (refused === undefined) return;
    const [bad, error, text] = refused;
    expect(bad).toThrow(error);
    expect(bad).toThrow(text);
  });
});

test("more ways not to fit", () => {
  expect(() => build.constant(Float32Array.of(1), [1], "int32")).toThrow(
    "constant: expected an array of int32, got one of float32.",
  );
  expect(() => op("random", [f32(2)], { shape: [], dtype: "float32" })).toThrow("expected int32");
  expect(() => op("random", [i32(2)], { shape: [], dtype: "bool" })).toThrow("got bool");
  expect(() => op("slice", [f32(3)], { start: [0], size: [-1], step: [1] })).toThrow(ShapeError);
  expect(() => op("slice", [f32(3)], { start: [], size: [], step: [] })).toThrow(ShapeError);
  expect(() => op("scatterAdd", [i32(2), f32(2)], { length: -1 })).toThrow(ShapeError);
  expect(() => op("matmul", [f32(2), f32(2)])).toThrow("expected [...batch, m, k]");
  expect(() => op("matmul", [f32(1, 1), of("float64", 1, 1)])).toThrow(DTypeError);
  expect(() => op("concatenate", [], { axis: 0 })).toThrow("expected at least one tensor");
});
