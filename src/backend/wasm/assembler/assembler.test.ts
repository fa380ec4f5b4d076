/** The encodings, the function builder and the module builder. */

import { describe, expect, test } from "vitest";
import { flatten, signed32, signed64, unsigned } from "./code.ts";
import {
  call,
  detectFeatures,
  FunctionBuilder,
  f32,
  f32x4,
  f64,
  i32,
  i64,
  ModuleBuilder,
  memory,
  v128,
} from "./index.ts";

const bytes = (code: Parameters<typeof flatten>[0]) => [...flatten(code)];

/** Instantiates a module of one exported function, and returns it with the exports. */
function run(
  f: FunctionBuilder,
  imports: WebAssembly.Imports = {},
  module = new ModuleBuilder(),
): (...args: (number | bigint)[]) => unknown {
  module.addFunction(f, { export: "main" });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build()), imports);
  return exports.main as (...args: (number | bigint)[]) => unknown;
}

describe("LEB128", () => {
  test.each([
    [0, [0]],
    [127, [127]],
    [128, [0x80, 1]],
    [624485, [0xe5, 0x8e, 0x26]],
    [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("unsigned %i", (value, expected) => expect(bytes(unsigned(value))).toEqual(expected));

  test.each([
    [0, [0]],
    [63, [63]],
    [64, [0xc0, 0]],
    [-1, [0x7f]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-0x80000000, [0x80, 0x80, 0x80, 0x80, 0x78]],
    [0xffffffff, [0x7f]],
  ])("signed 32-bit %i", (value, expected) => expect(bytes(signed32(value))).toEqual(expected));

  test.each([
    [0n, [0]],
    [-1n, [0x7f]],
    [2n ** 63n - 1n, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]],
    [-(2n ** 63n), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]],
    [2n ** 64n - 1n, [0x7f]],
  ])("signed 64-bit %s", (value, expected) => expect(bytes(signed64(value))).toEqual(expected));

  test("values out of range are refused", () => {
    expect(() => unsigned(-1)).toThrow("expected an unsigned 32-bit integer, got -1");
    expect(() => unsigned(2 ** 32)).toThrow("got 4294967296");
    expect(() => signed32(1.5)).toThrow("expected a 32-bit integer, got 1.5");
    expect(() => signed64(2n ** 64n)).toThrow("expected a 64-bit integer");
  });

  test.each([0, 1, -1, 127, 128, -128, 65536, 0x7fffffff, -0x80000000])(
    "an engine reads i32.const %i back",
    (value) => {
      const f = new FunctionBuilder({ results: ["i32"] });
      f.return(i32.const(value));
      expect(run(f)()).toBe(value);
    },
  );

  test.each([0n, -1n, 2n ** 40n, -(2n ** 63n), 2n ** 63n - 1n])(
    "an engine reads i64.const %s back",
    (value) => {
      const f = new FunctionBuilder({ results: ["i64"] });
      f.return(i64.const(value));
      expect(run(f)()).toBe(value);
    },
  );
});

describe("function builder", () => {
  test("sums a range with a counted loop", () => {
    const f = new FunctionBuilder({ results: ["i32"] });
    const i = f.local("i32");
    const sum = f.hold(i32.const(0));
    f.forRange(i, 100, 111, 3, () => f.set(sum, i32.add(sum, i)));
    f.return(sum);
    expect(run(f)()).toBe(100 + 103 + 106 + 109);
    expect(f.liveCount).toBe(2);
  });

  test.each([
    [0, 0, 4, 0],
    [8, 4, 4, 0],
    [0, 4, 4, 1],
    [0, 5, 4, 2],
    [16, 0, -4, 4],
    [3, 103, 1, 100],
  ])("a range from %i to %i by %i has %i trips", (start, end, step, trips) => {
    const f = new FunctionBuilder({ results: ["i32"] });
    const count = f.hold(i32.const(0));
    f.forRange(f.local("i32"), start, end, step, () => f.set(count, i32.add(count, i32.const(1))));
    f.return(count);
    expect(run(f)()).toBe(trips);
  });

  test("if, else and branches", () => {
    const f = new FunctionBuilder({ params: ["i32"], results: ["i32"] });
    const result = f.hold(i32.const(0));
    f.if(i32.const(1), (out) => {
      f.if(
        i32.ltS(f.param(0), i32.const(0)),
        () => {
          f.set(result, i32.const(-1));
          f.br(out);
        },
        () => f.set(result, i32.const(1)),
      );
      f.brIf(out, i32.gtS(f.param(0), i32.const(9)));
      f.set(result, i32.const(5));
    });
    f.return(result);
    const main = run(f);
    expect([main(-3), main(3), main(30)]).toEqual([-1, 5, 1]);
  });

  test("released locals are used again, once", () => {
    const f = new FunctionBuilder();
    const a = f.local("v128");
    f.release(a);
    expect(f.local("v128").index).toBe(a.index);
    expect(f.local("f32").index).not.toBe(a.index);
    f.scoped(() => [f.local("i32"), f.local("i32")]);
    expect(f.liveCount).toBe(2);
    f.release(a);
    expect(() => f.release(a)).toThrow("released but not in use");
    expect(() => f.param(0)).toThrow("expected a parameter in [0, 0), got 0");
  });
});

describe("module builder", () => {
  test("calls internal and imported functions, in whatever order they are declared", () => {
    const module = new ModuleBuilder("calls");
    const square = new FunctionBuilder({ name: "square", params: ["f64"], results: ["f64"] });
    square.return(f64.mul(square.param(0), square.param(0)));
    const f = new FunctionBuilder({ name: "main", params: ["f64"], results: ["f64"] });
    module.addFunction(square);
    const sin = module.importFunction("math", "sin", { params: ["f64"], results: ["f64"] });
    const report = module.importFunction("test", "report", { params: ["f64"], results: [] });
    expect(module.importFunction("math", "sin", { params: ["f64"], results: ["f64"] })).toBe(sin);
    f.emit(call(report, f.param(0)));
    f.return(call(square, call(sin, f.param(0))));
    const reported: number[] = [];
    const main = run(
      f,
      { math: { sin: Math.sin }, test: { report: (x: number) => reported.push(x) } },
      module,
    );
    expect(main(0.5)).toBe(Math.sin(0.5) ** 2);
    expect(reported).toEqual([0.5]);
    expect(() => module.importFunction("math", "sin", { params: [], results: [] })).toThrow(
      "expected (f64) -> (f64)",
    );
  });

  test("an unknown function is refused by name", () => {
    const module = new ModuleBuilder();
    const f = new FunctionBuilder({ name: "main" });
    f.emit(call(new FunctionBuilder({ name: "lost", results: [] })));
    module.addFunction(f);
    expect(() => module.build()).toThrow('"lost" is not in the module');
  });

  test("globals and bulk memory", () => {
    const module = new ModuleBuilder();
    module.importMemory("env", "memory", { min: 1 });
    const count = module.addGlobal(7);
    const f = new FunctionBuilder({ name: "main" });
    f.emit(
      count.set(i32.add(count, i32.const(1))),
      memory.fill(i32.const(8), i32.const(9), i32.const(2)),
      i32.store(i32.const(12), 0, count),
    );
    module.addFunction(f, { export: "main" });
    const own = new WebAssembly.Memory({ initial: 1 });
    const compiled = new WebAssembly.Module(module.build());
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: own } });
    (exports.main as () => void)();
    expect([...new Uint8Array(own.buffer, 8, 5)]).toEqual([9, 9, 0, 0, 8]);
  });

  test("an imported shared memory is read and written", () => {
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true });
    const module = new ModuleBuilder();
    module.importMemory("env", "memory", { min: 1, max: 4, shared: true });
    const f = new FunctionBuilder();
    f.emit(f32.store(i32.const(0), 300, f32.load(i32.const(4), 296)));
    new Float32Array(shared.buffer)[75] = 2.5;
    run(f, { env: { memory: shared } }, module)();
    expect(new Float32Array(shared.buffer)[75]).toBe(2.5);
    expect(() => {
      const other = new ModuleBuilder();
      other.importMemory("env", "memory", { min: 1, shared: true });
      other.build();
    }).toThrow("expected a maximum for a shared memory");
  });

  test("stack traces show the functions' names", () => {
    const module = new ModuleBuilder();
    const fail = module.importFunction("test", "fail", { params: [], results: [] });
    const f = new FunctionBuilder({ name: "kernel fused é" });
    f.emit(call(fail));
    let stack = "";
    const main = run(
      f,
      {
        test: {
          fail: () => {
            stack = new Error().stack ?? "";
          },
        },
      },
      module,
    );
    main();
    expect(stack).toContain("kernel fused é");
  });

  test("equal function types are written once", () => {
    const size = (count: number) => {
      const module = new ModuleBuilder();
      for (let i = 0; i < count; i++) {
        module.addFunction(new FunctionBuilder({ name: "f", params: ["i32", "i32", "i32"] }));
      }
      return module.build().length;
    };
    // An index into the types (1), a body (3) and a name (3); a type would add another 6.
    expect(size(3) - size(2)).toBe(7);
  });

  test("bodies that take turns keep to their own locals and blocks", () => {
    const f = new FunctionBuilder({ params: ["i32"], results: ["i32"] });
    const sums = [0, 1].map(() => f.hold(i32.const(0)));
    f.interleave(
      sums.map((sum, i) => () => {
        for (const step of [1, 2, 3]) {
          const term = f.hold(i32.add(f.param(0), i32.const(step)));
          f.if(i32.eqz(i32.const(i)), () => f.set(term, i32.mul(term, i32.const(100))));
          f.set(sum, i32.add(sum, term));
          f.release(term);
        }
      }),
    );
    f.return(i32.add(sums[0], sums[1]));
    expect(run(f)(4)).toBe(101 * (5 + 6 + 7));
    expect(f.liveCount).toBe(2);
  });

  test("a long function is built in linear time", () => {
    const f = new FunctionBuilder({ results: ["i32"] });
    const x = f.hold(i32.const(0));
    for (let i = 0; i < 200_000; i++) f.set(x, i32.add(x, i32.const(1)));
    f.return(x);
    expect(run(f)()).toBe(200_000);
  });

  test("the engine's features are detected", () => {
    expect(detectFeatures()).toEqual({
      simd: true,
      relaxedSimd: WebAssembly.validate(relaxedModule()),
      threads: true,
    });
  });
});

function relaxedModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", { min: 1 });
  const f = new FunctionBuilder();
  const x = f32x4.constant(1);
  f.emit(v128.store(i32.const(0), 0, f32x4.relaxedNmadd(x, x, x)));
  module.addFunction(f);
  return module.build();
}
