/** Emitted kernels at the edges: special values, casts, random numbers, empty and long reductions. */

import { describe, expect, test } from "vitest";
import {
  type Affine,
  bytesPerElement,
  type Kernel,
  type Plan,
  type ScalarOp,
  type Value,
} from "../../compile/index.ts";
import type { DType } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { interpretPlan } from "./interpretPlan.testing.ts";
import { runPlan } from "./runPlan.testing.ts";

const at = (...strides: number[]): Affine => ({ offset: 0, strides });
const op = (name: ScalarOp, dtype: DType, ...inputs: Value[]): Value => ({
  kind: "op",
  op: name,
  inputs,
  dtype,
});
const load = (buffer: number, dtype: DType, where = at(1)): Value => ({
  kind: "load",
  buffer,
  at: where,
  dtype,
});

/** A plan of one kernel over buffers of the given types and sizes. */
function planOf(kernel: Kernel, buffers: readonly (readonly [DType, number])[]): Plan {
  let end = 0;
  return {
    buffers: buffers.map(([dtype, size]) => {
      const offset = end;
      end += Math.ceil((size * bytesPerElement[dtype] + 1) / 64) * 64;
      return { dtype, size, offset };
    }),
    constants: [],
    arenaBytes: end + 64,
    programs: [{ name: "test", kernels: [kernel] }],
    inputs: [],
    transposed: [],
    outputs: [[]],
  };
}

const special = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  3.75,
  2 ** 31,
  -(2 ** 31),
  3e9,
  -3e9,
  1e30,
  -1e30,
  Infinity,
  -Infinity,
  Number.NaN,
];

const floatOps = ["neg", "abs", "sign", "sqrt", "floor", "ceil", "round"] as const;

describe.each(["float32", "float64"] as const)("special values in %s", (dtype) => {
  const n = special.length;
  const unary = (to: DType, value: Value) => {
    const plan = planOf({ kind: "map", extents: [n], stores: [{ buffer: 1, at: at(1), value }] }, [
      [dtype, n],
      [to, n],
    ]);
    const initial = [Float64Array.from(special, dtype === "float32" ? Math.fround : Number)];
    initial.push(new Float64Array(n));
    const expected = initial.map((data) => data.slice());
    interpretPlan(plan, "test", expected);
    return { actual: runPlan(plan, "test", initial, { madd: false })[1], expected: expected[1] };
  };

  test.each(floatOps)("%s", (name) => {
    const { actual, expected } = unary(dtype, op(name, dtype, load(0, dtype)));
    expect(actual).toEqual(expected);
  });

  test.each(["int32", "bool", "float32", "float64"] as const)("cast to %s", (to) => {
    const { actual, expected } = unary(to, op("cast", to, load(0, dtype)));
    expect(actual).toEqual(expected);
  });

  test.each(["max", "min"] as const)("%s is NaN for any NaN", (name) => {
    const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
    const size = pairs.length;
    const value = op(name, dtype, load(0, dtype), load(1, dtype));
    const plan = planOf(
      { kind: "map", extents: [size], stores: [{ buffer: 2, at: at(1), value }] },
      [
        [dtype, size],
        [dtype, size],
        [dtype, size],
      ],
    );
    const initial = [
      Float64Array.from(pairs, ([a]) => a),
      Float64Array.from(pairs, ([, b]) => b),
      new Float64Array(size),
    ];
    const [, , actual] = runPlan(plan, "test", initial, { madd: false });
    const rounded = dtype === "float32" ? Math.fround : Number;
    // Which of two zeros is returned is not defined.
    const plain = (x: number) => (x === 0 ? 0 : x);
    const expected = pairs.map(([a, b]) => plain(rounded(Math[name](a, b))));
    expect([...actual].map(plain)).toEqual(expected);
  });

  test.each(["max", "min"] as const)("%s with a constant is NaN for NaN", (name) => {
    const one: Value = { kind: "constant", value: 1, dtype };
    for (const inputs of [
      [one, load(0, dtype)],
      [load(0, dtype), one],
    ]) {
      const { actual, expected } = unary(dtype, op(name, dtype, ...inputs));
      expect(actual).toEqual(expected);
    }
  });

  test("a maximum over numbers with a NaN is NaN, without one it is exact", () => {
    const kernel: Kernel = {
      kind: "reduce",
      op: "reduceMax",
      extents: [2],
      reduced: [11],
      inputs: [load(0, dtype, at(11, 1))],
      sideStores: [],
      stores: [{ buffer: 1, at: at(1), value: { kind: "anchor", result: 0, dtype } }],
    };
    const data = Float64Array.from({ length: 22 }, (_, i) => -i - 1);
    data[17] = Number.NaN;
    const plan = planOf(kernel, [
      [dtype, 22],
      [dtype, 2],
    ]);
    const [, actual] = runPlan(plan, "test", [data, new Float64Array(2)], { madd: false });
    expect(actual).toEqual(Float64Array.of(-1, Number.NaN));
  });
});

