/** A network, a loss and a batch as one graph in float64, with the input nodes of each parameter. */

import { build, type InputNode, type Node, type Shape, sizeOf } from "../ir/index.ts";
import { fromNode, type Tensor } from "../tensor/index.ts";
import { nestByPath } from "../util/index.ts";
import { batchLoss } from "./derive/losses.ts";
import type { NumberArray } from "./math/index.ts";
import {
  contextOf,
  type ExplainedLayer,
  type ExplainedLoss,
  type ExplainedNetwork,
  parametersOf,
  traceShape,
} from "./model.ts";

/** One layer's part of the graph. */
export interface TracedLayer {
  readonly path: string;
  readonly kind: string;
  readonly input: Node;
  readonly output: Node;
}

export interface TracedNetwork {
  readonly x: InputNode;
  readonly y: InputNode;
  readonly parameters: ReadonlyMap<string, InputNode>;
  readonly trained: ReadonlySet<string>;
  readonly layers: readonly TracedLayer[];
  readonly prediction: Node;
  /** C. */
  readonly loss: Node;
}

/** The forward graph of a network and its loss for a batch of `rows`.
 * @param targetShape of the whole batch */
export function traceNetwork(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  loss: ExplainedLoss,
  rows: number,
  target: { readonly shape: Shape; readonly dtype: "float64" | "int32" },
  training: boolean,
): TracedNetwork {
  const x = build.input("x", [rows, ...network.input], "float64");
  const y = build.input("y", target.shape, target.dtype);
  const parameters = new Map<string, InputNode>();
  const trained = new Set<string>();
  const layers: TracedLayer[] = [];
  const context = contextOf(training);
  let shape: Shape = network.input;
  let value: Tensor = fromNode(x);
  network.layers.forEach((layer: ExplainedLayer, i) => {
    const own = new Map<string, Tensor>();
    for (const [name, spec] of parametersOf(layer, shape)) {
      const path = `${i}.${name}`;
      const node = build.input(path, spec.shape, "float64");
      parameters.set(path, node);
      if (spec.isTrained) trained.add(path);
      own.set(name, fromNode(node));
    }
    const input = value.node;
    value = layer.forward(nestByPath(own), value, context);
    layers.push({ path: String(i), kind: layer.kind, input, output: value.node });
    shape = traceShape(layer, shape, training).shape;
  });
  const scalar = batchLoss(loss, value.node, y);
  return { x, y, parameters, trained, layers, prediction: value.node, loss: scalar };
}

/** The network's weights in float64, by path. */
export function weightsOf(
  network: ExplainedNetwork,
  parameters: ReadonlyMap<string, InputNode>,
): Map<string, NumberArray> {
  return new Map(
    [...parameters].map(([path, { shape }]) => {
      const data = network.weights.get(path);
      return [
        path,
        { shape, data: data ? Float64Array.from(data) : new Float64Array(sizeOf(shape)) },
      ];
    }),
  );
}
