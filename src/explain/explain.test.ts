/** Formulas, gradient checks, drawings, activation sheets, worked steps and their errors. */

import { describe, expect, test } from "vitest";
import { gradientRules } from "../autograd/index.ts";
import { build } from "../ir/index.ts";
import { defineLayer, layers, network } from "../nn/index.ts";
import { losses } from "../nn/losses/index.ts";
import { optimizers } from "../optim/index.ts";
import { variants } from "../optim/variants.ts";
import { type Tensor, tensor, where } from "../tensor/index.ts";
import { valueAt } from "./activations/sheet.ts";
import { faultsOf } from "./graph/faults.testing.ts";
import {
  activationFigure,
  activationKinds,
  activationSheet,
  checkGradients,
  derive,
  differentiateNumerically,
  drawGraph,
  explain,
  explainPage,
  formulaMarkdown,
  formulaPage,
  math,
  toHtml,
  toLatex,
  toMarkdown,
  toText,
  workedStep,
} from "./index.ts";

const std = "sqrt(((x1-m)^2+(x2-m)^2)/2) where m=(x1+x2)/2";

describe("formulas", () => {
  test("the standard deviation of −1 and 3: 2, −0.5, 0.5, and 0 at the mean", () => {
    const { value, gradients } = explain(std, { x1: -1, x2: 3 });
    expect(value).toBe(2);
    expect(gradients).toEqual({ x1: -0.5, x2: 0.5, m: 0 });
  });

  test.each([
    ["2x + 3(x - 1)", { x: 2 }, 7, { x: 5 }],
    ["-x^2", { x: 3 }, -9, { x: -6 }],
    ["2^3^2", {}, 512, {}],
    ["sum(v * v)", { v: [1, 2, 3] }, 14, { v: [2, 4, 6] }],
    ["dot([a, 2], [3, a])", { a: 1 }, 5, { a: 5 }],
    ["mean(a, b, c)", { a: 1, b: 2, c: 6 }, 3, { a: 1 / 3, b: 1 / 3, c: 1 / 3 }],
    ["relu(x) + sigmoid(0) · 2", { x: 3 }, 4, { x: 1 }],
    ["exp(ln(x)) × pi / π", { x: 2 }, 2, { x: 1 }],
  ])("%s", (text, point, value, gradients) => {
    const result = explain(text, point as never);
    expect(result.value).toBeCloseTo(value, 12);
    for (const [name, expected] of Object.entries(gradients)) {
      const actual = [result.gradients[name]].flat();
      [expected].flat().forEach((each, i) => {
        expect(actual[i]).toBeCloseTo(each, 12);
      });
    }
  });

  test.each([
    ["sqr(x)", 'unknown function "sqr" at column 1; did you mean "sqrt"?\n  sqr(x)\n  ^^^'],
    ["1/(x-1)", "division by zero at column 1"],
    ["x +", 'expected a number, a name or "(", got the end at column 4'],
    ["(x", 'expected ")" to close the one at column 1, got the end at column 3'],
    ["ln(-x)", "logarithm of -1 at column 1"],
    ["x + y1", '"y1" has no value at column 5'],
    ["x $ 2", 'unexpected "$" at column 3'],
    ["m where m = m + 1", '"m" is defined by itself at column 13'],
    ["a + v", "the parts have different lengths at column 1"],
    ["sqrt(x, 2)", "sqrt takes 1 operand, got 2 at column 1"],
    ["v", "the formula gives a vector [2]"],
    ["x 2", 'expected an operator or the end, got "2" at column 3'],
    ["x where x", 'expected "=" after "x", got the end at column 10'],
  ])("%s: the error points at the column", (text, message) => {
    expect(() => explain(text, { x: 1, v: [1, 2], a: [1, 2, 3] })).toThrow(message);
  });
});

