/** `mnist-mlp30` with an L2 penalty: what it knows of its training rows holds for others too. */

import type { ExperimentConfig } from "../src/config/index.ts";
import { mnistMlp30 } from "./mnist-mlp30.ts";

export const mnistMlp30L2 = {
  ...mnistMlp30,
  name: "mnist-mlp30-l2",
  description: "MNIST by 784-30-10 with ReLU and an L2 penalty, batches of 10",
  optimizer: { ...mnistMlp30.optimizer, weightDecay: 0.0005 },
  report: { title: "Handwritten digits, 30 hidden units with L2", images: [28, 28] },
} satisfies ExperimentConfig;
