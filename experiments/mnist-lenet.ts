/** Handwritten digits read by two convolutions and three dense layers, in seven epochs. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistLenet = {
  name: "mnist-lenet",
  description: "MNIST by two convolutions and three dense layers, dropout, Adam in one cycle",
  data: { dataset: "mnist", normalize: true },
  standardize: false,
  network: [
    { kind: "conv2d", channels: 6, kernel: 5 },
    "relu",
    { kind: "maxPool2d", kernel: 2 },
    { kind: "conv2d", channels: 16, kernel: 5 },
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
  epochs: 7,
  batchSize: 32,
  mode: "fast",
  report: { title: "Handwritten digits, LeNet", images: [28, 28] },
} satisfies ExperimentConfig;
