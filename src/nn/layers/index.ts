/** The most used layers by name. */

import { usualActivations } from "./activations/index.ts";
import { conv1d, conv2d } from "./convolution.ts";
import { dropout } from "./dropout.ts";
import { linear } from "./linear.ts";
import { batchNorm, layerNorm } from "./normalization.ts";
import {
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
} from "./pooling.ts";
import { flatten, lambda, reshape, sequential } from "./structure.ts";

/** Constructors of the most used layers; others are in `activations`, `containers`,
 * `variants`, `sequences` and `resizing`. */
export const layers = {
  ...usualActivations,
  linear,
  conv1d,
  conv2d,
  maxPool1d,
  maxPool2d,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  layerNorm,
  batchNorm,
  dropout,
  flatten,
  reshape,
  lambda,
  sequential,
} as const;

export { defineActivation } from "./activations/index.ts";
export { type ConvolutionOptions, im2col } from "./convolution.ts";
export type { LinearOptions } from "./linear.ts";
export type { AveragePoolingOptions, PoolingOptions } from "./pooling.ts";
export { sequential } from "./structure.ts";
