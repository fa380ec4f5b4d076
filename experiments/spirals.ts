/** Two interleaved spirals with noise: a boundary that no straight line comes near. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const spirals = {
  name: "spirals",
  description: "Two noisy spiral arms of two turns: 2-64-2 with LeakyReLU, full batches",
  data: { dataset: "noisySpirals" },
  split: { validation: 0.1 },
  network: [{ kind: "linear", units: 64 }, "leakyRelu", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.001 },
  epochs: 5000,
  batchSize: 1000,
  report: { title: "Two spirals" },
} satisfies ExperimentConfig;
