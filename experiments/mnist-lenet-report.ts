/** The network of `mnist-lenet` with the settings of a course report: small batches and a constant rate. */

import type { ExperimentConfig } from "../src/config/index.ts";
import { mnistLenet } from "./mnist-lenet.ts";

export const mnistLenetReport = {
  name: "mnist-lenet-report",
  description: "MNIST by two convolutions and three dense layers: batches of 4, Adam at 0.0003",
  data: { dataset: "mnist", normalize: true },
  standardize: false,
  network: mnistLenet.network,
  loss: { kind: "crossEntropy", labelSmoothing: 0.05 },
  // A mean of the last weights takes out the noise of a rate that stays constant.
  optimizer: {
    kind: "ema",
    decay: 0.9998,
    optimizer: { kind: "adam", learningRate: 0.0003 },
  },
  epochs: 10,
  batchSize: 4,
  mode: "fast",
  report: { title: "Handwritten digits, LeNet with batches of 4", images: [28, 28] },
} satisfies ExperimentConfig;
