/** Gradient checks in float64: every rule against central differences, and the gradient of the
 * gradient too; the conventions at kinks by value. */

import { describe, expect, test } from "vitest";
import { evaluate } from "../backend/reference/index.ts";
import {
  build,
  type InputNode,
  isFloat,
  makeNode,
  type Node,
  type Op,
  type OpAttributes,
  type Shape,
  sizeOf,
  verify,
} from "../ir/index.ts";
import { Generator } from "../util/index.ts";
import { gradientRules, gradients } from "./index.ts";

interface Operand {
  readonly shape: Shape;
  readonly low?: number;
  readonly high?: number;
}

/** A function of float inputs whose gradient is checked; `flat` says why an op has none. */
type Case =
  | { readonly inputs: readonly Operand[]; readonly apply: (...x: Node[]) => Node }
  | { readonly flat: string };

function op<K extends Op>(name: K, attributes: OpAttributes[K]): (...x: Node[]) => Node {
  return (...x) => makeNode(name, x, attributes);
}

const smooth = (name: Op, low = -1.5, high = 1.5): Case => ({
  inputs: [{ shape: [2, 3], low, high }],
  apply: op(name, {} as never),
});

const pairwise = (name: Op, low = -1.5, high = 1.5): Case => ({
  inputs: [
    { shape: [2, 3], low, high },
    { shape: [2, 3], low, high },
  ],
  apply: op(name, {} as never),
});

const movement = (shape: Shape, apply: (...x: Node[]) => Node): Case => ({
  inputs: [{ shape }],
  // Squared, so that the second derivative is not zero.
  apply: (x) => apply(build.mul(x, x)),
});

const indices = (list: readonly number[], shape: Shape = [list.length]) =>
  build.constant(Int32Array.from(list), shape, "int32");
const condition = build.constant(Uint8Array.of(1, 0, 0, 1, 1, 0), [2, 3], "bool");

const piecewiseConstant: Case = { flat: "constant but for jumps" };
const discrete: Case = { flat: "its result is discrete" };
const leaf: Case = { flat: "it has no operands of floats" };

const cases: { readonly [K in Op]: Case } = {
  input: leaf,
  constant: leaf,
  iota: leaf,
  random: leaf,
  neg: { inputs: [{ shape: [3] }], apply: (x) => build.unary("neg", build.mul(x, x)) },
  abs: { inputs: [{ shape: [5] }], apply: (x) => build.unary("abs", build.unary("sin", x)) },
  sign: piecewiseConstant,
  exp: smooth("exp"),
  expm1: smooth("expm1"),
  log: smooth("log", 0.3, 3),
  log1p: smooth("log1p", -0.6, 2),
  sqrt: smooth("sqrt", 0.3, 3),
  sin: smooth("sin"),
  cos: smooth("cos"),
  tanh: smooth("tanh"),
  sigmoid: smooth("sigmoid"),
  erf: smooth("erf"),
  floor: piecewiseConstant,
  ceil: piecewiseConstant,
  round: piecewiseConstant,
  not: discrete,
  cast: {
    inputs: [{ shape: [3] }],
    apply: (x) => build.cast(build.mul(x, x), "float64"),
  },
  stopGradient: { flat: "asked to have none" },
  add: pairwise("add"),
  sub: pairwise("sub"),
  mul: pairwise("mul"),
  div: pairwise("div", 0.4, 2),
  pow: pairwise("pow", 0.4, 2),
  max: pairwise("max"),
  min: pairwise("min"),
  eq: discrete,
  ne: discrete,
  lt: discrete,
  le: discrete,
  gt: discrete,
  ge: discrete,
  and: discrete,
  or: discrete,
  select: {
    inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
    apply: (a, b) => build.select(condition, build.mul(a, b), build.unary("sin", b)),
  },
  reshape: movement([2, 3], (x) => build.reshape(x, [3, 1, 2])),
  permute: movement([2, 3, 2], (x) => build.permute(x, [1, 2, 0])),
  broadcast: movement([2, 1, 3], (x) => build.broadcast(x, [2, 2, 4, 3])),
  slice: movement([7, 4], op("slice", { start: [1, 0], size: [3, 2], step: [2, 3] })),
  pad: movement([2, 3], op("pad", { low: [1, 0], high: [0, 2], interior: [0, 1], value: 3 })),
  flip: movement([2, 3], op("flip", { axes: [1] })),
  concatenate: {
    inputs: [{ shape: [2, 1] }, { shape: [2, 3] }],
    apply: (a, b) => makeNode("concatenate", [a, build.mul(b, b), a], { axis: 1 }),
  },
  reduceSum: movement([2, 3, 2], op("reduceSum", { axes: [0, 2] })),
  reduceMax: movement([2, 3, 2], op("reduceMax", { axes: [0, 1] })),
  reduceMin: movement([2, 3, 2], op("reduceMin", { axes: [1] })),
  argMax: discrete,
  argMin: discrete,
  matmul: {
    inputs: [{ shape: [2, 3, 2] }, { shape: [2, 2, 3] }],
    apply: op("matmul", {}),
  },
  convolve: {
    inputs: [{ shape: [2, 6, 5, 2] }, { shape: [2, 3, 2, 3] }],
    apply: op("convolve", { stride: [3, 1], dilation: [2, 1], low: [1, 0], high: [0, 3] }),
  },
  gather: movement([3, 2], (x) => makeNode("gather", [x, indices([2, 0, 2, -1, 3])], {})),
  scatterAdd: movement([4, 2], (x) =>
    makeNode("scatterAdd", [indices([1, 1, 5, 0]), x], { length: 3 }),
  ),
};

