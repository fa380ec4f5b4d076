/** Networks made with the functional API: branches, joins, shared layers, several inputs and outputs. */

import { activations } from "../../src/nn/activations.ts";
import { containers as holders } from "../../src/nn/containers.ts";
import { graph, input, join, joins } from "../../src/nn/graph/index.ts";
import { type Layer, layers, network } from "../../src/nn/index.ts";
import { losses } from "../../src/nn/losses/index.ts";
import { sequences } from "../../src/nn/sequences.ts";
import type { ExplainedCase } from "./networks.ts";

const { linear, relu, tanh, sigmoid } = layers;
const crossEntropy = losses.crossEntropy();
const mse = losses.mse();

function of(
  name: string,
  shape: readonly number[] | undefined,
  list: () => readonly Layer[],
  loss: ExplainedCase["loss"],
  tokens?: number,
): ExplainedCase {
  const make = () => {
    const made = list();
    const start = shape ?? (made[0] as unknown as { input: readonly number[] }).input;
    return network({ input: start, layers: made, seed: 7, dtype: "float64" });
  };
  return { name, make, loss, ...(tokens !== undefined && { tokens }) };
}

function twoInputs() {
  const [a, b] = [input([3]), input([2])];
  const left = a.to(linear(4)).to(tanh());
  const right = b.to(linear(4)).to(sigmoid());
  const both = join(joins.concatenate(), left, join(joins.multiply(), left, right));
  return graph({ inputs: { a, b }, outputs: { out: both.to(linear(2)) } });
}

function shared() {
  const [a, b] = [input([3]), input([3])];
  const encode = linear(4);
  const [left, right] = [a.to(encode).to(relu()), b.to(encode).to(tanh())];
  return graph({
    inputs: { a, b },
    outputs: { same: join(joins.multiply(), left, right).to(linear(2)) },
  });
}

function skips() {
  const x = input([4]);
  const first = x.to(linear(4)).to(tanh());
  const second = join(joins.add(), first, first.to(linear(4)).to(relu()), x).to(sigmoid());
  return graph({
    inputs: { x },
    outputs: { out: join(joins.maximum(), second, first).to(linear(3)) },
  });
}

function images() {
  const x = input([5, 5, 1]);
  const fine = x.to(layers.conv2d(2, 1)).to(relu());
  const wide = x.to(layers.conv2d(2, 3, { padding: "same" })).to(layers.batchNorm());
  const pooled = join(joins.average(), fine, wide).to(layers.maxPool2d(2, { stride: 1 }));
  return graph({ inputs: { x }, outputs: { out: pooled.to(layers.flatten()).to(linear(3)) } });
}

function twoOutputs() {
  const x = input([3]);
  const hidden = x.to(linear(4)).to(layers.dropout(0.3)).to(tanh());
  return graph({
    inputs: { x },
    outputs: { mean: hidden.to(linear(2)), spread: hidden.to(linear(1)).to(sigmoid()) },
  });
}

function words() {
  const x = input([4]);
  const embedded = x.to(sequences.embedding(5, 3));
  const [forth, back] = [
    embedded.to(sequences.gru(2)),
    embedded.to(sequences.lstm(2, { reverse: true })),
  ];
  return graph({
    inputs: { x },
    outputs: { out: join(joins.concatenate(), forth, back).to(linear(2)) },
  });
}

function pairs() {
  const [a, b] = [input([2]), input([3])];
  const pair = join(joins.bilinear(3), a, b).to(tanh());
  return graph({ inputs: { a, b }, outputs: { pair, both: join(joins.concatenate(), a, b) } });
}

function containers() {
  const x = input([3]);
  const block = layers.sequential([linear(3), tanh(), holders.residual([linear(3), relu()])]);
  const twice = x.to(block).to(block);
  return graph({
    inputs: { x },
    outputs: { out: join(joins.add(), twice, x.to(activations.prelu())).to(linear(2)) },
  });
}

/** The weights of one layer thrice, and a value that is given twice to one join. */
function recurring() {
  const x = input([3]);
  const step = linear(3, { bias: false });
  const once = x.to(step).to(tanh());
  const last = once.to(step).to(tanh()).to(step);
  return graph({ inputs: { x }, outputs: { out: join(joins.multiply(), last, last) } });
}

export const graphCases: readonly ExplainedCase[] = [
  of("graph: two inputs, multiply, concatenate", undefined, () => [twoInputs()], crossEntropy),
  of("graph: a shared layer", undefined, () => [shared()], mse),
  of("graph: skips, add, maximum", undefined, () => [skips()], crossEntropy),
  of("graph: convolutions side by side", undefined, () => [images()], crossEntropy),
  of("graph: two outputs, dropout", undefined, () => [twoOutputs()], mse),
  of("graph: embedding, GRU and LSTM", undefined, () => [words()], crossEntropy, 5),
  of("graph: bilinear, an input as an output", undefined, () => [pairs()], mse),
  of("graph: blocks of layers, shared", undefined, () => [containers()], mse),
  of("graph: one layer thrice", undefined, () => [recurring()], mse),
  of(
    "graph after a layer, and before one",
    [4],
    () => [linear(4), skips(), relu(), linear(2)],
    mse,
  ),
  of("graph of two inputs after a layer", [2], () => [linear(5), twoInputs(), tanh()], mse),
];
