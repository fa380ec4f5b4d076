import { expect, test } from "vitest";
import { build } from "../../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../../util/index.ts";
import { referenceBackend } from "./index.ts";

const x = build.input("x", [2], "float64");
const count = build.input("count", [], "int32");
const total = build.input("total", [2], "float64");

const step = {
  name: "step",
  outputs: [build.reduceSum(total, [0])],
  updates: [
    { target: total, value: build.add(total, x) },
    { target: count, value: build.add(count, build.scalar(1, "int32")) },
  ],
};

function started() {
  const executable = referenceBackend().compile([
    step,
    { name: "double", outputs: [build.add(x, x)] },
  ]);
  executable.write(x, Float64Array.of(1, 2));
  executable.write(total, Float64Array.of(0, 0));
  executable.write(count, Int32Array.of(0));
  return executable;
}

test("runs in a row see the updates of the one before; outputs are those before the update", () => {
  const executable = started();
  executable.run("step", 3);
  expect([...executable.read(total)]).toEqual([3, 6]);
  expect([...executable.read(count)]).toEqual([3]);
  expect([...executable.read(step.outputs[0])]).toEqual([6]);
});

test("updates are simultaneous: two states can swap", () => {
  const a = build.input("a", [1], "float32");
  const b = build.input("b", [1], "float32");
  const updates = [
    { target: a, value: b },
    { target: b, value: a },
  ];
  const executable = referenceBackend().compile([{ name: "swap", outputs: [], updates }]);
  executable.write(a, Float32Array.of(1));
  executable.write(b, Float32Array.of(2));
  executable.run("swap");
  expect([executable.read(a)[0], executable.read(b)[0]]).toEqual([2, 1]);
});

test("what is written and read is copied, and floats are converted", () => {
  const executable = started();
  const data = Float32Array.of(1.5, 2.5);
  executable.write(x, data);
  data[0] = 9;
  executable.run("double");
  const result = executable.read(x);
  result[0] = 100;
  expect([...executable.read(x)]).toEqual([1.5, 2.5]);
  expect([...executable.read(total)]).toEqual([0, 0]);
});

test("an input is filled in place, in its own type, and keeps what is left out", () => {
  const executable = started();
  executable.fill(x, (elements) => {
    expect(elements).toBeInstanceOf(Float64Array);
    elements[1] = 7;
  });
  expect([...executable.read(x)]).toEqual([1, 7]);
});

test("misuse is answered with what was expected", () => {
  const executable = started();
  expect(() => executable.write(x, Float64Array.of(1))).toThrow(
    new ShapeError('Input "x": expected 2 values for shape [2], got 1.'),
  );
  expect(() => executable.write(count, Float32Array.of(1))).toThrow(DTypeError);
  expect(() => executable.write(build.input("y", [], "float32"), Float32Array.of(1))).toThrow(
    'no program reads input "y"',
  );
  expect(() => executable.run("fit")).toThrow(
    new UsageError('run: there is no program "fit"; expected one of "step", "double".'),
  );
  expect(() => executable.read(build.unary("neg", x))).toThrow("this neg node has no value");
  executable.dispose();
  expect(() => executable.run("step")).toThrow("was disposed of");
});

test("an input that was never written is named", () => {
  const executable = referenceBackend().compile([step]);
  expect(() => executable.run("step")).toThrow(
    new UsageError('Input "total" has no value; write it before the run.'),
  );
  expect(() => executable.read(x)).toThrow('input "x" has no value');
});

test("programs need different names; storage is counted", () => {
  expect(() => referenceBackend().compile([step, step])).toThrow('got "step", "step"');
  expect(started().size).toEqual({ storage: 16 + 16 + 4, code: 0 });
});
