/** Every scalar instruction against what JavaScript says it computes. */

import { describe, expect, test } from "vitest";
import type { Expr, Stmt, ValueType } from "./expression.ts";
import { FunctionBuilder } from "./functionBuilder.ts";
import { ModuleBuilder } from "./moduleBuilder.ts";
import { drop, f32, f64, i32, i64, select, unreachable } from "./scalar.ts";

type Scalar = number | bigint;
type Operands = "i32" | "i64" | "f32" | "f64";

/** The operands' type, how many, and the meaning. Booleans stand for 1 and 0. */
interface Meaning {
  readonly of: Operands;
  readonly js: (...args: never[]) => Scalar | boolean;
}
type Memory = "load" | "store";
type Access<K> = K extends `${Memory}${string}` ? K : never;
type Pure<Table> = Exclude<keyof Table, Access<keyof Table> | "const">;

const unary32 = (js: (a: number) => Scalar | boolean): Meaning => ({ of: "i32", js });
const binary32 = (js: (a: number, b: number) => number | boolean): Meaning => ({ of: "i32", js });

const i32Meanings: Record<Pure<typeof i32>, Meaning> = {
  eqz: unary32((a) => a === 0),
  eq: binary32((a, b) => a === b),
  ne: binary32((a, b) => a !== b),
  ltS: binary32((a, b) => a < b),
  ltU: binary32((a, b) => a >>> 0 < b >>> 0),
  gtS: binary32((a, b) => a > b),
  gtU: binary32((a, b) => a >>> 0 > b >>> 0),
  leS: binary32((a, b) => a <= b),
  leU: binary32((a, b) => a >>> 0 <= b >>> 0),
  geS: binary32((a, b) => a >= b),
  geU: binary32((a, b) => a >>> 0 >= b >>> 0),
  add: binary32((a, b) => (a + b) | 0),
  sub: binary32((a, b) => (a - b) | 0),
  mul: binary32((a, b) => Math.imul(a, b)),
  divS: binary32((a, b) => (a / b) | 0),
  divU: binary32((a, b) => ((a >>> 0) / (b >>> 0)) | 0),
  remS: binary32((a, b) => (a % b) | 0),
  remU: binary32((a, b) => ((a >>> 0) % (b >>> 0)) | 0),
  and: binary32((a, b) => a & b),
  or: binary32((a, b) => a | b),
  xor: binary32((a, b) => a ^ b),
  shl: binary32((a, b) => a << b),
  shrS: binary32((a, b) => a >> b),
  shrU: binary32((a, b) => (a >>> b) | 0),
  rotl: binary32((a, b) => (a << b) | ((b & 31) === 0 ? 0 : a >>> (32 - (b & 31)))),
};

const ne = (of: "f32" | "f64"): Meaning => ({ of, js: (a: number, b: number) => a !== b });

const f32Meanings: Record<Pure<typeof f32>, Meaning> = {
  ne: ne("f32"),
  demoteF64: { of: "f64", js: Math.fround },
};

const f64Meanings: Record<Pure<typeof f64>, Meaning> = {
  ne: ne("f64"),
  mul: { of: "f64", js: (a: number, b: number) => a * b },
  promoteF32: { of: "f32", js: (a: number) => a },
};

const ints = [0, 1, -1, 2, 7, 33, -128, 200, 40000, 0x7fffffff, -0x7fffffff];
const floats = [0, -0, 0.5, -0.5, 1.5, -2.5, 3.7, -1e3, 3e9, -3e9, 1e10, 2e19, Infinity, NaN];
const samples: Record<Operands, readonly Scalar[]> = {
  i32: ints,
  i64: [...ints.map(BigInt), 2n ** 40n + 3n, -(2n ** 62n), 2n ** 63n - 1n],
  f32: floats.map(Math.fround),
  f64: floats,
};

type Instruction = (...args: Expr[]) => Expr;

