/** The built-in layers and joins by kind, for reading descriptions. */

import { graphKind } from "../graph/kind.ts";
import type { Part } from "../layer.ts";
import { activationKinds } from "./activations/index.ts";
import { selfAttentionLayer } from "./attention.ts";
import { attentionJoin, multiHeadAttentionJoin } from "./attentionJoins.ts";
import { parallelKind, residualKind } from "./branches.ts";
import { concatenateJoin } from "./concatenate.ts";
import { conv1dLayer, conv2dLayer } from "./convolution.ts";
import { convTranspose1dLayer, convTranspose2dLayer } from "./convolutionTranspose.ts";
import { dropoutLayer } from "./dropout.ts";
import { embeddingLayer } from "./embedding.ts";
import { groupNormLayer } from "./groupNorm.ts";
import { addJoin, averageJoin, bilinearJoin, maximumJoin, multiplyJoin } from "./joins.ts";
import { linearLayer } from "./linear.ts";
import { batchNormLayer, layerNormLayer } from "./normalization.ts";
import {
  adaptiveAveragePool1dLayer,
  adaptiveAveragePool2dLayer,
  averagePool1dLayer,
  averagePool2dLayer,
  globalAveragePoolLayer,
  globalMaxPoolLayer,
  maxPool1dLayer,
  maxPool2dLayer,
} from "./pooling.ts";
import { quadraticLayer } from "./quadratic.ts";
import { gruLayer, lstmLayer, rnnLayer } from "./recurrent.ts";
import { spatialDropoutLayer } from "./spatialDropout.ts";
import { flattenLayer, reshapeLayer, sequentialKind } from "./structure.ts";
import { upsampleLayer } from "./upsample.ts";

/** A factory as far as reading a description needs it; containers take their children. */
export interface LayerKind {
  (options: never, children: readonly Part[]): Part;
  readonly kind: string;
}

/** The factories of the built-in layers and joins. */
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
