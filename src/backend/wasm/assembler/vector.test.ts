/** Every SIMD instruction against what JavaScript says it computes, lane by lane. */

import { describe, expect, test } from "vitest";
import type { Expr, Stmt } from "./expression.ts";
import { FunctionBuilder } from "./functionBuilder.ts";
import { ModuleBuilder } from "./moduleBuilder.ts";
import { f32, f64, i32, i64 } from "./scalar.ts";
import { f32x4, f64x2, i32x4, i64x2, v128 } from "./vector.ts";

type Scalar = number | bigint;
type V = Expr<"v128">;

/** How the bytes of a vector are read. */
type View = "u8" | "i8" | "i32" | "u32" | "i64" | "u64" | "f32" | "f64";

const views = {
  u8: Uint8Array,
  i8: Int8Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const;

const read = (view: View, buffer: ArrayBuffer, offset = 0): Scalar[] => [
  ...(new views[view](buffer, offset, 16 / views[view].BYTES_PER_ELEMENT) as Iterable<Scalar>),
];

const write = (view: View, buffer: ArrayBuffer, offset: number, lanes: readonly Scalar[]) =>
  (
    new views[view](buffer, offset, lanes.length) as unknown as { set(x: readonly Scalar[]): void }
  ).set(lanes);

const samples: Record<"i32" | "i64" | "f32" | "f64", readonly (readonly Scalar[])[]> = {
  i32: [
    [0, 1, -1, 0x7fffffff],
    [-0x80000000, 7, -7, 123456789],
    [5, 1, 0x7ffffffe, -0x7fffffff],
    [3, 3, -1, 65537],
  ],
  i64: [
    [0n, 2n ** 63n - 1n],
    [-1n, 5n],
    [-(2n ** 63n), 2n ** 33n + 1n],
    [7n, 5n],
  ],
  f32: [
    [0, -0, 1.5, -2.5],
    [0.5, 3.25, Infinity, -1],
    [NaN, -3e9, 5e9, 2.5],
    [-0, 0, -Infinity, 2.5],
  ],
  f64: [
    [0, -0],
    [1.5, -2.5],
    [NaN, 5e9],
    [Infinity, -3e9],
    [0.5, 1e-40],
    [-0.5, 1.5],
  ],
};

/** Runs code over a memory whose first vectors are the operands; the result is at 128. */
function execute(
  operands: readonly { view: View; lanes: readonly Scalar[] }[],
  body: (f: FunctionBuilder) => void,
): ArrayBuffer {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { min: 1 });
  const f = new FunctionBuilder({ params: [], results: [] });
  body(f);
  module.addFunction(f, { export: "main" });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const compiled = new WebAssembly.Module(module.build());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const buffer = memory.buffer as ArrayBuffer;
  for (const [i, { view, lanes }] of operands.entries()) write(view, buffer, 16 * i, lanes);
  (exports.main as () => void)();
  return buffer;
}

const operand = (i: number) => v128.load(i32.const(0), 16 * i);

/** The operands' view, what is computed lane by lane (booleans fill the lane), the result's view. */
type Row = readonly [
  of: keyof typeof samples,
  js: (...lanes: never[]) => Scalar | boolean,
  to?: View,
];
type Structural = "splat" | "constant" | "shuffle" | "extractLane" | "relaxedLaneselect";
type Lanewise<Table> = Exclude<
  keyof Table,
  Structural | "replaceLane" | "shl" | "shrS" | "shrU" | Widening
>;
type Widening =
  | "demoteF64x2Zero"
  | "promoteLowF32x4"
  | `convertLow${string}`
  | `truncSatF64x2${string}`
  | `ext${string}`;

const even = (x: number) => {
  const r = Math.round(x);
  const nearest = Math.abs(x % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
  return nearest === 0 && (x < 0 || Object.is(x, -0)) ? -0 : nearest;
};
const clamp = (x: number, minimum: number, maximum: number) =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, minimum), maximum));
const toI32 = (x: number) => clamp(x, -0x80000000, 0x7fffffff);
const s64 = (x: bigint) => BigInt.asIntN(64, x);
const select = <T extends Scalar>(a: T, b: T, c: T): T => {
  const mask = BigInt(c);
  const bits = (BigInt(a) & mask) | (BigInt(b) & ~mask);
  return (typeof a === "bigint" ? bits : Number(BigInt.asIntN(32, bits))) as T;
};

