/** Three species of iris told apart by a network of one hidden layer: the first thing to run. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const iris = {
  name: "iris",
  description: "Three species of iris from four lengths: 4-11-3 with ReLU",
  data: { dataset: "iris" },
  split: { test: 0.2, stratify: true },
  network: [{ kind: "linear", units: 11 }, "relu", "linear"],
  loss: "crossEntropy",
  // The weight decay was chosen by validation inside the training parts of other seeds' splits.
  optimizer: { kind: "adam", learningRate: 0.01, weightDecay: 0.01 },
  epochs: 100,
  batchSize: 8,
  report: { title: "Iris flowers", boundary: ["petal_length", "petal_width"] },
} satisfies ExperimentConfig;
