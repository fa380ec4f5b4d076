/** The WebAssembly backend as its users see it: state, several programs, errors, storage. */

import { describe, expect, test } from "vitest";
import { build, type InputNode, type Node, type Program } from "../../ir/index.ts";
import { wasmBackend } from "./index.ts";

const { add, input, mul, scalar } = build;

/** w ← w + rate · x, and its present value. */
function counter(): { programs: Program[]; w: InputNode; x: InputNode; seen: Node } {
  const w = input("w", [3], "float32");
  const x = input("x", [3], "float32");
  const value = add(w, mul(x, scalar(0.5, "float32")));
  const seen = mul(w, scalar(2, "float32"));
  return {
    programs: [
      { name: "step", outputs: [], updates: [{ target: w, value }] },
      { name: "look", outputs: [seen] },
    ],
    w,
    x,
    seen,
  };
}

describe("wasmBackend", () => {
  test("an update is seen by the next run and by other programs", () => {
    const { programs, w, x, seen } = counter();
    const executable = wasmBackend().compile(programs);
    executable.write(w, Float32Array.of(1, 2, 3));
    executable.write(x, Float32Array.of(2, 4, 6));
    executable.run("step", 3);
    executable.run("look");
    expect(executable.read(w)).toEqual(Float32Array.of(4, 8, 12));
    expect(executable.read(seen)).toEqual(Float32Array.of(8, 16, 24));
  });

  test("an input is filled in its storage, whatever the order of its elements there", () => {
    const x = input("x", [2, 3], "float32");
    const w = input("w", [4, 3], "float32");
    const mask = input("mask", [2], "bool");
    const product = build.matmul(x, build.transpose(w));
    const executable = wasmBackend().compile([{ name: "f", outputs: [product, mask] }]);
    executable.fill(x, (elements) => elements.set([1, 0, 0, 0, 0, 1]));
    executable.fill(w, (elements) => elements.set([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    executable.fill(mask, (elements) => elements.set([0, 1]));
    executable.run("f");
    expect(executable.read(product)).toEqual(Float32Array.of(1, 4, 7, 10, 3, 6, 9, 12));
    expect(executable.read(mask)).toEqual(Uint8Array.of(0, 1));
    executable.fill(x, (elements) => {
      elements[1] = 1;
    });
    expect(executable.read(x)).toEqual(Float32Array.of(1, 1, 0, 0, 0, 1));
    expect(() => executable.fill(input("y", [], "float32"), () => {})).toThrow("no program reads");
    executable.dispose();
    expect(() => executable.fill(x, () => {})).toThrow("was disposed of");
  });

  test("runs zero times when asked to", () => {
    const { programs, w, x } = counter();
    const executable = wasmBackend().compile(programs);
    executable.write(w, new Float32Array(3));
    executable.write(x, Float32Array.of(1, 1, 1));
    executable.run("step", 0);
    expect(executable.read(w)).toEqual(new Float32Array(3));
  });

  test("executables of one program share code and keep their own values", () => {
    const backend = wasmBackend();
    const one = counter();
    const other = counter();
    const executables = [one, other].map(({ programs }) => backend.compile(programs));
    for (const [i, { w, x }] of [one, other].entries()) {
      executables[i].write(w, new Float32Array(3).fill(i));
      executables[i].write(x, new Float32Array(3).fill(2));
      executables[i].run("step");
    }
    expect(executables[0].read(one.w)).toEqual(Float32Array.of(1, 1, 1));
    expect(executables[1].read(other.w)).toEqual(Float32Array.of(2, 2, 2));
  });

  test("values survive when another compilation makes the memory grow", () => {
    const backend = wasmBackend();
    const { programs, w, x } = counter();
    const executable = backend.compile(programs);
    executable.write(w, Float32Array.of(1, 2, 3));
    executable.write(x, Float32Array.of(0, 0, 0));
    const big = input("big", [1_000_000], "float64");
    const large = backend.compile([{ name: "f", outputs: [add(big, big)] }]);
    large.write(big, new Float64Array(1_000_000).fill(1));
    large.run("f");
    executable.run("step");
    expect(executable.read(w)).toEqual(Float32Array.of(1, 2, 3));
  });

  test("the storage of disposed executables is used again", () => {
    const backend = wasmBackend();
    const big = input("big", [1_000_000], "float64");
    for (let i = 0; i < 1000; i++) {
      backend.compile([{ name: "f", outputs: [add(big, big)] }]).dispose();
    }
  });

  test("bools cross as 0 and 1, numbers are converted to the input's type", () => {
    const flags = input("flags", [3], "bool");
    const numbers = input("numbers", [3], "float32");
    const inverse = build.unary("not", flags);
    const twice = add(numbers, numbers);
    const executable = wasmBackend().compile([{ name: "f", outputs: [inverse, twice] }]);
    executable.write(flags, Uint8Array.of(0, 1, 0));
    executable.write(numbers, Float64Array.of(1, 2, 3));
    executable.run("f");
    expect(executable.read(inverse)).toEqual(Uint8Array.of(1, 0, 1));
    expect(executable.read(flags)).toEqual(Uint8Array.of(0, 1, 0));
    expect(executable.read(twice)).toEqual(Float32Array.of(2, 4, 6));
  });

  test("reports the size of its storage and code", () => {
    const { size } = wasmBackend().compile(counter().programs);
    expect(size.storage).toBeGreaterThan(2 * 3 * 4);
    expect(size.code).toBeGreaterThan(100);
  });
});

describe("errors of the WebAssembly backend", () => {
  const compiled = () => {
    const parts = counter();
    return { ...parts, executable: wasmBackend().compile(parts.programs) };
  };

  test("an input without a value is named", () => {
    const { executable, w } = compiled();
    executable.write(w, new Float32Array(3));
    expect(() => executable.run("step")).toThrow(
      'Input "x" has no value; write it before the run: expected float32[3].',
    );
  });

  test("an unknown program is told from the known ones", () => {
    expect(() => compiled().executable.run("train")).toThrow(
      'run: there is no program "train"; expected one of "step", "look".',
    );
  });

  test("a wrong length names the input and its shape", () => {
    const { executable, x } = compiled();
    expect(() => executable.write(x, new Float32Array(4))).toThrow(
      'Input "x": expected 3 values for shape [3], got 4.',
    );
  });

  test("a foreign input is refused", () => {
    const foreign = input("y", [], "float32");
    expect(() => compiled().executable.write(foreign, new Float32Array(1))).toThrow(
      'write: no program reads input "y"',
    );
  });

  test("integers are not made from floats silently", () => {
    const index = input("index", [1], "int32");
    const executable = wasmBackend().compile([{ name: "f", outputs: [add(index, index)] }]);
    expect(() => executable.write(index, Float32Array.of(1.5))).toThrow(
      'Input "index": expected int32 values, got float32; convert them first.',
    );
  });

  test("an output that was not computed cannot be read", () => {
    const { executable, seen } = compiled();
    expect(() => executable.read(seen)).toThrow("read: this mul node has no value");
  });

  test("programs need names of their own", () => {
    const { programs } = counter();
    expect(() => wasmBackend().compile([programs[0], programs[0]])).toThrow(
      'compile: expected programs of different names, got "step", "step".',
    );
  });

  test("a disposed executable says so", () => {
    const { executable } = compiled();
    executable.dispose();
    executable.dispose();
    expect(() => executable.run("look")).toThrow("was disposed of; compile its programs again");
  });
});