function floatRows(of: "f32" | "f64", mask: "i32" | "i64") {
  const one = (js: (a: number) => number): Row => [of, js];
  const two = (js: (a: number, b: number) => number): Row => [of, js];
  const three = (js: (a: number, b: number, c: number) => number): Row => [of, js];
  const compare = (js: (a: number, b: number) => boolean): Row => [of, js, mask];
  return {
    eq: compare((a, b) => a === b),
    ne: compare((a, b) => a !== b),
    lt: compare((a, b) => a < b),
    gt: compare((a, b) => a > b),
    le: compare((a, b) => a <= b),
    ge: compare((a, b) => a >= b),
    ceil: one(Math.ceil),
    floor: one(Math.floor),
    trunc: one(Math.trunc),
    nearest: one(even),
    abs: one(Math.abs),
    neg: one((a) => -a),
    sqrt: one(Math.sqrt),
    add: two((a, b) => a + b),
    sub: two((a, b) => a - b),
    mul: two((a, b) => a * b),
    div: two((a, b) => a / b),
    min: two((a, b) => Math.min(a, b)),
    max: two((a, b) => Math.max(a, b)),
    pmin: two((a, b) => (b < a ? b : a)),
    pmax: two((a, b) => (a < b ? b : a)),
    relaxedMadd: three((a, b, c) => a * b + c),
    relaxedNmadd: three((a, b, c) => c - a * b),
  };
}

const f32x4Rows: Record<Lanewise<typeof f32x4>, Row> = {
  ...floatRows("f32", "i32"),
  convertI32x4S: ["i32", (a: number) => a, "f32"],
};

const f64x2Rows: Record<Lanewise<typeof f64x2>, Row> = {
  ...floatRows("f64", "i64"),
};

const i32x4Rows: Record<Lanewise<typeof i32x4>, Row> = {
  eq: ["i32", (a: number, b: number) => a === b],
  ne: ["i32", (a: number, b: number) => a !== b],
  ltS: ["i32", (a: number, b: number) => a < b],
  ltU: ["i32", (a: number, b: number) => a >>> 0 < b >>> 0],
  gtS: ["i32", (a: number, b: number) => a > b],
  gtU: ["i32", (a: number, b: number) => a >>> 0 > b >>> 0],
  leS: ["i32", (a: number, b: number) => a <= b],
  leU: ["i32", (a: number, b: number) => a >>> 0 <= b >>> 0],
  geS: ["i32", (a: number, b: number) => a >= b],
  geU: ["i32", (a: number, b: number) => a >>> 0 >= b >>> 0],
  abs: ["i32", (a: number) => Math.abs(a)],
  neg: ["i32", (a: number) => -a],
  add: ["i32", (a: number, b: number) => a + b],
  sub: ["i32", (a: number, b: number) => a - b],
  mul: ["i32", (a: number, b: number) => Math.imul(a, b)],
  minS: ["i32", (a: number, b: number) => Math.min(a, b)],
  minU: ["i32", (a: number, b: number) => Math.min(a >>> 0, b >>> 0)],
  maxS: ["i32", (a: number, b: number) => Math.max(a, b)],
  maxU: ["i32", (a: number, b: number) => Math.max(a >>> 0, b >>> 0)],
  truncSatF32x4S: ["f32", toI32, "i32"],
};

const i64x2Rows: Record<Lanewise<typeof i64x2>, Row> = {
  abs: ["i64", (a: bigint) => (a < 0n ? -a : a)],
  neg: ["i64", (a: bigint) => -a],
  add: ["i64", (a: bigint, b: bigint) => a + b],
  sub: ["i64", (a: bigint, b: bigint) => a - b],
  mul: ["i64", (a: bigint, b: bigint) => a * b],
  eq: ["i64", (a: bigint, b: bigint) => a === b],
  ne: ["i64", (a: bigint, b: bigint) => a !== b],
  ltS: ["i64", (a: bigint, b: bigint) => a < b],
  gtS: ["i64", (a: bigint, b: bigint) => a > b],
  leS: ["i64", (a: bigint, b: bigint) => a <= b],
  geS: ["i64", (a: bigint, b: bigint) => a >= b],
};

