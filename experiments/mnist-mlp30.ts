/** Handwritten digits read by thirty hidden units, which learn their training rows too well. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistMlp30 = {
  name: "mnist-mlp30",
  description: "MNIST by 784-30-10 with ReLU, batches of 10",
  data: { dataset: "mnist" },
  split: { validation: 10_000 },
  standardize: false,
  network: ["flatten", { kind: "linear", units: 30 }, "relu", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "sgd", learningRate: 0.2 },
  schedule: "oneCycle",
  epochs: 10,
  batchSize: 10,
  mode: "fast",
  report: { title: "Handwritten digits, 30 hidden units", images: [28, 28] },
} satisfies ExperimentConfig;
