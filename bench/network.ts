/** A workload's network, loss and optimizer in our own words. */

import type { FloatDType, Shape } from "../src/ir/index.ts";
import { type Layer, layers, type Network, network } from "../src/nn/index.ts";
import { variants } from "../src/nn/variants.ts";
import { type Optimizer, optimizers } from "../src/optim/index.ts";
import type { LayerSpec, OptimizerSpec, TrainingWorkload } from "./workloads.ts";

export function buildNetwork(workload: TrainingWorkload, input: Shape, dtype: FloatDType): Network {
  return network({ input, layers: workload.layers.map(buildLayer), seed: 1, dtype });
}

export function buildOptimizer({ kind, learningRate }: OptimizerSpec): Optimizer {
  return optimizers[kind]({ learningRate });
}

function buildLayer(spec: LayerSpec): Layer {
  switch (spec.kind) {
    case "linear":
      return layers.linear(spec.units);
    case "quadratic":
      return variants.quadratic(spec.units);
    case "leakyRelu":
      return layers.leakyRelu({ slope: spec.slope });
    case "relu":
    case "sigmoid":
    case "tanh":
    case "flatten":
      return layers[spec.kind]();
    case "batchNorm":
      return layers.batchNorm();
    case "conv2d":
      return layers.conv2d(spec.channels, spec.kernel, { padding: spec.padding });
    case "maxPool2d":
      return layers.maxPool2d(spec.size);
    case "dropout":
      return layers.dropout(spec.rate);
  }
}