test.each([
  ["reduceSum", "float32", 0],
  ["reduceMax", "float64", -Infinity],
  ["reduceMin", "int32", 2 ** 31 - 1],
] as const)("an empty %s of %s is %d", (name, dtype, identity) => {
  const kernel: Kernel = {
    kind: "reduce",
    op: name,
    extents: [5],
    reduced: [3, 0],
    inputs: [load(0, dtype, at(0, 0, 1))],
    sideStores: [],
    stores: [{ buffer: 1, at: at(1), value: { kind: "anchor", result: 0, dtype } }],
  };
  const plan = planOf(kernel, [
    [dtype, 0],
    [dtype, 5],
  ]);
  const initial = [new Float64Array(0), new Float64Array(5)];
  const [, actual] = runPlan(plan, "test", initial, { madd: false });
  expect(actual).toEqual(new Float64Array(5).fill(identity));
});

test.each(["float32", "float64"] as const)("random %s numbers are those of Threefry", (dtype) => {
  const value: Value = {
    kind: "random",
    key: 0,
    keyOffset: 1,
    at: { offset: 5, strides: [3] },
    dtype,
  };
  const kernel: Kernel = { kind: "map", extents: [13], stores: [{ buffer: 1, at: at(1), value }] };
  const plan = planOf(kernel, [
    ["int32", 3],
    [dtype, 13],
  ]);
  const initial = [Float64Array.of(9, 123456789, -987654321), new Float64Array(13)];
  const expected = initial.map((data) => data.slice());
  interpretPlan(plan, "test", expected);
  const [, actual] = runPlan(plan, "test", initial, { madd: false });
  expect(actual).toEqual(expected[1]);
});

test("a store that ends a buffer in the middle of a vector leaves the next buffer alone", () => {
  // The third of three tensors of 5 that are joined into 15: its last vector would reach element 18.
  const kernel: Kernel = {
    kind: "map",
    extents: [5],
    stores: [{ buffer: 1, at: { offset: 10, strides: [1] }, value: load(0, "float32") }],
  };
  const plan = planOf(kernel, [
    ["float32", 5],
    ["float32", 15],
    ["float32", 4],
  ]);
  const initial = [
    Float64Array.of(1, 2, 3, 4, 5),
    new Float64Array(15),
    new Float64Array(4).fill(7),
  ];
  const [, joined, next] = runPlan(plan, "test", initial, { madd: false });
  expect([...joined.slice(10)]).toEqual([1, 2, 3, 4, 5]);
  expect([...next]).toEqual([7, 7, 7, 7]);
});

describe("a float32 sum of many numbers stays near their float64 sum", () => {
  // Blocks of 512 terms in 16 chains: the error is that of some hundred additions, not of a million.
  test.each([
    ["one axis", [1_000_003], at(1), []],
    ["over rows", [100_001], at(1, 10), [10]],
    ["short rows", [120_000, 8], at(8, 1), []],
    ["few columns", [300_007], at(1, 3), [3]],
  ] as const)("%s", (_, reduced, where, extents) => {
    const size = [...extents, ...reduced].reduce((product, extent) => product * extent, 1);
    const count = size / (extents[0] ?? 1);
    const kernel: Kernel = {
      kind: "reduce",
      op: "reduceSum",
      extents,
      reduced,
      inputs: [load(0, "float32", where)],
      sideStores: [],
      stores: [
        {
          buffer: 1,
          at: at(...extents.map(() => 1)),
          value: { kind: "anchor", result: 0, dtype: "float32" },
        },
      ],
    };
    const results = extents[0] ?? 1;
    const plan = planOf(kernel, [
      ["float32", size],
      ["float32", results],
    ]);
    const generator = new Generator(3);
    const data = Float64Array.from({ length: size }, () => Math.fround(generator.uniform()));
    const [, actual] = runPlan(plan, "test", [data, new Float64Array(results)], { madd: false });
    for (let i = 0; i < results; i++) {
      let sum = 0;
      for (let j = 0; j < count; j++) sum += data[results === 1 ? j : i + results * j];
      expect(Math.abs(actual[i] / sum - 1)).toBeLessThan(1e-6);
    }
  });
});

test.each([
  ["float32", 2 ** -126],
  ["float64", 2 ** -1022],
] as const)("fused, squares of tiny sigmoids of %s are normal or 0", (dtype, leastNormal) => {
  const sigmoid = op("sigmoid", dtype, load(0, dtype));
  const store = (buffer: number, value: Value) => ({ buffer, at: at(1), value });
  const square = op("mul", dtype, sigmoid, sigmoid);
  const kernel: Kernel = {
    kind: "map",
    extents: [7],
    stores: [store(1, sigmoid), store(2, square)],
  };
  const plan = planOf(kernel, [
    [dtype, 7],
    [dtype, 7],
    [dtype, 7],
  ]);
  const half = Math.log(leastNormal) / 2;
  const x = [half - 20, half - 0.01, half + 0.01, 1.3 * half, -1, 3, Number.NaN];
  const initial = [Float64Array.from(x), new Float64Array(7), new Float64Array(7)];
  const [, s, squares] = runPlan(plan, "test", initial, { madd: true });
  for (const [i, a] of s.entries()) {
    const exact = dtype === "float32" ? Math.fround(a * a) : a * a;
    expect(squares[i], `of ${a}`).toBe(exact < leastNormal ? 0 : exact);
  }
  expect(squares[2]).toBeGreaterThan(0);
});
