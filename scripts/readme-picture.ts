/** Draws the picture of the README: a network's view of the two spirals, in light and dark. */

import { writeFile } from "node:fs/promises";
import { decisionBoundary, renderSvg } from "../src/figures/index.ts";
import {
  datasets,
  fitStandardization,
  layers,
  losses,
  network,
  optimizers,
  train,
} from "../src/index.ts";

const gridWidth = 160;
const gridHeight = 160;
const range = [-7.5, 7.5] as const;

const { train: fit, test } = datasets.noisySpirals();
const standardization = fitStandardization(fit);
const net = network({
  input: [2],
  layers: [layers.linear(32), layers.tanh(), layers.linear(32), layers.tanh(), layers.linear(2)],
  seed: 1,
});
await train(net, standardization.apply(fit), {
  optimizer: optimizers.adam({ learningRate: 0.005 }),
  epochs: 200,
});

const at = (i: number, count: number) => range[0] + ((range[1] - range[0]) * i) / (count - 1);
const grid = new Float64Array(gridWidth * gridHeight * 2);
for (let row = 0; row < gridHeight; row++) {
  for (let column = 0; column < gridWidth; column++) {
    grid.set([at(column, gridWidth), at(row, gridHeight)], (row * gridWidth + column) * 2);
  }
}
const loss = losses.crossEntropy();
const scores = (await net.predict(standardization.applyTo(grid), { loss })).data;
const figure = decisionBoundary({
  xRange: range,
  yRange: range,
  gridWidth,
  gridHeight,
  scores,
  points: Array.from({ length: 300 }, (_, i) => ({
    x: fit.inputs[2 * i],
    y: fit.inputs[2 * i + 1],
    class: fit.labels[i],
    split: "train",
  })),
  classNames: ["one arm", "the other"],
  featureNames: ["x", "y"],
  title: "Two spirals",
});
const { accuracy } = await net.evaluate(standardization.apply(test));
for (const theme of ["light", "dark"] as const) {
  await writeFile(`docs/images/spirals-${theme}.svg`, await renderSvg(figure, { theme }));
}
console.log(`docs/images/spirals-{light,dark}.svg: test accuracy ${accuracy}`);
