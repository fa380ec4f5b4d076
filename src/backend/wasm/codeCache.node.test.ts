import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CompileTrace } from "../../compile/index.ts";
import { build, sizeOf } from "../../ir/index.ts";
import type { WasmBackendOptions } from "./backend.ts";
import { codeCache } from "./codeCache.node.ts";
import type { CodeCache } from "./codeCache.ts";
import { wasmBackend } from "./index.ts";
import { startThreads } from "./threads.node.ts";

const { add, binary, constant, input, matmul, mul, reduceSum, scalar } = build;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "code-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = () => readdirSync(join(folder, "code"));

/** A cache of this test's folder that counts what it found. */
function counting(buildOfCompiler = "this") {
  const cache = codeCache(folder, buildOfCompiler)!;
  const counts = { found: 0, kept: 0 };
  const code: CodeCache = {
    find(key) {
      const found = cache.find(key);
      if (found) counts.found++;
      return found;
    },
    keep(key, compiled) {
      counts.kept++;
      cache.keep(key, compiled);
    },
  };
  return { code, counts };
}

/** The weights after three steps w ← w + x·v·c / 100, with a constant matrix c, and their sum. */
function steps(options: WasmBackendOptions, units = 5) {
  const x = input("x", [40, 30], "float32");
  const w = input("w", [40, units], "float32");
  const elements = Float32Array.from({ length: 30 * units }, (_, i) => Math.sin(i));
  const product = matmul(x, constant(elements, [30, units], "float32"));
  const sum = reduceSum(binary("max", w, scalar(0, "float32")), [0, 1]);
  const value = add(w, mul(product, scalar(0.01, "float32")));
  const executable = wasmBackend(options).compile([
    { name: "step", outputs: [], updates: [{ target: w, value }] },
    { name: "look", outputs: [sum] },
  ]);
  for (const node of [x, w]) {
    executable.write(
      node,
      Float32Array.from({ length: sizeOf(node.shape) }, (_, i) => (i % 7) - 3),
    );
  }
  executable.run("step", 3);
  executable.run("look");
  const results = [executable.read(w), executable.read(sum)];
  executable.dispose();
  return results;
}

describe("codeCache", () => {
  test("a later backend runs what an earlier one compiled, with the same bits", () => {
    const { code, counts } = counting();
    const expected = steps({});
    expect(steps({ code })).toEqual(expected);
    expect(counts).toEqual({ found: 0, kept: 1 });
    expect(steps({ code })).toEqual(expected);
    expect(counts).toEqual({ found: 1, kept: 1 });
  });

  test("other sizes, modes, tiles and compilers have code of their own", () => {
    const { code, counts } = counting();
    const tiles = { fused: { "4x2": 1 }, separate: { "1x1": 0.5, "4x2": 2 } };
    for (const options of [{}, { mode: "fast" }, { tiles }] as const) steps({ ...options, code });
    steps({ code }, 6);
    steps({ code: counting("another").code });
    expect(counts).toEqual({ found: 0, kept: 4 });
    expect(files()).toHaveLength(5);
  });

  test("so have threads, which run what was kept", async () => {
    const { code, counts } = counting();
    const expected = steps({ code }, 64);
    const threads = startThreads(2, { divideFrom: 0 });
    await threads.started();
    try {
      expect(steps({ code, threads }, 64)).toEqual(expected);
      expect(counts).toEqual({ found: 0, kept: 2 });
      expect(steps({ code, threads }, 64)).toEqual(expected);
      expect(counts).toEqual({ found: 1, kept: 2 });
    } finally {
      threads.close();
    }
  });

  test.each([
    ["is cut off", (bytes: Buffer) => bytes.subarray(0, bytes.length - 9)],
    ["is empty", () => Buffer.of()],
    [
      "has another bit",
      (bytes: Buffer) => bytes.with(bytes.length >> 1, 255 - bytes[bytes.length >> 1]),
    ],
  ])("a file that %s is compiled anew and replaced", (_, broken) => {
    const { code, counts } = counting();
    const expected = steps({ code });
    const path = join(folder, "code", files()[0]);
    const whole = readFileSync(path);
    writeFileSync(path, broken(whole));
    expect(steps({ code })).toEqual(expected);
    expect(counts).toEqual({ found: 0, kept: 2 });
    expect(readFileSync(path)).toEqual(whole);
  });

  test("a folder that cannot be written to does no harm", () => {
    writeFileSync(join(folder, "code"), "");
    expect(steps({ code: counting().code })).toEqual(steps({}));
  });

  test("those used last are kept", () => {
    const { code, counts } = counting();
    steps({ code });
    const [first] = files();
    const names = Array.from({ length: 300 }, (_, i) => `${i}`);
    mkdirSync(join(folder, "code"), { recursive: true });
    for (const [age, name] of names.entries()) {
      const path = join(folder, "code", name);
      writeFileSync(path, "");
      utimesSync(path, 1e9 - age, 1e9 - age);
    }
    utimesSync(join(folder, "code", first), 1e8, 1e8);
    steps({ code });
    expect(counts.found).toBe(1);
    steps({ code }, 6);
    expect(files()).toHaveLength(256);
    expect(files()).toEqual(expect.arrayContaining([first, "0", "253"]));
    expect(files()).not.toContain("254");
  });

  test("a trace sees the passes, whatever is kept", () => {
    const { code, counts } = counting();
    steps({ code });
    const seen: string[] = [];
    const trace: CompileTrace = { graph: (pass) => seen.push(pass), kernels: () => {} };
    steps({ code, trace });
    expect(seen.length).toBeGreaterThan(0);
    expect(counts).toEqual({ found: 0, kept: 1 });
  });

  test("of sources that run unbuilt nothing is kept: they may have changed", () => {
    expect(codeCache(folder)).toBeUndefined();
  });
});