/** ∂(Σ f)/∂x by central differences at steps h and h/2, extrapolated (Richardson): error O(h⁴). */
function numericalGradient(
  f: (bindings: ReadonlyMap<InputNode, Float64Array>) => number,
  bindings: ReadonlyMap<InputNode, Float64Array>,
  input: InputNode,
): number[] {
  const point = bindings.get(input)!;
  return Array.from(point, (value, i) => {
    const difference = (h: number) => {
      const at = (x: number) => f(new Map(bindings).set(input, point.with(i, x)));
      return (at(value + h) - at(value - h)) / (2 * h);
    };
    return (4 * difference(5e-4) - difference(1e-3)) / 3;
  });
}

/** ‖a − b‖ / max(‖a‖, ‖b‖), 0 where both vanish to rounding. */
function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const norm = (x: number[]) => Math.hypot(...x);
  const [left, right] = [Array.from(a), Array.from(b)];
  const scale = Math.max(norm(left), norm(right));
  return scale < 1e-9 ? 0 : norm(left.map((value, i) => value - right[i])) / scale;
}

/** Σ wᵢ yᵢ with fixed irregular weights, so that no gradient is hidden by symmetry. */
function weightedSum(y: Node): Node {
  const weights = Float64Array.from({ length: sizeOf(y.shape) }, (_, i) => Math.cos(3 * i + 1));
  const product = build.mul(y, build.constant(weights, y.shape, "float64"));
  return build.reduceSum(
    product,
    y.shape.map((_, axis) => axis),
  );
}

const one = build.scalar(1, "float64");
const gradientsOf = (loss: Node, inputs: readonly Node[]) =>
  gradients([{ output: loss, gradient: one }], inputs);

function expectGradient(
  loss: Node,
  inputs: readonly InputNode[],
  bindings: ReadonlyMap<InputNode, Float64Array>,
): void {
  const exact = gradientsOf(loss, inputs);
  verify([loss, ...exact]);
  const computed = evaluate(exact, bindings);
  inputs.forEach((input, i) => {
    const numerical = numericalGradient((at) => evaluate([loss], at)[0][0], bindings, input);
    expect(relativeError(computed[i], numerical)).toBeLessThan(1e-6);
  });
}

