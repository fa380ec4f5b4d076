/** `mnist-mlp30` with an L2 penalty: what it knows of its training rows holds for others too. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistMlp30L2 = {
  name: "mnist-mlp30-l2",
  description: "MNIST by 784-30-10 with ReLU and an L2 penalty, batches of 10",
  data: { dataset: "mnist" },
  split: { validation: 10_000 },
  standardize: false,
  network: ["flatten", { kind: "linear", units: 30 }, "relu", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "sgd", learningRate: 0.2, weightDecay: 0.0005 },
  schedule: "oneCycle",
  epochs: 10,
  batchSize: 10,
  mode: "fast",
  report: { title: "Handwritten digits, 30 hidden units with L2", images: [28, 28] },
} satisfies ExperimentConfig;
