/** A network, a loss and a batch as one graph in float64, with the input nodes of each parameter. */

import {
  build,
  type InputNode,
  type Node,
  type Shape,
  sizeOf,
  type TensorData,
  topologicalOrder,
} from "../ir/index.ts";
import { fromNode, type Tensor } from "../tensor/index.ts";
import { nestByPath } from "../util/index.ts";
import {
  callsOf,
  type ExplainedCalls,
  packOutputs,
  partParameters,
  runPart,
  unpackInputs,
} from "./calls.ts";
import type { NumberArray } from "./math/index.ts";
import {
  batchLoss,
  contextOf,
  type ExplainedContext,
  type ExplainedLayer,
  type ExplainedLoss,
  type ExplainedNetwork,
  type ExplainedParameter,
  parametersOf,
  traceShape,
} from "./model.ts";

/** One layer's part of the graph; each call of a layer made of signals is one. */
export interface TracedLayer {
  /** Where its parameters lie, such as `2`, or `0.linear_1`. */
  readonly path: string;
  readonly kind: string;
  /** Where its inputs come from: paths of layers, or `x`. */
  readonly from: readonly string[];
  readonly inputs: readonly Node[];
  readonly output: Node;
  /** The layer whose parameters it shares. */
  readonly sharedWith?: string;
}

/** The forward graph of a network. */
export interface TracedForward {
  readonly x: InputNode;
  readonly parameters: ReadonlyMap<string, InputNode>;
  readonly trained: ReadonlySet<string>;
  readonly layers: readonly TracedLayer[];
  /** The path of the layer that gives the prediction. */
  readonly last: string;
  readonly prediction: Node;
}

export interface TracedNetwork extends TracedForward {
  readonly y: InputNode;
  /** C. */
  readonly loss: Node;
}

/** The forward graph of a network and its loss for a batch of `rows`.
 * @param target of the whole batch */
export function traceNetwork(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  loss: ExplainedLoss,
  rows: number,
  target: { readonly shape: Shape; readonly dtype: "float64" | "int32" },
  training: boolean,
): TracedNetwork {
  const forward = traceForward(network, rows, training);
  const y = build.input("y", target.shape, target.dtype);
  return { ...forward, y, loss: batchLoss(loss, forward.prediction, y) };
}

/** The forward graph of a network for a batch of `rows`. */
export function traceForward(
  network: Pick<ExplainedNetwork, "input" | "layers">,
  rows: number,
  training: boolean,
): TracedForward {
  const x = build.input("x", [rows, ...network.input], "float64");
  const parameters = new Map<string, InputNode>();
  const trained = new Set<string>();
  const layers: TracedLayer[] = [];
  const context = contextOf(training);
  const parametersAt = (path: string, specs: ReadonlyMap<string, ExplainedParameter>) => {
    const own = new Map<string, Tensor>();
    for (const [name, { shape, isTrained }] of specs) {
      const full = `${path}.${name}`;
      const node = parameters.get(full) ?? build.input(full, shape, "float64");
      parameters.set(full, node);
      if (isTrained) trained.add(full);
      own.set(name, fromNode(node));
    }
    return nestByPath(own);
  };
  let shape: Shape = network.input;
  let value: Tensor = fromNode(x);
  let last = "x";
  network.layers.forEach((layer: ExplainedLayer, i) => {
    const path = String(i);
    const calls = callsOf(layer);
    if (calls) {
      const found = traceCalls(calls, { path, last, value }, parametersAt, context);
      layers.push(...found.layers);
      value = found.result;
      last = found.last;
    } else {
      const input = value.node;
      value = layer.forward(parametersAt(path, parametersOf(layer, shape)), value, context);
      layers.push({ path, kind: layer.kind, from: [last], inputs: [input], output: value.node });
      last = path;
    }
    shape = traceShape(layer, shape, training).shape;
  });
  return { x, parameters, trained, layers, last, prediction: value.node };
}

/** The layer, or `loss`, in which each node is computed first. */
export function layerOfNodes({ layers, loss }: TracedNetwork): Map<Node, string> {
  const found = new Map<Node, string>();
  const add = (output: Node, path: string) => {
    for (const node of topologicalOrder([output])) if (!found.has(node)) found.set(node, path);
  };
  for (const { path, output } of layers) add(output, path);
  add(loss, "loss");
  return found;
}

interface CallsPlace {
  readonly path: string;
  /** What comes in, and the layer it comes from. */
  readonly last: string;
  readonly value: Tensor;
}

/** The calls of a layer made of signals, one by one. */
function traceCalls(
  { inputs, calls, outputs }: ExplainedCalls,
  { path, last, value }: CallsPlace,
  parametersAt: (path: string, specs: ReadonlyMap<string, ExplainedParameter>) => object,
  context: ExplainedContext,
): { readonly layers: readonly TracedLayer[]; readonly result: Tensor; readonly last: string } {
  const layers: TracedLayer[] = [];
  const values = new Map<string, { readonly tensor: Tensor; readonly from: string }>();
  for (const [name, tensor] of unpackInputs(value, inputs)) {
    const own = `${path}.${name}`;
    if (inputs.size > 1) {
      const { node } = tensor;
      layers.push({ path: own, kind: name, from: [last], inputs: [value.node], output: node });
    }
    values.set(name, { tensor, from: inputs.size > 1 ? own : last });
  }
  for (const { name, part, from, parameters } of calls) {
    const xs = from.map((source) => values.get(source)!);
    const specs = partParameters(
      part,
      xs.map(({ tensor }) => tensor.shape.slice(1)),
    );
    const own = `${path}.${name}`;
    const tensor = runPart(
      part,
      parametersAt(`${path}.${parameters}`, specs),
      xs.map((each) => each.tensor),
      context,
    );
    layers.push({
      path: own,
      kind: part.kind,
      from: xs.map((each) => each.from),
      inputs: xs.map((each) => each.tensor.node),
      output: tensor.node,
      ...(parameters !== name && { sharedWith: `${path}.${parameters}` }),
    });
    values.set(name, { tensor, from: own });
  }
  const results = [...outputs.values()].map((source) => values.get(source)!);
  if (results.length === 1) return { layers, result: results[0].tensor, last: results[0].from };
  const result = packOutputs(results.map(({ tensor }) => tensor));
  const own = `${path}.outputs`;
  layers.push({
    path: own,
    kind: "outputs",
    from: results.map(({ from }) => from),
    inputs: results.map(({ tensor }) => tensor.node),
    output: result.node,
  });
  return { layers, result, last: own };
}

/** What the graph is evaluated with. */
export function bindingsOf(
  { x, y, parameters }: TracedNetwork,
  samples: { readonly x: TensorData; readonly y: TensorData },
  weights: ReadonlyMap<string, NumberArray>,
): Map<InputNode, TensorData> {
  return new Map([
    [x, samples.x],
    [y, samples.y],
    ...[...parameters].map(([path, node]) => [node, weights.get(path)!.data] as const),
  ]);
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