const v128Rows = {
  not: ["i32", (a: number) => ~a],
  and: ["i32", (a: number, b: number) => a & b],
  andnot: ["i32", (a: number, b: number) => a & ~b],
  or: ["i32", (a: number, b: number) => a | b],
  xor: ["i32", (a: number, b: number) => a ^ b],
  bitselect: ["i32", (a: number, b: number, c: number) => select(a, b, c)],
} as const satisfies Partial<Record<keyof typeof v128, Row>>;

const tables: Record<string, [Record<string, unknown>, Record<string, Row>]> = {
  v128: [v128, v128Rows],
  i32x4: [i32x4, i32x4Rows],
  i64x2: [i64x2, i64x2Rows],
  f32x4: [f32x4, f32x4Rows],
  f64x2: [f64x2, f64x2Rows],
};

const rows = Object.entries(tables).flatMap(([type, [instructions, meanings]]) =>
  Object.entries(meanings).map(
    ([name, row]) => [`${type}.${name}`, instructions[name] as (...args: V[]) => V, row] as const,
  ),
);

describe("lane by lane", () => {
  test.each(rows)("%s", (name, instruction, [of, js, to = of]) => {
    const arity = js.length;
    for (const [i, a] of samples[of].entries()) {
      for (const b of samples[of]) {
        const c = samples[of][(i + 1) % samples[of].length];
        const operands = [a, b, c].slice(0, arity);
        const buffer = execute(
          operands.map((lanes) => ({ view: of, lanes })),
          (f) =>
            f.emit(
              v128.store(i32.const(0), 128, instruction(...operands.map((_, k) => operand(k)))),
            ),
        );
        const expected = a.map((_, lane) => {
          const value = (js as (...lanes: Scalar[]) => Scalar | boolean)(
            ...operands.map((lanes) => lanes[lane]),
          );
          if (typeof value !== "boolean") return value;
          return to === "i64" ? -BigInt(value) : -Number(value);
        });
        // Through memory of the result's type, so that integers wrap and floats round.
        const rounded = new ArrayBuffer(16);
        write(to, rounded, 0, expected);
        const message = `${name}(${operands.map((lanes) => `[${lanes.join(", ")}]`).join(", ")})`;
        expect(read(to, buffer, 128), message).toEqual(read(to, rounded));
        if (arity === 1) break;
      }
    }
  });

  test("the rows cover every name of v128 that is not a memory access or a constant", () => {
    const rest = Object.keys(v128).filter((name) => !/^(load|store)|Const$/.test(name));
    expect(rest.sort()).toEqual([...Object.keys(v128Rows), "anyTrue"].sort());
  });
});

/** The result of a vector expression of the first vectors of memory. */
function evaluate(
  of: View,
  operands: readonly (readonly Scalar[])[],
  to: View,
  build: (...args: V[]) => V,
): Scalar[] {
  const buffer = execute(
    operands.map((lanes) => ({ view: of, lanes })),
    (f) => f.emit(v128.store(i32.const(0), 128, build(...operands.map((_, i) => operand(i))))),
  );
  return read(to, buffer, 128);
}

describe("between widths", () => {
  const floats = [1.5, -2.5, 3e9, NaN];
  const ints = [-3, 5, 0x7fffffff, -0x80000000];
  const wide = ints.map(BigInt);
  test.each<[string, Scalar[], Scalar[]]>([
    [
      "demote",
      evaluate("f64", [[0.1, -2.5]], "f32", f32x4.demoteF64x2Zero),
      [Math.fround(0.1), -2.5, 0, 0],
    ],
    ["promote", evaluate("f32", [floats], "f64", f64x2.promoteLowF32x4), [1.5, -2.5]],
    ["convert s", evaluate("i32", [ints], "f64", f64x2.convertLowI32x4S), [-3, 5]],
    [
      "trunc s",
      evaluate("f64", [[-7.9, 1e10]], "i32", i32x4.truncSatF64x2SZero),
      [-7, 0x7fffffff, 0, 0],
    ],
    ["extend low s", evaluate("i32", [ints], "i64", i64x2.extendLowI32x4S), wide.slice(0, 2)],
  ])("%s", (_, actual, expected) => expect(actual).toEqual(expected));
});

