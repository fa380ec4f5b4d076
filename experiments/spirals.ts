/** Two interleaved spirals with noise: a boundary that no straight line comes near. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const spirals = {
  name: "spirals",
  description: "Two noisy spiral arms of two turns: 2-32-32-2 with tanh",
  data: { dataset: "noisySpirals" },
  split: { validation: 0.1 },
  network: [{ kind: "linear", units: 32 }, "tanh", { kind: "linear", units: 32 }, "tanh", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.005, weightDecay: 0.0001 },
  epochs: 200,
  batchSize: 32,
  report: { title: "Two spirals" },
} satisfies ExperimentConfig;
