/** Special values, pow's rules, and what emitting promises about locals and constants. */

import { describe, expect, test } from "vitest";
import { FunctionBuilder, f32x4, ModuleBuilder } from "../assembler/index.ts";
import { compileMath } from "./compiled.testing.ts";
import { emitMath, type MathFunction, vectorMath } from "./vectorMath.ts";

const names = Object.keys(vectorMath) as MathFunction[];
const formats = (["f32x4", "f64x2"] as const).flatMap((lanes) =>
  [false, true].map((madd) => [lanes, madd] as const),
);

/** Every argument in turn, the vectors filled up with 0.5 so that regions are mixed. */
function evaluate(
  name: MathFunction,
  lanes: "f32x4" | "f64x2",
  madd: boolean,
  x: readonly number[],
  y: readonly number[] = x,
): number[] {
  const pad = (values: readonly number[]) => {
    const size = Math.ceil(values.length / 4) * 4;
    const array = lanes === "f32x4" ? new Float32Array(size) : new Float64Array(size);
    array.fill(0.5).set(values);
    return array;
  };
  return [...compileMath(name, lanes, madd)(pad(x), pad(y))].slice(0, x.length);
}

const inf = Number.POSITIVE_INFINITY;

describe.each(formats)("special values of %s, madd %s", (lanes, madd) => {
  const tiny = lanes === "f32x4" ? 2 ** -149 : 2 ** -1074;
  const huge = lanes === "f32x4" ? (2 - 2 ** -23) * 2 ** 127 : Number.MAX_VALUE;
  const one = Math.exp(0);
  test.each<[MathFunction, number[], number[]]>([
    ["exp", [0, -0, inf, -inf, NaN, tiny, huge, -huge], [one, one, inf, 0, NaN, one, inf, 0]],
    [
      "expm1",
      [0, -0, inf, -inf, NaN, tiny, -tiny, huge, -huge],
      [0, -0, inf, -1, NaN, tiny, -tiny, inf, -1],
    ],
    ["log", [0, -0, inf, -inf, NaN, -1, -tiny, 1], [-inf, -inf, inf, NaN, NaN, NaN, NaN, 0]],
    [
      "log1p",
      [0, -0, inf, -inf, NaN, -1, -2, tiny, -tiny],
      [0, -0, inf, NaN, NaN, -inf, NaN, tiny, -tiny],
    ],
    [
      "tanh",
      [0, -0, inf, -inf, NaN, tiny, -tiny, huge, -huge],
      [0, -0, 1, -1, NaN, tiny, -tiny, 1, -1],
    ],
    ["sigmoid", [0, -0, inf, -inf, NaN, tiny, huge, -huge], [0.5, 0.5, 1, 0, NaN, 0.5, 1, 0]],
    [
      "erf",
      [0, -0, inf, -inf, NaN, tiny, -tiny, 7, -7, huge],
      [0, -0, 1, -1, NaN, tiny, -tiny, 1, -1, 1],
    ],
    ["sin", [0, -0, inf, -inf, NaN, tiny, -tiny], [0, -0, NaN, NaN, NaN, tiny, -tiny]],
    ["cos", [0, -0, inf, -inf, NaN, tiny, -tiny], [1, 1, NaN, NaN, NaN, 1, 1]],
  ])("%s", (name, x, expected) => {
    expect(evaluate(name, lanes, madd, x)).toEqual(expected);
  });

  test("pow follows Math.pow", () => {
    const values = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      0.5,
      -0.5,
      3,
      -3,
      1.5,
      -1.5,
      1e30,
      -1e30,
      2 ** 24 + 2,
      tiny,
    ];
    const all = [...values, -tiny, huge, -huge, inf, -inf, NaN, 2 ** 53 + 2, 1e-30];
    const round = lanes === "f32x4" ? Math.fround : (v: number) => v;
    const operands = all.map(round);
    const x = operands.flatMap((a) => operands.map(() => a));
    const y = operands.flatMap(() => operands);
    const actual = evaluate("pow", lanes, madd, x, y);
    for (const [i, value] of actual.entries()) {
      const expected = round(x[i] ** y[i]);
      const message = `pow(${x[i]}, ${y[i]})`;
      if (Number.isFinite(expected) && expected !== 0) {
        const unit = lanes === "f32x4" ? 2 ** -23 : 2 ** -52;
        expect(Math.abs(value / expected - 1), message).toBeLessThanOrEqual(unit);
      } else expect(value, message).toBe(expected);
    }
  });
});