describe("lanes", () => {
  const v = [11, 22, 33, 44];
  test("shuffles of lanes", () => {
    expect(
      evaluate("i32", [v, [5, 6, 7, 8]], "i32", (a, b) => i32x4.shuffle(a, b, [7, 0, 4, 3])),
    ).toEqual([8, 11, 5, 44]);
    expect(
      evaluate(
        "f64",
        [
          [1, 2],
          [3, 4],
        ],
        "f64",
        (a, b) => i64x2.shuffle(a, b, [1, 2]),
      ),
    ).toEqual([2, 3]);
    expect(() => i32x4.shuffle(operand(0), operand(0), [0, 1])).toThrow("expected 4 lanes, got 2");
    expect(() => i64x2.shuffle(operand(0), operand(0), [0, 4])).toThrow("lane in [0, 4), got 4");
  });

  test("splats and constants", () => {
    const none = (to: View, value: V) => evaluate("i32", [], to, () => value);
    expect(none("i32", i32x4.splat(i32.const(-3)))).toEqual([-3, -3, -3, -3]);
    expect(none("f32", f32x4.splat(f32.const(1.5)))).toEqual([1.5, 1.5, 1.5, 1.5]);
    expect(none("f64", f64x2.splat(f64.const(0.1)))).toEqual([0.1, 0.1]);
    expect(none("i32", v128.i32x4Const(1, -2, 0xffffffff, 4))).toEqual([1, -2, -1, 4]);
    expect(none("i64", v128.i64x2Const(-1n, 2n ** 63n))).toEqual([-1n, -(2n ** 63n)]);
    expect(none("f32", v128.f32x4Const(1, -0, NaN, Infinity))).toEqual([1, -0, NaN, Infinity]);
    expect(none("f64", v128.f64x2Const(0.1, -0))).toEqual([0.1, -0]);
    expect(none("i32", i32x4.constant(9))).toEqual([9, 9, 9, 9]);
    expect(none("i64", i64x2.constant(9n))).toEqual([9n, 9n]);
    expect(none("f32", f32x4.constant(0.5))).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(none("f64", f64x2.constant(0.1))).toEqual([0.1, 0.1]);
  });

  test("replaced lanes", () => {
    expect(evaluate("f32", [v], "f32", (a) => f32x4.replaceLane(a, 1, f32.const(0.5)))).toEqual([
      11, 0.5, 33, 44,
    ]);
    expect(
      evaluate("f64", [[1, 2]], "f64", (a) => f64x2.replaceLane(a, 1, f64.const(0.1))),
    ).toEqual([1, 0.1]);
    expect(() => f64x2.replaceLane(operand(0), 2, f64.const(0))).toThrow("lane in [0, 2), got 2");
  });

  test("shifts", () => {
    const lanes = [-8, 5, 1 << 30, -1];
    const long = [-8n, 2n ** 62n];
    const shifted = (
      to: View,
      of: View,
      data: readonly Scalar[],
      op: (a: V, n: number) => V,
      n: number,
    ) => evaluate(of, [data], to, (a) => op(a, n));
    expect(shifted("i32", "i32", lanes, i32x4.shl, 3)).toEqual(lanes.map((x) => x << 3));
    expect(shifted("i32", "i32", lanes, i32x4.shrS, 3)).toEqual(lanes.map((x) => x >> 3));
    expect(shifted("u32", "i32", lanes, i32x4.shrU, 31)).toEqual(lanes.map((x) => x >>> 31));
    expect(shifted("i64", "i64", long, i64x2.shl, 1)).toEqual(long.map((x) => s64(x << 1n)));
    expect(shifted("i64", "i64", long, i64x2.shrS, 52)).toEqual(long.map((x) => x >> 52n));
    expect(shifted("u64", "i64", long, i64x2.shrU, 63)).toEqual([1n, 0n]);
    expect(evaluate("i32", [lanes], "i32", (a) => i32x4.shl(a, i32.const(2)))).toEqual(
      lanes.map((x) => x << 2),
    );
  });
});