function compile(
  params: readonly ValueType[],
  body: (f: FunctionBuilder) => void,
  results: readonly ValueType[],
): { main: (...args: Scalar[]) => Scalar; memory: WebAssembly.Memory } {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { min: 1 });
  const f = new FunctionBuilder({ params, results });
  body(f);
  module.addFunction(f, { export: "main" });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const compiled = new WebAssembly.Module(module.build());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { main: exports.main as (...args: Scalar[]) => Scalar, memory };
}

const tables = { i32: i32Meanings, f32: f32Meanings, f64: f64Meanings };
const instructions = { i32, f32, f64 };

describe.each(["i32", "f32", "f64"] as const)("%s", (type) => {
  const meanings: Record<string, Meaning> = tables[type];
  test.each(Object.keys(meanings))("%s", (name) => {
    const { of, js } = meanings[name];
    const instruction = (instructions[type] as unknown as Record<string, Instruction>)[name];
    const arity = js.length;
    const params = new Array<ValueType>(arity).fill(of);
    const probe = new FunctionBuilder({ params });
    const operands = params.map((_, i) => probe.param(i));
    const result = instruction(...operands);
    const { main } = compile(params, (f) => f.return(result), [result.type]);
    const integerDivision = /^(div|rem)[SU]$/.test(name);
    for (const a of samples[of]) {
      for (const b of arity === 1 ? samples[of].slice(0, 1) : samples[of]) {
        if (integerDivision && Number(b) === 0) continue;
        const args = [a, b].slice(0, arity);
        const expected = (js as (...args: Scalar[]) => Scalar | boolean)(...args);
        const value = typeof expected === "boolean" ? Number(expected) : expected;
        expect(main(...args), `${type}.${name}(${args.join(", ")})`).toBe(
          value === 0 && (result.type === "i32" || result.type === "i64") ? 0 : value,
        );
      }
    }
  });
});

describe("memory access", () => {
  const address = () => new FunctionBuilder({ params: ["i32"] }).param(0);
  const bits = 0xfedc_ba98_7654_3281n;

  test.each<[string, Expr, Scalar]>([
    ["i32.load", i32.load(address(), 8), 0x76543281],
    ["f32.load without an offset", f32.load(address()), 1.25],
    ["f64.load", f64.load(address(), 100_000 - 65536), -7.5],
  ])("%s", (_, value, expected) => {
    const { main, memory: wasmMemory } = compile(["i32"], (f) => f.return(value), [value.type]);
    const view = new DataView(wasmMemory.buffer);
    view.setBigUint64(16, bits, true);
    view.setFloat32(8, 1.25, true);
    view.setFloat64(8 + 100_000 - 65536, -7.5, true);
    expect(main(8)).toBe(expected);
  });

  test.each<[string, Stmt, (view: DataView) => Scalar, Scalar]>([
    ["i32.store", i32.store(address(), 4, i32.const(-5)), (v) => v.getInt32(12, true), -5],
    ["i64.store", i64.store(address(), 4, i64.const(-5n)), (v) => v.getBigInt64(12, true), -5n],
    [
      "f32.store",
      f32.store(address(), 4, f32.const(0.1)),
      (v) => v.getFloat32(12, true),
      Math.fround(0.1),
    ],
    ["f64.store", f64.store(address(), 4, f64.const(0.1)), (v) => v.getFloat64(12, true), 0.1],
  ])("%s", (_, statement, read, expected) => {
    const { main, memory: wasmMemory } = compile(["i32"], (f) => f.emit(statement), []);
    main(8);
    expect(read(new DataView(wasmMemory.buffer))).toBe(expected);
  });
});

test("select, drop and unreachable", () => {
  const condition = new FunctionBuilder({ params: ["i32"] }).param(0);
  const { main } = compile(
    ["i32"],
    (f) => {
      f.emit(drop(f64.const(1)));
      f.if(i32.ltS(condition, i32.const(0)), () => f.emit(unreachable()));
      f.return(select(f32.const(2.5), f32.const(NaN), condition));
    },
    ["f32"],
  );
  expect([main(1), main(0)]).toEqual([2.5, NaN]);
  expect(() => main(-1)).toThrow(WebAssembly.RuntimeError);
});
