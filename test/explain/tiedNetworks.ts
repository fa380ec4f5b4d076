/** Networks that take maxima of equal elements: inputs are 0 and 1, and a layer of shifts, all 0, tells
 * where the gradient arrives. */

import { containers } from "../../src/nn/containers.ts";
import { graph, input, join, joins } from "../../src/nn/graph/index.ts";
import { defineLayer, type Layer, layers, network, zeros } from "../../src/nn/index.ts";
import { losses } from "../../src/nn/losses/index.ts";
import type { Tensor } from "../../src/tensor/index.ts";
import type { ExplainedCase } from "./networks.ts";

const { flatten, globalMaxPool, linear, maxPool1d, maxPool2d, relu } = layers;
const mse = losses.mse();

/** x + b with a shift for every element of a sample. */
export const shift = defineLayer({
  name: "shift",
  parameters: ({ input: shape }) => ({ b: zeros(shape) }),
  forward: ({ b }, x: Tensor) => x.add(b),
});

/** The extreme elements of each row, as a layer of one's own. */
const extremes = defineLayer({
  name: "extremes",
  forward: (_, x: Tensor) => x.max(-1, { ties: "first" }).sub(x.min(-1, { ties: "first" })),
});

const shares = defineLayer({
  name: "shares",
  forward: (_, x: Tensor) => x.max([1, 2]).add(x.min([1, 2])),
});

const of = (
  name: string,
  shape: readonly number[],
  list: () => readonly Layer[],
  tokens = 2,
): ExplainedCase => ({
  name: `equal elements: ${name}`,
  make: () =>
    network({
      input: shape,
      layers: [...list(), flatten(), linear(2)],
      seed: 7,
      dtype: "float64",
    }),
  loss: mse,
  tokens,
  isUnchanged: true,
});

function twoPools() {
  const x = input([5, 4, 2]);
  const shifted = x.to(shift({}));
  const pools = [shifted.to(maxPool2d(3, { stride: 1, padding: 1 })), shifted] as const;
  return graph({
    inputs: { x },
    outputs: { out: join(joins.maximum(), ...pools).to(globalMaxPool()) },
  });
}

export const tiedCases: readonly ExplainedCase[] = [
  of("max pool on the input", [4, 6, 2], () => [shift({}), maxPool2d(2)]),
  of("cells without a window", [5, 5, 1], () => [shift({}), maxPool2d(2)]),
  of("one plain colour", [4, 4, 1], () => [shift({}), maxPool2d(2)], 1),
  of(
    "the zeros of ReLU",
    [5, 5, 1],
    () => [layers.conv2d(3, 2), relu(), shift({}), maxPool2d(2)],
    3,
  ),
  of("overlapping, padded", [6, 5, 2], () => [shift({}), maxPool2d(3, { stride: 2, padding: 1 })]),
  of("overlapping, plain", [5, 5, 1], () => [shift({}), maxPool2d(3, { stride: 1 })], 1),
  of("dilated", [6, 6, 1], () => [shift({}), maxPool2d(2, { stride: 1, dilation: 2 })]),
  of("padded at the end", [5, 5, 1], () => [shift({}), maxPool2d(2, { padding: "same" })]),
  of("windows of one row", [4, 6, 1], () => [shift({}), maxPool2d([1, 3])]),
  of("one after the other", [6, 6, 1], () => [
    shift({}),
    maxPool2d([2, 1], { stride: 1 }),
    maxPool2d(2),
  ]),
  of("sequence", [8, 2], () => [shift({}), maxPool1d(2)]),
  of("sequence, overlapping, padded", [7, 2], () => [
    shift({}),
    maxPool1d(3, { stride: 2, padding: 1 }),
  ]),
  of("whole images", [3, 4, 2], () => [shift({}), globalMaxPool()]),
  of("whole sequences", [6, 2], () => [shift({}), globalMaxPool()]),
  of("from the graph: first", [3, 4], () => [shift({}), extremes({})]),
  of("from the graph: shared", [3, 4], () => [shift({}), shares({})]),
  of("from the graph: pools side by side", [4, 4, 1], () => [
    shift({}),
    containers.parallel([
      layers.sequential([maxPool2d(2, { stride: 1 }), flatten()]),
      layers.sequential([maxPool2d(2), flatten()]),
      globalMaxPool(),
    ]),
  ]),
  of("graph: two pools", [5, 4, 2], () => [twoPools()]),
];
