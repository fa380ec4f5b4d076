/** The most used layers by name. */

import { usualActivations } from "./activations/index.ts";
import { conv1d, conv2d } from "./convolution.ts";
import { convTranspose1d, convTranspose2d } from "./convolutionTranspose.ts";
import { dropout } from "./dropout.ts";
import { groupNorm } from "./groupNorm.ts";
import { linear } from "./linear.ts";
import { batchNorm, layerNorm } from "./normalization.ts";
import {
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  maxPool1d,
  maxPool2d,
} from "./pooling.ts";
import { quadratic } from "./quadratic.ts";
import { spatialDropout } from "./spatialDropout.ts";
import { flatten, lambda, parallel, reshape, residual, sequential } from "./structure.ts";
import { upsample } from "./upsample.ts";

/** Constructors of the most used layers; others are in `activations` and `sequences`. */
export const layers = {
  ...usualActivations,
  linear,
  quadratic,
  conv1d,
  conv2d,
  convTranspose1d,
  convTranspose2d,
  maxPool1d,
  maxPool2d,
  averagePool1d,
  averagePool2d,
  globalAveragePool,
  globalMaxPool,
  adaptiveAveragePool1d,
  adaptiveAveragePool2d,
  upsample,
  layerNorm,
  batchNorm,
  groupNorm,
  dropout,
  spatialDropout,
  flatten,
  reshape,
  lambda,
  sequential,
  residual,
  parallel,
} as const;

export { defineActivation } from "./activations/index.ts";
export { type ConvolutionOptions, im2col } from "./convolution.ts";
export type { TransposedConvolutionOptions } from "./convolutionTranspose.ts";
export type { LinearOptions } from "./linear.ts";
export type { AveragePoolingOptions, PoolingOptions } from "./pooling.ts";
export { sequential } from "./structure.ts";
