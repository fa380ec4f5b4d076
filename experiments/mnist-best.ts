/** The best that ten minutes reach on MNIST: three convolutions, batch normalization, moved and turned digits. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistBest = {
  name: "mnist-best",
  description: "MNIST by three convolutions with batch normalization on augmented digits",
  data: { dataset: "mnist", normalize: true },
  standardize: false,
  augment: {
    transforms: [
      { kind: "rotate", degrees: 10 },
      { kind: "scale", from: 0.9, to: 1.1 },
      { kind: "shift", pixels: 2 },
    ],
  },
  network: [
    { kind: "conv2d", channels: 24, kernel: 5, bias: false },
    "batchNorm",
    "relu",
    { kind: "maxPool2d", kernel: 2 },
    { kind: "conv2d", channels: 48, kernel: 3, padding: 1, bias: false },
    "batchNorm",
    "relu",
    { kind: "maxPool2d", kernel: 2 },
    { kind: "conv2d", channels: 64, kernel: 3, bias: false },
    "batchNorm",
    "relu",
    "flatten",
    { kind: "linear", units: 128 },
    "relu",
    { kind: "dropout", rate: 0.4 },
    "linear",
  ],
  loss: { kind: "crossEntropy", labelSmoothing: 0.05 },
  optimizer: { kind: "adam", learningRate: 0.004, weightDecay: 0.00001 },
  schedule: "oneCycle",
  epochs: 20,
  batchSize: 64,
  mode: "fast",
  report: { title: "Handwritten digits, as well as ten minutes allow", images: [28, 28] },
} satisfies ExperimentConfig;