describe("formulas on paper", () => {
  const point = { x1: -1, x2: 3 };

  test("the page holds the graph, every step, and the gradients beside differences", async () => {
    const page = await formulaPage(explain(std, point), point);
    expect(page).toContain('<td class="number">−0.5</td><td class="number">−0.5</td>');
    expect(page).toContain("(x1-m)^2");
    expect(page).toContain("<svg ");
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(await formulaPage(explain(std, point), point, { language: "zh" })).toContain("公式详解");
  });

  test("Markdown; vectors; a point at the edge of the formula's range", () => {
    expect(formulaMarkdown(explain(std, point), point)).toContain("| `x2` | 3 | 0.5 | 0.5 |");
    const v = { v: [1, 2] };
    expect(formulaMarkdown(explain("sum(v^2)", v), v)).toContain(
      "| `v` | (1, 2) | (2, 4) | (2, 4) |",
    );
    const edge = { x: 1e-3 };
    expect(formulaMarkdown(explain("ln(x)", edge), edge)).toContain(
      "| `x` | 0.001 | 1000 | 1000 |",
    );
    const zero = { x: 0 };
    expect(formulaMarkdown(explain("x * sqrt(x)", zero), zero)).toContain("| `x` | 0 | NaN | — |");
  });
});

const iris = network({
  input: [4],
  layers: [layers.linear(5), layers.tanh(), layers.linear(3)],
  seed: 1,
});
const sample = { loss: losses.crossEntropy(), x: [5.1, 3.5, 1.4, 0.2], y: 0 };

describe("gradient checks", () => {
  test("differences reach ten digits", () => {
    expect(differentiateNumerically(Math.exp, 1).value).toBeCloseTo(Math.E, 10);
    expect(differentiateNumerically((x) => 1 / x, 0.1).value).toBeCloseTo(-100, 8);
  });

  test("a kink within reach is an error of its size, one out of reach is none", () => {
    const relu = (x: number) => Math.max(0, x);
    expect(differentiateNumerically(relu, 0).error).toBeCloseTo(0.5, 6);
    expect(differentiateNumerically(relu, 1e-7).error).toBeGreaterThan(0.4);
    expect(differentiateNumerically(relu, 1e-3).value).toBeCloseTo(1, 12);
    expect(differentiateNumerically(relu, 1e-3).error).toBeLessThan(1e-12);
  });

  test("ties of a maximum and ReLU at 0 prove nothing, and fail nothing", () => {
    const net = network({
      input: [4, 4, 1],
      layers: [
        layers.conv2d(2, 1, { bias: false }),
        layers.relu(),
        layers.maxPool2d(2),
        layers.flatten(),
        layers.linear(3),
      ],
      seed: 1,
      dtype: "float64",
    });
    // Half of the picture is one plain colour, as the margins of digits are, the other half 0.
    const x = Array.from({ length: 16 }, (_, i) => (i < 8 ? 0.5 : 0));
    const check = checkGradients(net, { loss: losses.crossEntropy(), x, y: 1 });
    expect(check.text).toContain("All gradients agree.");
    // All biases of 0 on an input of 0: each lies at the kink.
    const zeros = network({ input: [2], layers: [layers.linear(2), layers.relu()] });
    zeros.setWeights(new Map([...zeros.weights].map(([path, data]) => [path, data.map(() => 0)])));
    const kink = checkGradients(zeros, { loss: losses.mse(), x: [0, 0], y: [1, 1] });
    expect(kink.parameters.map(({ compared }) => compared > 0)).toEqual([true, false]);
    expect(kink.text).toContain("at a kink");
  });

  test("a right network passes, parameter by parameter", () => {
    const check = checkGradients(iris, sample);
    expect(check.passed).toBe(true);
    expect(check.parameters.map(({ path }) => path)).toEqual([
      "0.weight",
      "0.bias",
      "2.weight",
      "2.bias",
    ]);
    for (const { symbolicError, reverseError } of check.parameters) {
      expect(symbolicError).toBeLessThan(1e-12);
      expect(reverseError).toBeLessThan(1e-9);
    }
  });

  test("a wrong gradient rule is found and named", () => {
    const rules = {
      ...gradientRules,
      tanh: ((y, g) => [build.mul(g, y)]) as typeof gradientRules.tanh,
    };
    const check = checkGradients(iris, { ...sample, rules });
    expect(check.passed).toBe(false);
    expect(check.firstDifference).toMatchObject({
      op: "tanh",
      operand: 0,
      layer: "layer 1 (tanh)",
    });
    expect(check.text).toContain("Reverse mode first differs in layer 1 (tanh)");
  });

  test("a layer of one's own with a wrong derivative is found and named", () => {
    const cube = defineLayer({
      name: "wrongCube",
      forward: (_, x: Tensor) => {
        const slope = x.square().mul(2).detach();
        return x.pow(3).detach().add(x.sub(x.detach()).mul(slope));
      },
    });
    const net = network({ input: [2], layers: [layers.linear(3), cube({}), layers.linear(2)] });
    const check = checkGradients(net, { loss: losses.mse(), x: [0.5, -1], y: [1, 0] });
    expect(check.passed).toBe(false);
    expect(check.firstDifference?.layer).toBe("layer 1 (wrongCube)");
    expect(check.firstDifference?.op).toBe("stopGradient");
  });

  test("samples that do not fit say what was expected", () => {
    expect(() => checkGradients(iris, { ...sample, x: [1, 2, 3] })).toThrow(
      "expected samples of shape [4], 4 values each, got 3 values",
    );
    expect(() => checkGradients(iris, { ...sample, y: 3 })).toThrow(
      "expected classes from 0 to 2, got 3",
    );
  });
});

