import { describe, expect, test } from "vitest";
import { build, makeNode, type Node } from "../ir/index.ts";
import { compilePrograms } from "./compile.ts";
import type { MapKernel, Value } from "./kernel.ts";

type Operation = Value & { readonly kind: "op" };

const { input, add, div, matmul, mul, reduceSum, scalar, sub } = build;

const kernelsOf = (...outputs: Node[]) =>
  compilePrograms([{ name: "main", outputs }]).programs[0].kernels;

function softmax(z: Node): Node {
  const most = build.reduce("reduceMax", z, [1], true);
  const powers = build.unary("exp", sub(z, most));
  return div(powers, reduceSum(powers, [1], true));
}

describe("rows of a few elements", () => {
  test.each([2, 3, 4])("a softmax over %i columns is one loop over the rows", (columns) => {
    const z = input("z", [40, columns], "float32");
    expect(kernelsOf(softmax(z))).toMatchObject([
      { kind: "map", extents: [40], stores: { length: columns } },
    ]);
  });

  test("what others read stays stored, what only the loop reads does not", () => {
    const x = input("x", [40, 8], "float32");
    const weights = input("weights", [8, 3], "float32");
    const p = softmax(matmul(x, weights));
    const [product, rows, sum, back, ...rest] = kernelsOf(
      reduceSum(p, [0]),
      matmul(p, input("back", [3, 8], "float32")),
    );
    expect(rest).toEqual([]);
    expect([product, rows].map(({ kind }) => kind)).toEqual(["contract", "map"]);
    expect(rows).toMatchObject({ extents: [40], stores: { length: 3 } });
    expect(sum).toMatchObject({ kind: "reduce", sideStores: [], inputs: [{ kind: "load" }] });
    expect(back).toMatchObject({ kind: "contract" });
  });

  test("equal values are one", () => {
    const z = input("z", [40, 2], "float32");
    const total = reduceSum(build.unary("exp", z), [1]);
    const kernels = kernelsOf(add(total, scalar(1, "float32")), mul(total, total));
    const values = (kernels[0] as MapKernel).stores.map(({ value }) => value as Operation);
    const product = values.find(({ op }) => op === "mul")!;
    const sum = values.find(({ op, inputs: [, one] }) => op === "add" && one.kind === "constant")!;
    expect(product.inputs[0]).toBe(product.inputs[1]);
    expect(product.inputs[0]).toBe(sum.inputs[0]);
  });
});

describe("loops stay apart", () => {
  test("of longer rows", () => {
    const kernels = kernelsOf(softmax(input("z", [40, 10], "float32")));
    expect(kernels.map(({ kind }) => kind)).toEqual(["reduce", "reduce", "map"]);
  });

  test("where a row reads other rows", () => {
    const x = input("x", [40, 3], "float32");
    const sums = reduceSum(x, [1]);
    const kernels = kernelsOf(mul(sums, makeNode("flip", [sums], { axes: [0] })));
    expect(kernels.map(({ kind }) => kind)).toEqual(["reduce", "map"]);
  });

  test("where something between them needs all rows", () => {
    const x = input("x", [40, 3], "float32");
    const sums = reduceSum(x, [1]);
    const mean = reduceSum(sums, [0]);
    const kernels = kernelsOf(mul(sums, build.broadcast(mean, [40])));
    expect(kernels.map(({ kind }) => kind)).toEqual(["reduce", "reduce", "map"]);
  });

  test("of an array that is assembled from pieces", () => {
    const x = input("x", [4, 3], "float32");
    const sums = reduceSum(x, [1]);
    const part = makeNode("slice", [sums], { start: [1], size: [2], step: [1] });
    const padded = makeNode("pad", [part], { low: [1], high: [1], interior: [0], value: 0 });
    const kernels = kernelsOf(mul(add(padded, sums), sums));
    const assembled = kernels.filter(({ kind }) => kind === "map");
    expect(assembled.length).toBeGreaterThan(2);
  });
});
