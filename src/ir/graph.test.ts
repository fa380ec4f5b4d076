/** Walking, rewriting, printing and verifying graphs; shapes and axes. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InternalError, ShapeError } from "../util/index.ts";
import {
  broadcastShapes,
  build,
  consumersOf,
  inputsOf,
  makeNode,
  type Node,
  normalizeAxes,
  normalizeAxis,
  printGraph,
  rewrite,
  sizeOf,
  stridesOf,
  structuralKey,
  substitute,
  topologicalOrder,
  verify,
} from "./index.ts";

const x = build.input("x", [2], "float32");
const y = build.input("y", [2], "float32");

describe("walking", () => {
  test("operands come before users, each node once", () => {
    const square = build.mul(x, x);
    const sum = build.add(square, square);
    expect(topologicalOrder([sum, square, x])).toEqual([x, square, sum]);
    expect(consumersOf([sum]).get(square)).toEqual([sum]);
    expect(consumersOf([sum]).get(sum)).toEqual([]);
  });

  test("rewrite rebuilds what changed and keeps what did not", () => {
    const kept = build.unary("exp", y);
    const changed = build.add(build.unary("sin", x), kept);
    const [result] = rewrite([changed], (node) =>
      node.op === "sin" ? build.unary("cos", node.inputs[0]) : node,
    );
    expect(result.inputs[0].op).toBe("cos");
    expect(result.inputs[1]).toBe(kept);
    expect(substitute([kept], new Map([[x, y]]))).toEqual([kept]);
    expect(substitute([changed], new Map([[x, y]]))[0].inputs[0].inputs[0]).toBe(y);
  });

  test("the inputs of programs are those that are read or updated, in order", () => {
    const z = build.input("z", [2], "float32");
    const programs = [{ name: "a", outputs: [y], updates: [{ target: z, value: x }] }];
    expect(inputsOf(programs)).toEqual([y, x, z]);
  });
});

describe("building", () => {
  test("binary operands broadcast; needless moves are left out", () => {
    const column = build.input("c", [3, 1], "float32");
    const sum = build.add(column, x);
    expect(sum.shape).toEqual([3, 2]);
    expect(sum.inputs.map(({ op }) => op)).toEqual(["broadcast", "broadcast"]);
    expect(build.reshape(x, [2])).toBe(x);
    expect(build.broadcast(x, [2])).toBe(x);
    expect(build.permute(column, [0, 1])).toBe(column);
    expect(build.cast(x, "float32")).toBe(x);
    expect(build.reduceSum(x, [])).toBe(x);
  });

  test("reductions keep axes on request, and take axes from the back", () => {
    const cube = build.input("cube", [2, 3, 4], "float32");
    expect(build.reduceSum(cube, [-1, 0]).shape).toEqual([3]);
    expect(build.reduceSum(cube, [1], true).shape).toEqual([2, 1, 4]);
    expect(build.transpose(cube).shape).toEqual([2, 4, 3]);
    expect(() => build.reduceSum(cube, [0, -3])).toThrow("name the same axis twice");
  });

  test("nodes cannot be changed", () => {
    expect(() => {
      (x as { shape: unknown }).shape = [3];
    }).toThrow(TypeError);
  });
});

describe("printing", () => {
  test("one line a node, with attributes and type", () => {
    const graph = build.reduceSum(build.mul(x, build.full(2, [2], "float32")), [0]);
    expect(printGraph([graph])).toBe(
      [
        "%0 = input() {name: x} float32[2]",
        "%1 = constant() {data: 2} float32[]",
        "%2 = broadcast(%1) float32[2]",
        "%3 = mul(%0, %2) float32[2]",
        "%4 = reduceSum(%3) {axes: [0]} float32[]",
        "return %4",
      ].join("\n"),
    );
  });

  const key = (node: Node) => structuralKey([node], ({ attributes }) => attributes.name);
  const pad = (value: number) =>
    makeNode("pad", [x], { low: [1], high: [0], interior: [0], value });

  test("equal graphs share a key, also when built twice", () => {
    const make = () => build.add(x, build.constant(Float32Array.of(1, Number.NaN), [2], "float32"));
    expect(key(make())).toBe(key(make()));
    expect(structuralKey([build.add(x, y)], () => 0)).toBe(
      structuralKey([build.add(y, x)], () => 0),
    );
  });

  test("what computes something else has another key", () => {
    const list = [
      build.add(x, y),
      build.add(y, x),
      build.add(x, x),
      build.sub(x, y),
      pad(0),
      pad(-0),
      pad(Number.NaN),
      pad(Number.POSITIVE_INFINITY),
      build.constant(Float32Array.of(1), [1], "float32"),
      build.constant(Float32Array.of(2), [1], "float32"),
      build.constant(Float32Array.of(0), [1], "float32"),
      build.constant(Float32Array.of(-0), [1], "float32"),
      build.constant(Int32Array.of(0), [1], "int32"),
      build.constant(Int32Array.of(0), [1, 1], "int32"),
    ];
    expect(new Set(list.map(key)).size).toBe(list.length);
  });
});

test("verify finds a node whose type is not what inference says", () => {
  verify([build.add(x, y)]);
  const wrong = { ...build.add(x, y), shape: [3] } as Node;
  expect(() => verify([build.unary("neg", { ...x, shape: [2] }), wrong], "fusing")).toThrow(
    new InternalError("verify after fusing: add claims float32[3], inference says float32[2]."),
  );
});

describe("shapes", () => {
  test("broadcasting is symmetric, idempotent and keeps the other shape at 1s", () => {
    const shape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(shape, shape, (a, b) => {
        expect(broadcastShapes(a, a)).toEqual(a);
        expect(
          broadcastShapes(
            a,
            a.map(() => 1),
          ),
        ).toEqual(a);
        let result: readonly number[] | undefined;
        try {
          result = broadcastShapes(a, b);
        } catch (error) {
          expect(error).toBeInstanceOf(ShapeError);
          expect(() => broadcastShapes(b, a)).toThrow(ShapeError);
        }
        if (result !== undefined) {
          expect(broadcastShapes(b, a)).toEqual(result);
          expect(broadcastShapes(result, a)).toEqual(result);
        }
      }),
    );
  });

  test("what does not broadcast is explained", () => {
    expect(() => broadcastShapes([2, 3], [4, 3], "add")).toThrow(
      "add: shapes [2, 3] and [4, 3] do not broadcast; axis 0 has 2 against 4, expected equal " +
        "lengths or a 1.",
    );
  });

  test("sizes, strides and axes", () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([3, 0])).toBe(0);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(normalizeAxis(-1, 3, "sum")).toBe(2);
    expect(normalizeAxes(undefined, 2, "sum")).toEqual([0, 1]);
    expect(normalizeAxes([-1, 0], 2, "sum")).toEqual([0, 1]);
    expect(() => normalizeAxis(3, 3, "sum")).toThrow(
      "sum: expected an integer from -3 to 2, got axis 3.",
    );
    expect(() => normalizeAxis(0, 0, "sum")).toThrow("expected no axis (a scalar), got axis 0");
    expect(() => normalizeAxes(0.5, 2, "sum")).toThrow(ShapeError);
  });
});
