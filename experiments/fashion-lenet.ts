/** Clothes told apart by the shape of network that reads digits. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const fashionLenet = {
  name: "fashion-lenet",
  description: "Fashion-MNIST by two convolutions and three dense layers",
  data: { dataset: "fashionMnist", normalize: true },
  standardize: false,
  network: [
    { kind: "conv2d", channels: 16, kernel: 5 },
    "relu",
    { kind: "maxPool2d", kernel: 2 },
    { kind: "conv2d", channels: 32, kernel: 3 },
    "relu",
    { kind: "maxPool2d", kernel: 2 },
    "flatten",
    { kind: "linear", units: 120 },
    "relu",
    { kind: "linear", units: 84 },
    "relu",
    { kind: "dropout", rate: 0.5 },
    "linear",
  ],
  loss: { kind: "crossEntropy", labelSmoothing: 0.05 },
  optimizer: { kind: "adam", learningRate: 0.003, weightDecay: 0.0001 },
  schedule: "oneCycle",
  epochs: 10,
  batchSize: 32,
  mode: "fast",
  report: { title: "Clothes, LeNet", images: [28, 28] },
} satisfies ExperimentConfig;