describe("from a vector to a number", () => {
  test.each<[string, View, Scalar[], (a: V) => Expr, Scalar]>([
    ["i32x4.extractLane", "i32", [1, 2, 3, -4], (a) => i32x4.extractLane(a, 3), -4],
    ["f32x4.extractLane", "f32", [1, 2.5, 3, 4], (a) => f32x4.extractLane(a, 1), 2.5],
    ["f64x2.extractLane", "f64", [1, 0.1], (a) => f64x2.extractLane(a, 1), 0.1],
    ["v128.anyTrue", "i32", [0, 0, 8, 0], v128.anyTrue, 1],
    ["v128.anyTrue of zeros", "i32", [0, 0, 0, 0], v128.anyTrue, 0],
  ])("%s", (_, view, lanes, build, expected) => {
    const result = build(operand(0));
    const buffer = execute([{ view, lanes }], (f) => {
      const stores: { [type: string]: Stmt | undefined } = {
        i32: i32.store(i32.const(0), 128, result as Expr<"i32">),
        i64: i64.store(i32.const(0), 128, result as Expr<"i64">),
        f32: f32.store(i32.const(0), 128, result as Expr<"f32">),
        f64: f64.store(i32.const(0), 128, result as Expr<"f64">),
      };
      f.emit(stores[result.type] as Stmt);
    });
    expect(read(result.type as View, buffer, 128)[0]).toBe(expected);
  });
});

describe("memory access", () => {
  const ramp = [0x81, 2, 3, 4, 5, 6, 7, 0x88, 9, 10, 11, 12, 13, 14, 15, 16];
  const second = new Array(16).fill(0xee);
  const z = i32.const(1);
  const splat = (lanes: number[]) => new Array(16 / lanes.length).fill(lanes).flat();
  const padded = (lanes: number[]) => [...lanes, ...new Array(16 - lanes.length).fill(0)];
  test.each<[string, V, number[]]>([
    ["load", v128.load(z, 3), [...ramp.slice(4), ...second.slice(0, 4)]],
    ["load32Splat", v128.load32Splat(z, 1), splat([3, 4, 5, 6])],
    ["load64Splat", v128.load64Splat(z, 1), splat(ramp.slice(2, 10))],
    ["load32Zero", v128.load32Zero(z, 1), padded([3, 4, 5, 6])],
    ["load64Zero", v128.load64Zero(z, 1), padded(ramp.slice(2, 10))],
    ["load32Lane", v128.load32Lane(z, 1, 0, operand(1)), [3, 4, 5, 6, ...second.slice(4)]],
    [
      "load64Lane",
      v128.load64Lane(z, 1, 1, operand(1)),
      [...second.slice(8), ...ramp.slice(2, 10)],
    ],
  ])("v128.%s", (_, value, expected) => {
    const buffer = execute(
      [
        { view: "u8", lanes: ramp },
        { view: "u8", lanes: second },
      ],
      (f) => f.emit(v128.store(i32.const(100), 28, value)),
    );
    expect(read("u8", buffer, 128)).toEqual(expected);
  });

  test.each<[string, Stmt, number[]]>([
    ["store32Lane", v128.store32Lane(z, 127, 2, operand(0)), [9, 10, 11, 12]],
    ["store64Lane", v128.store64Lane(z, 127, 1, operand(0)), ramp.slice(8)],
  ])("v128.%s", (_, statement, expected) => {
    const buffer = execute([{ view: "u8", lanes: ramp }], (f) => f.emit(statement));
    expect(read("u8", buffer, 128)).toEqual(padded(expected));
  });
});

test("relaxedLaneselect takes the left lanes where a mask of whole lanes is set", () => {
  const ints = [
    { view: "i32", lanes: [1, 2, 3, 4] },
    { view: "i32", lanes: [5, 6, 7, 8] },
    { view: "i32", lanes: [-1, 0, 0, -1] },
  ] as const;
  const buffer = execute(ints, (f) => {
    const [a, b, mask] = [0, 1, 2].map(operand);
    f.emit(v128.store(i32.const(0), 128, i32x4.relaxedLaneselect(a, b, mask)));
  });
  expect([...new Int32Array(buffer, 128, 4)]).toEqual([1, 6, 7, 4]);
  const longs = [
    { view: "i64", lanes: [1n, 2n] },
    { view: "i64", lanes: [5n, 6n] },
    { view: "i64", lanes: [0n, -1n] },
  ] as const;
  const wide = execute(longs, (f) => {
    const [a, b, mask] = [0, 1, 2].map(operand);
    f.emit(v128.store(i32.const(0), 128, i64x2.relaxedLaneselect(a, b, mask)));
  });
  expect([...new BigInt64Array(wide, 128, 2)]).toEqual([5n, 2n]);
});
