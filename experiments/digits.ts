/** Handwritten digits, 8 x 8 pixels, read by a network of one wide hidden layer. */

import type { ExperimentConfig } from "../src/config/index.ts";

export const digits = {
  name: "digits",
  description: "Handwritten digits of 8 x 8 pixels: 64-1024-10 with ReLU",
  data: { dataset: "digits" },
  split: { test: 0.2, stratify: true, validation: 0.1 },
  // Pixels have one scale already; border pixels that are nearly always empty would be blown up.
  standardize: false,
  network: [{ kind: "linear", units: 1024 }, "relu", "linear"],
  loss: "crossEntropy",
  optimizer: { kind: "adam", learningRate: 0.0003, weightDecay: 0.0001 },
  epochs: 40,
  batchSize: 32,
  report: { title: "Handwritten digits", images: [8, 8] },
} satisfies ExperimentConfig;