describe("gradient checks", () => {
  const checked = Object.entries(cases).flatMap(([name, check]) =>
    "flat" in check ? [] : [[name, check] as const],
  );
  test.each(checked)("%s: first and second derivative", (name, { inputs, apply }) => {
    const generator = new Generator(11).fork(name);
    const nodes = inputs.map(({ shape }, i) => build.input(`x${i}`, shape, "float64"));
    const bindings = new Map(
      inputs.map(({ shape, low = -1.5, high = 1.5 }, i) => [
        nodes[i],
        Float64Array.from(
          { length: sizeOf(shape) },
          () => low + (high - low) * generator.uniform(),
        ),
      ]),
    );
    const loss = weightedSum(apply(...nodes));
    expectGradient(loss, nodes, bindings);
    const slope = gradientsOf(loss, nodes)
      .map(weightedSum)
      .reduce((sum, part) => build.add(sum, part));
    expectGradient(slope, nodes, bindings);
  });

  test.each(
    Object.entries(cases).flatMap(([name, check]) => ("flat" in check ? [name as Op] : [])),
  )("%s gives its operands no gradient", (name) => {
    const x = build.input(
      "x",
      [2, 2],
      name === "not" || name === "and" || name === "or" ? "bool" : "float64",
    );
    const y = fakeNode(name, x);
    expect(gradientRules[name](y as never, build.fullLike(1, x))).toEqual([]);
  });
});

function fakeNode(name: Op, x: Node): Node {
  switch (name) {
    case "input":
      return x;
    case "constant":
      return one;
    case "iota":
      return build.iota(0, [2], "float64");
    case "random":
      return makeNode("random", [indices([0, 1])], { shape: [2], dtype: "float64" });
    case "argMax":
    case "argMin":
      return makeNode(name, [x], { axis: 0 });
    default:
      return makeNode(
        name,
        name in { and: 0, or: 0, eq: 0, ne: 0, lt: 0, le: 0, gt: 0, ge: 0 } ? [x, x] : [x],
        {} as never,
      );
  }
}

/** The gradient of Σ f(x) at a point. */
function slopeAt(point: readonly number[], f: (x: Node) => Node): number[] {
  const x = build.input("x", [point.length], "float64");
  const y = f(x);
  const loss = build.reduceSum(
    y,
    y.shape.map((_, axis) => axis),
  );
  return [...evaluate(gradientsOf(loss, [x]), new Map([[x, Float64Array.from(point)]]))[0]];
}

const like = (x: Node, value: number) => build.fullLike(value, x);

describe("conventions where there is no derivative", () => {
  test("max and min of equal operands give half to each; NaN passes", () => {
    expect(slopeAt([0, 1, -1], (x) => build.binary("max", x, like(x, 0)))).toEqual([0.5, 1, 0]);
    expect(slopeAt([0, 1, -1], (x) => build.binary("min", x, like(x, 0)))).toEqual([0.5, 0, 1]);
    expect(slopeAt([2], (x) => build.binary("max", x, x))).toEqual([1]);
    expect(slopeAt([Number.NaN], (x) => build.binary("max", x, like(x, 0)))).toEqual([1]);
  });

  test("the largest elements share the gradient of their maximum equally", () => {
    expect(slopeAt([3, 1, 3], (x) => build.reduce("reduceMax", x, [0]))).toEqual([0.5, 0, 0.5]);
    expect(slopeAt([0, 0, 0, 0], (x) => build.reduce("reduceMin", x, [0]))).toEqual([
      0.25, 0.25, 0.25, 0.25,
    ]);
  });

  test("or the first of them takes it, of a window with NaN the first element", () => {
    const largest = (x: Node) => build.firstExtremum("reduceMax", x, [0]);
    const smallest = (x: Node) => build.firstExtremum("reduceMin", x, [0]);
    expect(slopeAt([1, 3, 2, 3], largest)).toEqual([0, 1, 0, 0]);
    expect(slopeAt([2, 2, 2], smallest)).toEqual([1, 0, 0]);
    expect(slopeAt([1, Number.NaN, 3], largest)).toEqual([1, 0, 0]);
  });

  test("abs has slope 0 at 0", () => {
    expect(slopeAt([-2, 0, 2], (x) => build.unary("abs", x))).toEqual([-1, 0, 1]);
  });

  test("pow with a constant exponent is safe at base 0 and for negative bases, to third order", () => {
    const square = (x: Node) => build.binary("pow", x, like(x, 2));
    const derivative = (f: (x: Node) => Node) => (x: Node) =>
      gradients([{ output: f(x), gradient: like(x, 1) }], [x])[0];
    expect(slopeAt([0, -3, 2], square)).toEqual([0, -6, 4]);
    expect(slopeAt([0, -3, 2], derivative(square))).toEqual([2, 2, 2]);
    expect(slopeAt([0, -3, 2], derivative(derivative(square))).map(Math.abs)).toEqual([0, 0, 0]);
    expect(slopeAt([0, 5], (x) => build.binary("pow", x, like(x, 0)))).toEqual([0, 0]);
    expect(slopeAt([0], (x) => build.binary("pow", x, like(x, 0.5)))).toEqual([Infinity]);
  });

  test("pow at base 0 has slope 0 in the exponent", () => {
    expect(slopeAt([0, 2], (x) => build.binary("pow", like(x, 0), x))).toEqual([0, 0]);
  });

  test("the branch that select does not take does not leak NaN", () => {
    const safeLog = (x: Node) => {
      const positive = build.binary("gt", x, like(x, 0));
      const guarded = build.select(positive, x, like(x, 1));
      return build.select(positive, build.unary("log", guarded), like(x, 0));
    };
    expect(slopeAt([-1, 2], safeLog)).toEqual([0, 0.5]);
  });
});

