/** Handwritten digits read by two convolutions and three dense layers, in eight epochs. */

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
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.006 },
  schedule: "oneCycle",
  epochs: 8,
  batchSize: 128,
  mode: "fast",
  report: { title: "Handwritten digits, LeNet", images: [28, 28] },
} satisfies ExperimentConfig;
