/** What is explained of networks made with the functional API: pictures, proofs, numbers and pages. */

import { describe, expect, test } from "vitest";
import { gradientRules } from "../../src/autograd/index.ts";
import { faultsOf } from "../../src/explain/graph/faults.testing.ts";
import {
  checkGradients,
  derive,
  drawGraph,
  explainPage,
  toHtml,
  toLatex,
  toMarkdown,
  toText,
  workedStep,
} from "../../src/explain/index.ts";
import { build, sizeOf } from "../../src/ir/index.ts";
import { graph, input, join, joins } from "../../src/nn/graph/index.ts";
import { layers, network } from "../../src/nn/index.ts";
import { losses } from "../../src/nn/losses/index.ts";
import { optimizers } from "../../src/optim/index.ts";
import { graphCases } from "./graphNetworks.ts";

const [a, b] = [input([3]), input([2])];
const left = a.to(layers.linear(4)).to(layers.tanh());
const right = b.to(layers.linear(4)).to(layers.sigmoid());
const both = join(joins.concatenate(), left, join(joins.multiply(), left, right));
const model = graph({ inputs: { a, b }, outputs: { out: both.to(layers.linear(2)) } });
const net = network({ input: model.input, layers: [model], seed: 1, dtype: "float64" });
const sample = { loss: losses.crossEntropy(), x: [1, 2, 3, 4, 5], y: 1 };

describe("a network of two inputs that branches", () => {
  test("is drawn call by call, and what comes back along both branches adds up", async () => {
    const drawing = await drawGraph(net, sample);
    const { nodes, edges } = drawing.picture;
    expect(nodes.map(({ label }) => label)).toEqual([
      ..."xab",
      ...["linear", "tanh", "linear", "sigmoid", "multiply", "concatenate", "linear", "C"],
    ]);
    const branches = edges.filter(({ from }) => from === "l0_tanh");
    expect(branches.map(({ to }) => to)).toEqual(["l0_multiply", "l0_concatenate"]);
    const total = nodes.find(({ id }) => id === "l0_tanh")?.gradient?.heat?.cells;
    const parts = branches.map(({ gradient }) => gradient?.heat?.cells);
    total?.forEach((cell, i) => {
      expect(parts[0]![i] + parts[1]![i]).toBeCloseTo(cell, 12);
    });
    expect(faultsOf(drawing)).toBe(0);
    expect(faultsOf(await drawGraph(net, { ...sample, detail: "ops" }))).toBe(0);
  });

  test("collapses call by call, or as a whole", async () => {
    const labels = async (collapse: readonly string[]) =>
      (await drawGraph(net, { ...sample, detail: "ops", collapse })).picture.nodes.map(
        ({ label }) => label,
      );
    expect(await labels(["0.linear"])).toContain("0.linear linear");
    expect(await labels(["0", "loss"])).toContain("0 graph");
    expect(await labels(["0", "loss"])).not.toContain("tanh");
    await expect(labels(["0.dense"])).rejects.toThrow('0.linear_2, 0, got "0.dense"');
  });

  test("is drawn without a sample too", async () => {
    const { picture } = await drawGraph(net);
    expect(picture.nodes.find(({ id }) => id === "l0_concatenate")?.detail).toBe("[8]");
    expect(picture.nodes.at(-1)?.role).toBe("output");
  });

  test("reads call by call in every format", () => {
    const derivation = derive(net, { loss: sample.loss, optimizer: optimizers.sgd() });
    const text = toText(derivation);
    for (const line of [
      "Layer 1.1 (linear): dense layer, tanh",
      "a⁽¹·³⁾_i = a⁽¹·¹⁾_i a⁽¹·²⁾_i",
      "δ⁽¹·¹⁾ = (g⁽¹·¹⁾_{1.4} + g⁽¹·¹⁾_{1.3}) ⊙ tanh′(z⁽¹·¹⁾)    [sum over all paths]",
      "∂C/∂W⁽¹·⁵⁾ = δ⁽¹·⁵⁾ a⁽¹·⁴⁾ᵀ",
    ]) {
      expect(text).toContain(line);
    }
    expect(toText(derivation, { language: "zh" })).toContain("第 1.1 层（linear）：全连接层, tanh");
    expect(toLatex(derivation)).toContain("\\boldsymbol{g}");
    expect(toMarkdown(derivation)).toContain("Layer 1.4 (concatenate)");
    expect(toHtml(derivation)).toContain("Layer 1.4 (concatenate)");
  });

  test("has its worked step and its page", async () => {
    const options = { ...sample, optimizer: optimizers.sgd({ learningRate: 0.5 }) };
    const { values } = workedStep(net, options);
    const [before, slope, after] = [
      "0.linear_1.bias",
      "∂C/∂0.linear_1.bias",
      "next.0.linear_1.bias",
    ].map((key) => values.get(key)!.data);
    expect([...after]).toEqual([...before].map((w, i) => w - 0.5 * slope[i]));
    const page = await explainPage(net, options);
    expect(page).toContain("All gradients agree.");
    expect(page).toContain('data-node="l0_linear_1" data-term="1.2.z"');
  });

  test("a wrong gradient rule is found in its branch", () => {
    const rules = {
      ...gradientRules,
      sigmoid: ((y, g) => [build.mul(g, y)]) as typeof gradientRules.sigmoid,
    };
    const check = checkGradients(net, { ...sample, rules });
    expect(check.passed).toBe(false);
    expect(check.firstDifference).toMatchObject({
      op: "sigmoid",
      layer: "layer 0.sigmoid (sigmoid)",
    });
  });
});

test("a shared layer says whose parameters it has", async () => {
  const shared = graphCases.find(({ name }) => name === "graph: a shared layer")!.make();
  const options = { loss: losses.mse(), x: [1, 2, 3, 4, 5, 6], y: [0, 1] };
  const { nodes } = (await drawGraph(shared, options)).picture;
  expect(nodes.map(({ detail }) => detail)).toContain("parameters of 0.linear");
});

test.each(graphCases)("$name: three ways agree, and the picture has no overlaps", async (one) => {
  const made = one.make();
  const width = sizeOf(made.input);
  const x = Array.from({ length: width }, (_, i) =>
    one.tokens === undefined ? Math.sin(i + 1) : (i * 3) % one.tokens,
  );
  const results = sizeOf(made.outputShape);
  const y = one.loss.kind === "mse" ? Array.from({ length: results }, (_, i) => i / 3) : 1;
  const options = { loss: one.loss, x, y, elements: 4 };
  expect(checkGradients(made, options).passed).toBe(true);
  expect(faultsOf(await drawGraph(made, options))).toBe(0);
});

test("a Chinese page speaks Chinese in its boxes too", async () => {
  const page = await explainPage(net, { ...sample, language: "zh" });
  expect(page).toContain("12 个参数");
  expect(page).not.toContain("parameters<");
});
