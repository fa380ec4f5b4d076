/** The smallest convolutional network: one convolution, sigmoid, average pooling, one dense layer. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const mnistCnnSigmoid = {
  name: "mnist-cnn-sigmoid",
  description: "MNIST by one 5x5 convolution, sigmoid, 2x2 average pooling and one dense layer",
  data: { dataset: "mnist", normalize: true },
  standardize: false,
  network: [
    { kind: "conv2d", channels: 6, kernel: 5 },
    "sigmoid",
    { kind: "averagePool2d", kernel: 2 },
    "flatten",
    "linear",
  ],
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.01 },
  schedule: "oneCycle",
  epochs: 8,
  batchSize: 64,
  mode: "fast",
  report: { title: "Handwritten digits, one convolution", images: [28, 28] },
} satisfies ExperimentConfig;
