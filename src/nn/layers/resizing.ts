/** The built-in layers that make sequences and images longer, or of a given size, by name. */

import { convTranspose1d, convTranspose2d } from "./convolutionTranspose.ts";
import { adaptiveAveragePool1d, adaptiveAveragePool2d } from "./pooling.ts";
import { upsample } from "./upsample.ts";

/** Constructors of the built-in layers that resize. */
export const resizing = {
  convTranspose1d,
  convTranspose2d,
  upsample,
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
} as const;
