/** The published experiments by name: `chainrule train NAME`. */

import type { ExperimentConfig } from "../src/config/index.ts";
import { digits } from "./digits.ts";
import { fashionLenet } from "./fashion-lenet.ts";
import { iris } from "./iris.ts";
import { mnistBest } from "./mnist-best.ts";
import { mnistCnnSigmoid } from "./mnist-cnn-sigmoid.ts";
import { mnistLenet } from "./mnist-lenet.ts";
import { mnistLenetReport } from "./mnist-lenet-report.ts";
import { mnistMlp15 } from "./mnist-mlp15.ts";
import { mnistMlp30 } from "./mnist-mlp30.ts";
import { mnistMlp30L2 } from "./mnist-mlp30-l2.ts";
import { spirals } from "./spirals.ts";
import { spiralsMlqp } from "./spirals-mlqp.ts";
import { xor } from "./xor.ts";

export const experiments: Readonly<Record<string, ExperimentConfig>> = {
  digits,
  iris,
  spirals,
  "spirals-mlqp": spiralsMlqp,
  xor,
  "mnist-lenet": mnistLenet,
  "mnist-lenet-report": mnistLenetReport,
  "mnist-cnn-sigmoid": mnistCnnSigmoid,
  "mnist-mlp15": mnistMlp15,
  "mnist-mlp30": mnistMlp30,
  "mnist-mlp30-l2": mnistMlp30L2,
  "mnist-best": mnistBest,
  "fashion-lenet": fashionLenet,
};
