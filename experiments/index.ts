/** The published experiments by name: `chainrule train NAME`. */

import type { ExperimentConfig } from "../src/config/index.ts";
import { digits } from "./digits.ts";
import { iris } from "./iris.ts";
import { spirals } from "./spirals.ts";
import { xor } from "./xor.ts";

export const experiments: Readonly<Record<string, ExperimentConfig>> = {
  digits,
  iris,
  spirals,
  xor,
};