describe("gradients", () => {
  const x = build.input("x", [2], "float64");
  const y = build.input("y", [2], "float64");

  test("are zeros where no path leads to the output", () => {
    const [dx, dy] = gradientsOf(build.reduceSum(build.mul(x, x), [0]), [x, y]);
    const bindings = new Map([
      [x, Float64Array.of(1, 2)],
      [y, Float64Array.of(0, 0)],
    ]);
    expect(evaluate([dx, dy], bindings).map((value) => [...value])).toEqual([
      [2, 4],
      [0, 0],
    ]);
    expect(dy.shape).toEqual([2]);
  });

  test("sum over all paths and all outputs, and reach inner nodes", () => {
    const square = build.mul(x, x);
    const loss = build.reduceSum(build.mul(square, x), [0]);
    const cotangents = [
      { output: loss, gradient: one },
      { output: square, gradient: build.fullLike(10, square) },
    ];
    const [dx, dSquare] = gradients(cotangents, [x, square]);
    const bindings = new Map([[x, Float64Array.of(1, 2)]]);
    // 3x² + 20x, and x + 10.
    expect(evaluate([dx, dSquare], bindings).map((value) => [...value])).toEqual([
      [23, 52],
      [11, 12],
    ]);
  });

  test("integer and bool outputs are ignored, and casts to them end the path", () => {
    const whole = build.cast(x, "int32");
    const back = build.reduceSum(build.cast(whole, "float64"), [0]);
    const [viaInteger] = gradientsOf(back, [x]);
    const [ofInteger] = gradients([{ output: whole, gradient: whole }], [x]);
    const bindings = new Map([[x, Float64Array.of(1, 2)]]);
    expect(evaluate([viaInteger, ofInteger], bindings).map((value) => [...value])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(isFloat(ofInteger.dtype)).toBe(true);
  });

  test("a gradient of another shape is an error of the caller", () => {
    expect(() => gradients([{ output: x, gradient: one }], [x])).toThrow(
      "gradients: expected float64[2] for input, got float64[].",
    );
  });

  test("casts between the float types pass the gradient in the operand's type", () => {
    const narrow = build.cast(build.mul(x, x), "float32");
    const loss = build.reduceSum(narrow, [0]);
    const [dx] = gradients([{ output: loss, gradient: build.scalar(1, "float32") }], [x]);
    expect(dx.dtype).toBe("float64");
    expect([...evaluate([dx], new Map([[x, Float64Array.of(1, 2)]]))[0]]).toEqual([2, 4]);
  });

  test("are zeros for an image that no window of a convolution overlaps", () => {
    const image = build.input("image", [1, 2, 1], "float64");
    const kernel = build.input("kernel", [1, 1, 1], "float64");
    // One window, at the first of 3 + 2 places: it sees padding.
    const product = build.convolve(image, kernel, [5], [1], { low: [3], high: [0] });
    const [dImage, dKernel] = gradientsOf(build.reduceSum(product, [0, 1, 2]), [image, kernel]);
    const bindings = new Map([
      [image, Float64Array.of(1, 2)],
      [kernel, Float64Array.of(3)],
    ]);
    expect(evaluate([dImage, dKernel], bindings).map((value) => [...value])).toEqual([[0, 0], [0]]);
  });
});
