/** toygrad (after ConvNetJS): one sample at a time, an update after each batch. */

import { readFileSync } from "node:fs";
import { NeuralNetwork, Tensor, Trainers } from "toygrad";
import { loadRows, serve, Unsupported } from "./protocol.mjs";

const { version } = JSON.parse(
  readFileSync(new URL("node_modules/toygrad/package.json", import.meta.url), "utf8"),
);

function layerOf(layer) {
  switch (layer.kind) {
    case "linear":
      return [{ type: "dense", filters: layer.units }];
    case "conv2d": {
      const { kernel, channels, padding } = layer;
      return [{ type: "conv", sx: kernel, filters: channels, stride: 1, pad: padding }];
    }
    case "maxPool2d":
      return [{ type: "pool", sx: layer.size, stride: layer.size }];
    case "dropout":
      return [{ type: "dropout", probability: layer.rate }];
    case "flatten":
      return [];
    case "relu":
    case "sigmoid":
    case "tanh":
    case "leakyRelu":
      return [{ type: layer.kind.toLowerCase() }];
    default:
      throw new Unsupported(`it has no ${layer.kind}`);
  }
}

await serve(version, (spec) => {
  const { kind, layers, optimizer, batchSize } = spec.workload;
  if (kind !== "training") throw new Unsupported("it trains networks only");
  if (spec.dtype !== "float32") throw new Unsupported("it has no float64");
  const { inputShape } = spec;
  const [sy, sx, sz] = inputShape.length === 3 ? inputShape : [1, 1, inputShape[0]];
  const nn = new NeuralNetwork({
    layers: [{ type: "input", sx, sy, sz }, ...layers.flatMap(layerOf), { type: "softmax" }],
  });
  const Trainer = optimizer.kind === "sgd" ? Trainers.SGD : Trainers.Adam;
  const trainer = new Trainer(nn, {
    batchSize,
    learningRate: optimizer.learningRate,
    momentum: 0,
  });
  const { x, y } = loadRows(spec);
  const width = x.length / y.length;
  const count = Math.min(y.length, 1024);
  const rows = Array.from({ length: count }, (_, i) => ({
    x: new Tensor(sx, sy, sz, x.slice(i * width, (i + 1) * width)),
    y: y[i],
  }));
  let at = 0;
  return (steps) => {
    for (let i = 0; i < steps * batchSize; i++) {
      trainer.train(rows[at].x, rows[at].y);
      at = (at + 1) % rows.length;
    }
  };
});
