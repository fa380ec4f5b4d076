/** Exclusive or, the smallest problem that needs a hidden layer. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const xor = {
  name: "xor",
  description: "Exclusive or of two bits: 2-8-2 with tanh, all four cases",
  data: { dataset: "xor" },
  split: { test: "same" },
  standardize: false,
  network: [{ kind: "linear", units: 8 }, "tanh", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.05 },
  epochs: 200,
  batchSize: 4,
  report: { title: "Exclusive or" },
} satisfies ExperimentConfig;