describe.each(formats)("short forms of %s, madd %s", (lanes, madd) => {
  const make = lanes === "f32x4" ? Float32Array : Float64Array;
  const short = (name: MathFunction, x: readonly number[]) => [
    ...compileMath(name, lanes, madd, { isShort: true })(make.from(x)),
  ];
  const whole = (name: MathFunction, x: readonly number[]) => [
    ...compileMath(name, lanes, madd)(make.from(x)),
  ];

  test("exp up to 0", () => {
    const x = Array.from({ length: 4000 }, (_, i) => -i * i * 1e-5);
    expect(short("exp", x)).toEqual(whole("exp", x));
    expect(short("exp", [-inf, NaN, -1e30, -0])).toEqual([0, NaN, 0, 1]);
  });

  test("log of normal numbers", () => {
    const x = Array.from({ length: 4000 }, (_, i) => 1.04 ** (i - 2000));
    expect(short("log", x)).toEqual(whole("log", x));
    expect(short("log", [0, inf, NaN, 1])).toEqual([-inf, inf, NaN, 0]);
  });
});

test("small integer powers are exact in float64", () => {
  const bases = [2, 3, 7, 10, -3, 1.5, 255];
  const x = bases.flatMap((b) => [1, 2, 3, 4, 5, 6].map(() => b));
  const y = bases.flatMap(() => [1, 2, 3, 4, 5, 6]);
  const exact = x.map((b, i) => new Array(y[i]).fill(b).reduce((p, v) => p * v, 1));
  expect(evaluate("pow", "f64x2", false, x, y)).toEqual(exact);
});

describe.each(names)("emitting %s", (name) => {
  const args = [f32x4.constant(1), f32x4.constant(2)].slice(0, vectorMath[name].arity);

  test.each(formats)("%s, madd %s leaves one local, the result", (lanes, madd) => {
    const f = new FunctionBuilder();
    const result = emitMath(f, lanes, name, args, { madd, module: new ModuleBuilder() });
    expect(f.liveCount).toBe(1);
    f.release(result);
  });

  test("asks the hook for its constants", () => {
    const f = new FunctionBuilder();
    const asked = new Set<number>();
    emitMath(f, "f64x2", name, args, {
      madd: false,
      module: new ModuleBuilder(),
      constants: (lanes, value) => {
        expect(lanes).toBe("f64x2");
        expect(value).not.toBeNaN();
        asked.add(value);
        return undefined;
      },
    });
    expect(asked.size).toBeGreaterThan(5);
  });
});

test("a local passed as an argument is not changed", () => {
  const f = new FunctionBuilder();
  const x = f.hold(f32x4.constant(1));
  const result = emitMath(f, "f32x4", "tanh", [x], { madd: false, module: new ModuleBuilder() });
  expect(result.index).not.toBe(x.index);
  expect(f.local("v128").index).not.toBe(x.index);
});

test.each(["sin", "cos", "pow"] as const)("lanes of %s that do not count are left out", (name) => {
  const x = Float32Array.of(0.9, 1.7, 2.3, 4);
  const y = Float32Array.of(3, 0.4, -2, 5);
  const whole = compileMath(name, "f32x4", false)(x, y);
  for (const active of [1, 2]) {
    const some = compileMath(name, "f32x4", false, { active })(x, y);
    expect([...some.slice(0, active), ...some.slice(2)]).toEqual([...whole.slice(0, active), 0, 0]);
  }
  expect(compileMath(name, "f32x4", false, { active: 3 })(x, y)).toEqual(whole);
});

test("functions of huge angles are imported once by a module", () => {
  const module = new ModuleBuilder();
  for (let i = 0; i < 3; i++) {
    const f = new FunctionBuilder({ name: "f" });
    emitMath(f, "f64x2", "sin", [f32x4.constant(1)], { madd: false, module });
    module.addFunction(f);
  }
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(module.build()));
  expect(imports).toEqual([{ module: "env", name: "sinHuge", kind: "function" }]);
});
