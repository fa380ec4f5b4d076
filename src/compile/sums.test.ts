import { describe, expect, test } from "vitest";
import { build, type Node, topologicalOrder } from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";
import { mergeSums } from "./sums.ts";

const { add, div, input, mul, reduceSum, scalar, sub, unary } = build;

const x = input("x", [8, 6, 4], "float32");
const g = input("g", [8, 6, 4], "float32");
const scale = input("scale", [4], "float32");
const rows = [0, 1];
const count = scalar(48, "float32");
const mean = div(reduceSum(x, rows), count);
const centred = sub(x, mean);
const deviation = unary("sqrt", div(reduceSum(mul(centred, centred), rows), count));
const normal = div(centred, deviation);

function sumsIn(outputs: readonly Node[]): number {
  return topologicalOrder(outputs).filter((node) => node.op === "reduceSum").length;
}

describe("sums of products", () => {
  test("that differ in constant factors become one sum", () => {
    const products = [
      mul(g, centred),
      mul(normal, g),
      unary("neg", div(mul(mul(g, scale), normal), scalar(3, "float32"))),
    ];
    const before = products.map((product) => reduceSum(product, rows));
    const after = mergeSums(before);
    expect(sumsIn(before)).toBe(5);
    // Σ x, Σ (x − μ)² and Σ g·(x − μ).
    expect(sumsIn(after)).toBe(3);
    expect(after.map(({ shape }) => shape)).toEqual([[4], [4], [4]]);
  });

  test("that nothing else equals stay as they are", () => {
    const sum = reduceSum(mul(g, scale), rows);
    expect(mergeSums([sum])[0].inputs[0].op).toBe("mul");
  });

  test("over other axes are other sums", () => {
    const after = mergeSums([reduceSum(mul(g, scale), [0]), reduceSum(g, [1])]);
    expect(sumsIn(after)).toBe(2);
  });

  test("of whole numbers stay as they are", () => {
    const whole = input("n", [5, 3], "int32");
    const doubled = add(whole, whole);
    const after = mergeSums([reduceSum(doubled, [0]), reduceSum(whole, [0])]);
    expect(sumsIn(after)).toBe(2);
  });
});

describe("a sum is zero", () => {
  test("over deviations from the mean", () => {
    const [sum] = mergeSums([reduceSum(mul(centred, scale), rows)]);
    expect(uniformValue(sum)).toBe(0);
    expect(sum.shape).toEqual([4]);
  });

  test("over the gradient that a normalization passes on", () => {
    // ∂L/∂x = γ/σ · (g − Σg/n − x̂·Σ(g·x̂)/n)
    const projection = mul(normal, div(reduceSum(mul(g, normal), rows), count));
    const passed = mul(
      div(scale, deviation),
      sub(sub(g, div(reduceSum(g, rows), count)), projection),
    );
    expect(uniformValue(mergeSums([reduceSum(passed, rows)])[0])).toBe(0);
  });

  test("but not over deviations from another number", () => {
    const other = div(reduceSum(x, rows), scalar(47, "float32"));
    expect(uniformValue(mergeSums([reduceSum(sub(x, other), rows)])[0])).toBeUndefined();
    const perRow = div(reduceSum(x, [1], true), scalar(6, "float32"));
    expect(uniformValue(mergeSums([reduceSum(sub(x, perRow), [0])])[0])).toBeUndefined();
    expect(uniformValue(mergeSums([reduceSum(sub(x, perRow), [1])])[0])).toBe(0);
  });
});
