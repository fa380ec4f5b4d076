/** Forty networks of all layer kinds, 1 to 5 layers deep, with several losses. */

import { activations } from "../../src/nn/activations.ts";
import { containers } from "../../src/nn/containers.ts";
import { type Layer, type Loss, layers, type Network, network } from "../../src/nn/index.ts";
import { losses } from "../../src/nn/losses/index.ts";
import { sequences } from "../../src/nn/sequences.ts";
import { variants } from "../../src/nn/variants.ts";

export interface ExplainedCase {
  readonly name: string;
  readonly make: () => Network;
  readonly loss: Loss;
  /** Inputs are whole numbers from 0, so many. */
  readonly tokens?: number;
  /** Parameters keep their first values, so that what is equal stays equal. */
  readonly isUnchanged?: boolean;
}

const {
  averagePool2d,
  batchNorm,
  conv1d,
  conv2d,
  dropout,
  flatten,
  layerNorm,
  linear,
  maxPool2d,
  relu,
  sigmoid,
  softmax,
  tanh,
} = layers;
const { quadratic } = variants;
const { residual } = containers;
const { embedding, gru, lstm, rnn } = sequences;

function of(
  name: string,
  input: readonly number[],
  list: () => readonly Layer[],
  loss: Loss,
  tokens?: number,
): ExplainedCase {
  const make = () => network({ input, layers: list(), seed: 7, dtype: "float64" });
  return { name, make, loss, ...(tokens !== undefined && { tokens }) };
}

const crossEntropy = losses.crossEntropy();
const mse = losses.mse();

