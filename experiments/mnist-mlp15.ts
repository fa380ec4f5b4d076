/** Handwritten digits read by fifteen hidden units. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistMlp15 = {
  name: "mnist-mlp15",
  description: "MNIST by 784-15-10 with ReLU, batches of 9",
  data: { dataset: "mnist", normalize: true },
  standardize: false,
  network: ["flatten", { kind: "linear", units: 15 }, "relu", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "sgd", learningRate: 0.02 },
  schedule: "oneCycle",
  epochs: 10,
  batchSize: 9,
  mode: "fast",
  report: { title: "Handwritten digits, 15 hidden units", images: [28, 28] },
} satisfies ExperimentConfig;
