/** Two spirals, learned by a multi-layer quadratic perceptron. */

import type { ExperimentConfig } from "../src/config/index.ts";
import { spirals } from "./spirals.ts";

export const spiralsMlqp = {
  ...spirals,
  name: "spirals-mlqp",
  description: "The same spirals with quadratic units: 2-32-2, tanh, minibatches of 32",
  network: [{ kind: "quadratic", units: 32 }, "tanh", "linear"],
  optimizer: { kind: "adam", learningRate: 0.005 },
  epochs: 300,
  batchSize: 32,
  report: { title: "Two spirals, quadratic units" },
} satisfies ExperimentConfig;