export const explainedCases: readonly ExplainedCase[] = [
  of("dense", [3], () => [linear(2)], mse),
  of("dense without bias", [3], () => [linear(3, { bias: false })], crossEntropy),
  of("dense, ReLU", [4], () => [linear(6), relu(), linear(3)], crossEntropy),
  of("dense, sigmoid", [3], () => [linear(4), sigmoid(), linear(2), sigmoid()], mse),
  of(
    "dense, tanh, smoothed",
    [3],
    () => [linear(4), tanh(), linear(3)],
    losses.crossEntropy({ labelSmoothing: 0.1 }),
  ),
  of(
    "five dense",
    [3],
    () => [
      linear(5),
      relu(),
      linear(4),
      tanh(),
      linear(4),
      sigmoid(),
      linear(3),
      activations.softplus(),
      linear(2),
    ],
    crossEntropy,
  ),
  of(
    "leaky, elu",
    [3],
    () => [linear(5), layers.leakyRelu({ slope: 0.2 }), linear(4), activations.elu(), linear(2)],
    mse,
  ),
  of("gelu, silu", [3], () => [linear(4), layers.gelu(), linear(4), layers.silu(), linear(2)], mse),
  of(
    "mish, selu",
    [3],
    () => [linear(4), activations.mish(), linear(4), activations.selu(), linear(2)],
    losses.mae(),
  ),
  of(
    "celu, softsign",
    [3],
    () => [linear(4), activations.celu(), linear(4), activations.softsign(), linear(2)],
    losses.huber(),
  ),
  of(
    "hard activations",
    [3],
    () => [
      linear(4),
      activations.hardTanh(),
      linear(4),
      activations.hardSigmoid(),
      linear(2),
      activations.hardSwish(),
    ],
    losses.smoothL1(),
  ),
  of("activation after activation", [3], () => [linear(4), tanh(), sigmoid(), linear(2)], mse),
  of("activation first", [3], () => [tanh(), linear(2)], mse),
  of("softmax within", [3], () => [linear(4), softmax(), linear(2), softmax()], mse),
  of("ReLU before cross-entropy", [3], () => [linear(4), relu()], crossEntropy),
  of("yes or no, logits", [3], () => [linear(4), tanh(), linear(2)], losses.binaryCrossEntropy()),
  of(
    "yes or no, probabilities",
    [3],
    () => [linear(4), tanh(), linear(2), sigmoid()],
    losses.binaryCrossEntropy({ fromLogits: false }),
  ),
  of("sum of squares", [3], () => [linear(4), relu(), linear(2)], losses.mse({ reduction: "sum" })),
  of("quadratic", [2], () => [quadratic(3), sigmoid(), quadratic(1), sigmoid()], mse),
  of("quadratic and dense", [2], () => [quadratic(3), tanh(), linear(3)], crossEntropy),
  of(
    "convolution, average pool",
    [8, 8, 1],
    () => [conv2d(2, 5), sigmoid(), averagePool2d(2), flatten(), linear(3)],
    crossEntropy,
  ),
  of(
    "padded strided convolution, max pool",
    [7, 6, 2],
    () => [conv2d(3, 3, { padding: 1, stride: 2 }), tanh(), maxPool2d(2), flatten(), linear(3)],
    crossEntropy,
  ),
  of(
    "dilated convolutions",
    [8, 8, 1],
    () => [
      conv2d(2, 3, { padding: "same" }),
      tanh(),
      conv2d(2, 2, { dilation: 2, stride: 2 }),
      flatten(),
      linear(2),
    ],
    mse,
  ),
  of(
    "grouped convolutions",
    [5, 5, 4],
    () => [
      conv2d(4, 2, { groups: 2 }),
      tanh(),
      conv2d(6, 2, { groups: 2, stride: 2 }),
      flatten(),
      linear(2),
    ],
    mse,
  ),
  of(
    "overlapping pools",
    [6, 6, 1],
    () => [
      conv2d(2, 2),
      tanh(),
      averagePool2d(2, { stride: 1 }),
      maxPool2d(2, { stride: 1 }),
      flatten(),
      linear(2),
    ],
    mse,
  ),
  of(
    "convolution of sequences",
    [9, 2],
    () => [conv1d(3, 3), relu(), conv1d(2, 2), flatten(), linear(2)],
    crossEntropy,
  ),
  of("batch norm", [4], () => [linear(5), batchNorm(), relu(), linear(3)], crossEntropy),
  of(
    "batch norm of images",
    [5, 5, 1],
    () => [conv2d(2, 2), batchNorm(), tanh(), flatten(), linear(3)],
    crossEntropy,
  ),
  of("layer norm", [4], () => [linear(5), layerNorm(), tanh(), linear(3)], mse),
  of("dropout", [4], () => [linear(6), relu(), dropout(0.4), linear(3)], crossEntropy),
  of(
    "residual",
    [4],
    () => [linear(4), residual([linear(5), tanh(), linear(4)]), relu(), linear(2)],
    mse,
  ),
  of(
    "residual within residual",
    [3],
    () => [residual([linear(3), residual([tanh(), linear(3)])]), linear(2)],
    mse,
  ),
  of("embedding", [4], () => [embedding(5, 3), flatten(), linear(2)], crossEntropy, 5),
  of("recurrent", [4, 3], () => [rnn(3), linear(2)], crossEntropy),
  of(
    "recurrent, backwards, all states",
    [4, 3],
    () => [rnn(3, { sequence: true, reverse: true }), rnn(2), linear(2)],
    mse,
  ),
  of(
    "LSTM",
    [4, 2],
    () => [lstm(3, { sequence: true }), lstm(2, { reverse: true }), linear(2)],
    crossEntropy,
  ),
  of("GRU", [4, 2], () => [gru(3, { sequence: true }), gru(2), linear(2)], mse),
  of("embedding and LSTM", [5], () => [embedding(4, 3), lstm(3), linear(3)], crossEntropy, 4),
  of(
    "from the graph: prelu, swish, maxout",
    [4],
    () => [
      linear(5),
      activations.prelu(),
      linear(6),
      activations.swish(),
      activations.maxout(2),
      linear(2),
    ],
    mse,
  ),
  of(
    "from the graph: parallel branches, nll",
    [3],
    () => [
      containers.parallel([linear(2), quadratic(2)]),
      tanh(),
      linear(3),
      activations.logSoftmax(),
    ],
    losses.nll(),
  ),
];