describe("worked steps", () => {
  test("the update is the parameter minus the rate times the gradient", () => {
    const { values } = workedStep(iris, {
      ...sample,
      optimizer: optimizers.sgd({ learningRate: 0.5 }),
    });
    const [before, slope, after] = ["2.bias", "∂C/∂2.bias", "next.2.bias"].map(
      (key) => values.get(key)!.data,
    );
    expect([...after]).toEqual([...before].map((w, i) => w - 0.5 * slope[i]));
  });

  test.each([
    optimizers.sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 }),
    optimizers.adam(),
    variants.rmsprop(),
    optimizers.adamW(),
  ])("an update of $kind equals the optimizer's own step", (optimizer) => {
    const { values, derivation } = workedStep(iris, { ...sample, optimizer });
    const asTensor = (key: string) => {
      const { data, shape } = values.get(key)!;
      return tensor(data, { dtype: "float64", shape });
    };
    const scalar = (value: number) => tensor(value, { dtype: "float64" });
    const paths = derivation.parameters.map(({ path }) => path);
    const shapes = new Map(paths.map((path) => [path, values.get(path)!.shape]));
    const { parameters } = optimizer.step({
      parameters: new Map(paths.map((path) => [path, asTensor(path)])),
      gradients: new Map(paths.map((path) => [path, asTensor(`∂C/∂${path}`)])),
      state: new Map(
        [...optimizer.state(shapes).keys()].map((name) => [name, asTensor(`state.${name}`)]),
      ),
      rates: Object.fromEntries(
        Object.entries(optimizer.rates).map(([name, rate]) => [name, scalar(rate)]),
      ),
      step: scalar(1),
    });
    for (const path of paths) {
      const own = values.get(`next.${path}`)!.data;
      // The optimizers order their scalars otherwise: some 1e-16.
      parameters.get(path)!.data.forEach((expected, i) => {
        expect(own[i]).toBeCloseTo(expected, 13);
      });
    }
  });
});

