/** The layers of images and sequences pass the suite that every layer must pass. */

import { describe, expect, test } from "vitest";
import { type Layer, layers } from "../nn/index.ts";
import { resizing } from "../nn/resizing.ts";
import { builtInLayers } from "../nn/saving.ts";
import { variants } from "../nn/variants.ts";
import { layerChecks } from "./index.ts";

const image = [5, 4, 4];
const sequence = [7, 4];

const cases: readonly (readonly [Layer, readonly number[]])[] = [
  [layers.conv2d(3, 3), image],
  [layers.conv2d(2, [3, 2], { stride: 2, padding: "same", bias: false }), image],
  [layers.conv2d(4, 3, { padding: 1, groups: 4 }), image],
  [layers.conv2d(6, 2, { dilation: 2, groups: 2 }), image],
  [layers.conv2d(3, 3, { padding: 1, algorithm: "im2col" }), image],
  [layers.conv1d(3, 3, { stride: 2, padding: 1 }), sequence],
  [resizing.convTranspose2d(3, 2, { stride: 2, groups: 1 }), [2, 3, 4]],
  [
    resizing.convTranspose2d(2, 3, { padding: 1, outputPadding: 1, stride: 2, groups: 2 }),
    [2, 2, 4],
  ],
  [resizing.convTranspose1d(3, 3, { dilation: 2, padding: 3 }), sequence],
  [layers.maxPool2d(2), image],
  [layers.maxPool2d(3, { stride: 2, padding: 1 }), image],
  [layers.maxPool1d(2, { dilation: 2 }), sequence],
  [layers.averagePool2d([2, 3], { stride: 1 }), image],
  [layers.averagePool1d(3, { padding: 1, countPadding: false }), sequence],
  [resizing.adaptiveAveragePool2d([2, 3]), image],
  [resizing.adaptiveAveragePool1d(3), sequence],
  [layers.globalAveragePool(), image],
  [layers.globalMaxPool(), sequence],
  [variants.groupNorm(2), image],
  [layers.batchNorm(), image],
  [resizing.upsample(2), [2, 3, 2]],
  [resizing.upsample([2, 3], { mode: "linear" }), [3, 2, 2]],
];

describe.each(
  cases.map(([layer, input], i) => ({
    title: `${layer.kind} ${JSON.stringify(layer.options)} #${i}`,
    layer,
    input,
  })),
)("$title", ({ layer, input }) => {
  for (const { name, run } of layerChecks(layer, { input })) test(name, run);
});

test("no built-in kind for images is forgotten", () => {
  const checked = new Set(cases.map(([layer]) => layer.kind));
  const missing = builtInLayers
    .map(({ kind }) => kind)
    .filter((kind) => /conv|pool|upsample|groupNorm/i.test(kind) && !checked.has(kind));
  expect(missing).toEqual([]);
});
