/** The built-in layers and joins, together and by kind. */

import { graphKind } from "../graph.ts";
import type { Part } from "../layer.ts";
import { activationKinds, activations } from "./activations/index.ts";
import {
  attention,
  attentionJoin,
  multiHeadAttention,
  multiHeadAttentionJoin,
  selfAttention,
  selfAttentionLayer,
} from "./attention.ts";
import { conv1d, conv1dLayer, conv2d, conv2dLayer } from "./convolution.ts";
import {
  convTranspose1d,
  convTranspose1dLayer,
  convTranspose2d,
  convTranspose2dLayer,
} from "./convolutionTranspose.ts";
import { dropout, dropoutLayer } from "./dropout.ts";
import { embedding, embeddingLayer } from "./embedding.ts";
import { groupNorm, groupNormLayer } from "./groupNorm.ts";
import {
  add,
  addJoin,
  average,
  averageJoin,
  bilinear,
  bilinearJoin,
  concatenate,
  concatenateJoin,
  maximum,
  maximumJoin,
  multiply,
  multiplyJoin,
} from "./joins.ts";
import { linear, linearLayer } from "./linear.ts";
import { batchNorm, batchNormLayer, layerNorm, layerNormLayer } from "./normalization.ts";
import {
  adaptiveAveragePool1d,
  adaptiveAveragePool1dLayer,
  adaptiveAveragePool2d,
  adaptiveAveragePool2dLayer,
  averagePool1d,
  averagePool1dLayer,
  averagePool2d,
  averagePool2dLayer,
  globalAveragePool,
  globalAveragePoolLayer,
  globalMaxPool,
  globalMaxPoolLayer,
  maxPool1d,
  maxPool1dLayer,
  maxPool2d,
  maxPool2dLayer,
} from "./pooling.ts";
import { quadratic, quadraticLayer } from "./quadratic.ts";
import { gru, gruLayer, lstm, lstmLayer, rnn, rnnLayer } from "./recurrent.ts";
import { spatialDropout, spatialDropoutLayer } from "./spatialDropout.ts";
import {
  flatten,
  flattenLayer,
  lambda,
  parallel,
  parallelKind,
  reshape,
  reshapeLayer,
  residual,
  residualKind,
  sequential,
  sequentialKind,
} from "./structure.ts";
import { upsample, upsampleLayer } from "./upsample.ts";

/** Constructors of the built-in layers. */
export const layers = {
  ...activations,
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
  embedding,
  rnn,
  gru,
  lstm,
  selfAttention,
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

/** Constructors of the built-in joins, which take several inputs; for `layers.parallel` and `graph`. */
export const joins = {
  concatenate,
  add,
  multiply,
  maximum,
  average,
  bilinear,
  attention,
  multiHeadAttention,
} as const;

/** A factory as far as reading a description needs it; containers take their children. */
export interface LayerKind {
  (options: never, children: readonly Part[]): Part;
  readonly kind: string;
}

/** The factories of the built-in layers and joins, for reading descriptions. */
export const builtInLayers: readonly LayerKind[] = [
  linearLayer,
  quadraticLayer,
  conv1dLayer,
  conv2dLayer,
  convTranspose1dLayer,
  convTranspose2dLayer,
  maxPool1dLayer,
  maxPool2dLayer,
  averagePool1dLayer,
  averagePool2dLayer,
  globalAveragePoolLayer,
  globalMaxPoolLayer,
  adaptiveAveragePool1dLayer,
  adaptiveAveragePool2dLayer,
  upsampleLayer,
  embeddingLayer,
  rnnLayer,
  gruLayer,
  lstmLayer,
  selfAttentionLayer,
  layerNormLayer,
  batchNormLayer,
  groupNormLayer,
  dropoutLayer,
  spatialDropoutLayer,
  flattenLayer,
  reshapeLayer,
  sequentialKind,
  residualKind,
  parallelKind,
  graphKind,
  ...activationKinds,
  concatenateJoin,
  addJoin,
  multiplyJoin,
  maximumJoin,
  averageJoin,
  bilinearJoin,
  attentionJoin,
  multiHeadAttentionJoin,
];

export { defineActivation } from "./activations/index.ts";
export { type AttentionOptions, scaledDotProductAttention } from "./attention.ts";
export { type ConvolutionOptions, im2col } from "./convolution.ts";
export type { TransposedConvolutionOptions } from "./convolutionTranspose.ts";
export type { LinearOptions } from "./linear.ts";
export type { AveragePoolingOptions, PoolingOptions } from "./pooling.ts";
export { sequential } from "./structure.ts";