describe("drawings", () => {
  test("the standard deviation: each node's value and gradient, red above and blue below", async () => {
    const drawing = await drawGraph(explain(std, { x1: -1, x2: 3 }).graph);
    const m = drawing.picture.nodes.find(({ detail }) => detail === "m");
    expect(m?.value?.value).toBe(1);
    expect(m?.gradient?.value).toBe(0);
    expect(
      drawing.picture.nodes.filter(({ role }) => role === "input").map((n) => n.gradient?.value),
    ).toEqual([-0.5, 0.5]);
    const svg = drawing.svg();
    expect(svg).toContain('fill="#b3123f"');
    expect(drawing.svg("dark")).toContain('fill="#ff7a93"');
    expect(drawing.dot).toContain("digraph");
    expect(JSON.parse(drawing.json).nodes.length).toBe(drawing.picture.nodes.length);
    expect(faultsOf(drawing)).toBe(0);
  });

  test("a function of tensors", async () => {
    const { picture } = await drawGraph((x) => x.sub(x.mean()).square().mean().sqrt(), {
      at: [[-1, 3]],
    });
    expect(picture.nodes.find(({ label }) => label === "x")?.gradient?.range).toEqual([-0.5, 0.5]);
  });

  test("of equal largest elements the first takes the gradient, number by number too", async () => {
    const gradientsOf = async (f: (x: Tensor) => Tensor) => {
      const { picture } = await drawGraph(f, { at: [[1, 3, 3, 1, 3]], detail: "scalars" });
      return picture.nodes
        .filter(({ role }) => role === "input")
        .map(({ gradient }) => gradient?.value);
    };
    expect(await gradientsOf((x) => x.max(0, { ties: "first" }))).toEqual([0, 1, 0, 0, 0]);
    expect(await gradientsOf((x) => x.min(0, { ties: "first" }))).toEqual([1, 0, 0, 0, 0]);
  });

  test("a choice of the larger value is one box, of any size", async () => {
    const larger = (x: Tensor, y: Tensor) => where(y.gt(x).logicalOr(y.ne(y)), y, x).sum();
    const { nodes, edges } = (
      await drawGraph(larger, {
        at: [
          [1, 2],
          [1, 3],
        ],
      })
    ).picture;
    expect(nodes.map(({ label }) => label)).toEqual(["x1", "x2", "max", "Σ"]);
    expect(nodes.slice(0, 2).map(({ gradient }) => gradient?.heat?.cells)).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(edges.map(({ gradient }) => gradient?.heat?.cells).slice(0, 2)).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  test("a hundred nodes and more, without overlaps and without edges through labels", async () => {
    const net = network({
      input: [3],
      layers: [layers.linear(4), layers.tanh(), layers.linear(3)],
    });
    const drawing = await drawGraph(net, {
      loss: losses.mse(),
      x: [1, -2, 3],
      y: [1, 0, 0],
      detail: "scalars",
    });
    expect(drawing.picture.nodes.length).toBeGreaterThan(100);
    expect(faultsOf(drawing)).toBe(0);
  });

  test("three hundred nodes in under 3 s", async () => {
    const net = network({
      input: [4],
      layers: [layers.linear(8), layers.tanh(), layers.linear(7), layers.tanh(), layers.linear(1)],
    });
    const draw = async () => {
      const started = performance.now();
      const drawing = await drawGraph(net, {
        loss: losses.mse(),
        x: [1, -2, 3, 1],
        y: [1],
        detail: "scalars",
      });
      drawing.svg();
      expect(drawing.picture.nodes.length).toBeGreaterThanOrEqual(300);
      return performance.now() - started;
    };
    // The best of three: other work on the machine slows some.
    expect(Math.min(await draw(), await draw(), await draw())).toBeLessThan(3000);
  });

  test("layers, operations, and groups that collapse", async () => {
    const byLayer = await drawGraph(iris, sample);
    expect(byLayer.picture.nodes.map(({ label }) => label)).toEqual([
      "x",
      "linear",
      "tanh",
      "linear",
      "C",
    ]);
    const byOp = await drawGraph(iris, { ...sample, detail: "ops" });
    const collapsed = await drawGraph(iris, {
      ...sample,
      detail: "ops",
      collapse: ["0", "2", "loss"],
    });
    expect(byOp.picture.nodes.length).toBeGreaterThan(collapsed.picture.nodes.length);
    expect(collapsed.picture.nodes.map(({ label }) => label)).toContain("0 linear");
    expect(faultsOf(byOp)).toBe(0);
  });

  test("a graph too large for scalars says which detail to use", async () => {
    const net = network({ input: [40], layers: [layers.linear(60), layers.linear(3)] });
    const x = new Float64Array(40);
    await expect(drawGraph(net, { ...sample, x, detail: "scalars" })).rejects.toThrow(
      /scalar detail would draw \d+ numbers.*use detail: "ops" \(\d+ operations\), or "layers"/,
    );
    await expect(drawGraph(iris, { detail: "ops" })).rejects.toThrow("pass { loss, x, y }");
  });
});

describe("activation sheets", () => {
  test.each(activationKinds)("%s: the derivative is that of the formula", (kind) => {
    const { function: f } = activationSheet(kind);
    for (const x of [-2.3, -0.7, 0.4, 1.9]) {
      const numeric = differentiateNumerically((t) => valueAt(f.value, f, t), x, 1e-2).value;
      expect(valueAt(f.derivative, f, x)).toBeCloseTo(numeric, 8);
    }
  });

  test("a mistyped name is met with the nearest", () => {
    expect(() => activationSheet("rleu")).toThrow('did you mean "relu"?');
  });

  test("several stand side by side in one figure", () => {
    const figure = activationFigure(["relu", "tanh"].map((kind) => activationSheet(kind)));
    expect(figure.data.length).toBe(2 * 2 * 161);
  });
});

describe("rendering", () => {
  const derivation = derive(
    network({ input: [4], layers: [layers.linear(11), layers.relu(), layers.linear(3)] }),
    { loss: losses.crossEntropy(), optimizer: optimizers.sgd() },
  );

  test("softmax, cross-entropy and ReLU give the four fundamental equations", () => {
    const [first] = derivation.sections;
    expect(first.name).toBe("fundamental");
    const lines = first.groups[0].lines.map(({ equation }) =>
      math.typesetEquation(equation, math.plainText),
    );
    expect(lines).toEqual([
      "δ⁽ᴸ⁾ = a⁽ᴸ⁾ − y",
      "δ⁽ˡ⁾ = (W⁽ˡ⁺¹⁾ᵀ δ⁽ˡ⁺¹⁾) ⊙ f′(z⁽ˡ⁾)",
      "∂C/∂b⁽ˡ⁾ = δ⁽ˡ⁾",
      "∂C/∂W⁽ˡ⁾ = δ⁽ˡ⁾ a⁽ˡ⁻¹⁾ᵀ",
    ]);
  });

  test("every format carries every section, in both languages", () => {
    expect(toText(derivation)).toContain("∂C/∂W⁽¹⁾ = δ⁽¹⁾ xᵀ    [chain rule]");
    expect(toText(derivation, { language: "zh", steps: true })).toContain("链式法则");
    expect(toLatex(derivation)).toContain(
      "\\boldsymbol{\\delta}^{(1)} &= (\\boldsymbol{W}^{(2)\\top}\\,\\boldsymbol{\\delta}^{(2)}) \\odot",
    );
    expect(toLatex(derivation, { language: "zh" })).toContain("ctexart");
    expect(toMarkdown(derivation)).toContain("<details>");
    const html = toHtml(derivation);
    expect(html).toContain("<math ");
    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/(?:src|href)="https?:/);
  });

  test("the page is one file whose terms are linked", async () => {
    const page = await explainPage(iris, { ...sample, optimizer: optimizers.sgd() });
    expect(page).toContain('data-term="0.weight"');
    expect(page).toContain("All gradients agree.");
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  test("bad options are met with what was expected", () => {
    const options = { loss: losses.mse() };
    expect(() => derive({ input: [2], layers: [] }, options)).toThrow("no layers");
    expect(() => derive(iris, { ...options, mode: "all" as never })).toThrow(
      'expected mode "online" or "batch", got "all"',
    );
    expect(() => derive(iris, { ...options, mode: "batch", batchSize: 0 })).toThrow(
      "expected a batchSize from 1, got 0",
    );
  });
});
