/** Renders the pages of docs/explain: `node scripts/render-explanations.ts [FOLDER]`. A test compares them. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  activationFigure,
  activationSheet,
  derive,
  drawGraph,
  explain,
  explainPage,
  toLatex,
  toMarkdown,
  toText,
} from "../src/explain/index.ts";
import { renderSvg } from "../src/figures/index.ts";
import { layers, network } from "../src/nn/index.ts";
import { losses } from "../src/nn/losses/index.ts";
import { variants } from "../src/nn/variants.ts";
import { optimizers } from "../src/optim/index.ts";

const { averagePool2d, conv2d, flatten, linear, maxPool2d, relu, sigmoid } = layers;
const { quadratic } = variants;

/** The derivations that read like a textbook page. */
const derivations = {
  // Softmax, cross-entropy and ReLU: the four fundamental equations.
  mlp: derive(network({ input: [4], layers: [linear(11), relu(), linear(3)], seed: 1 }), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd(),
  }),
  // A multi-layer quadratic perceptron: the published updates of u, v and b.
  mlqp: derive(
    network({ input: [2], layers: [quadratic(3), sigmoid(), quadratic(1), sigmoid()], seed: 1 }),
    { loss: losses.mse(), optimizer: optimizers.sgd() },
  ),
  // 5x5 convolution, sigmoid, 2x2 average pooling, dense, softmax.
  cnn: derive(
    network({
      input: [28, 28, 1],
      layers: [conv2d(6, 5), sigmoid(), averagePool2d(2), flatten(), linear(10)],
      seed: 1,
    }),
    { loss: losses.crossEntropy(), optimizer: optimizers.sgd() },
  ),
  // Max pooling of windows that overlap, and of windows that meet: where each error goes.
  "max-pooling": derive(
    network({
      input: [28, 28, 1],
      layers: [
        conv2d(6, 5),
        relu(),
        maxPool2d(3, { stride: 2, padding: 1 }),
        conv2d(16, 3),
        relu(),
        maxPool2d(2),
        flatten(),
        linear(10),
      ],
      seed: 1,
    }),
    { loss: losses.crossEntropy(), optimizer: optimizers.sgd() },
  ),
  // The same as the first, for a batch: one sample in each row.
  "mlp-batch": derive(network({ input: [4], layers: [linear(11), relu(), linear(3)], seed: 1 }), {
    loss: losses.crossEntropy(),
    optimizer: optimizers.adam(),
    mode: "batch",
    batchSize: 8,
  }),
} as const;

/** Every page of docs/explain by its file name. */
export async function explanationPages(): Promise<Map<string, string>> {
  const pages = new Map<string, string>();
  for (const [name, derivation] of Object.entries(derivations)) {
    pages.set(`${name}.tex`, toLatex(derivation));
    pages.set(`${name}.md`, toMarkdown(derivation));
    pages.set(`${name}.txt`, toText(derivation));
  }
  pages.set("mlp-steps.tex", toLatex(derivations.mlp, { steps: true }));
  pages.set("mlqp-steps.tex", toLatex(derivations.mlqp, { steps: true }));
  pages.set("cnn-steps.zh.tex", toLatex(derivations.cnn, { steps: true, language: "zh" }));
  const std = "sqrt(((x1-m)^2+(x2-m)^2)/2) where m=(x1+x2)/2";
  const graph = await drawGraph(explain(std, { x1: -1, x2: 3 }).graph, {
    title: "The standard deviation of -1 and 3",
  });
  pages.set("standard-deviation.svg", `${graph.svg()}\n`);
  pages.set("standard-deviation.dot", graph.dot);
  const iris = network({
    input: [4],
    layers: [linear(5), relu(), linear(3)],
    seed: 1,
    dtype: "float64",
  });
  const page = await explainPage(iris, {
    loss: losses.crossEntropy(),
    optimizer: optimizers.sgd({ learningRate: 0.1 }),
    x: [5.1, 3.5, 1.4, 0.2],
    y: 0,
    title: "One step of an iris network",
  });
  pages.set("iris.html", page);
  const kinds = ["relu", "leakyRelu", "elu", "gelu", "silu", "sigmoid", "tanh", "softplus"];
  const figure = activationFigure(kinds.map((kind) => activationSheet(kind)));
  pages.set("activations.svg", `${await renderSvg(figure)}\n`);
  return pages;
}

if (import.meta.main) {
  const folder = process.argv[2] ?? join(import.meta.dirname, "../docs/explain");
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of await explanationPages()) writeFileSync(join(folder, name), text);
}
