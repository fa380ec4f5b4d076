/** Draws computation graphs with every forward value and every gradient. */

import type { Theme } from "../../figures/index.ts";
import {
  build,
  type InputNode,
  type Node,
  sizeOf,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";
import { fromNode, Tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import type { FormulaGraph } from "../formula/explain.ts";
import type { ExplainedLoss, ExplainedNetwork } from "../model.ts";
import { type ExplainedSamples, samplesOf } from "../samples.ts";
import { bindingsOf, layerOfNodes, traceNetwork, weightsOf } from "../trace.ts";
import type { Language } from "../words.ts";
import { pictureDot } from "./dot.ts";
import { type DrawnGraph, pictureOfNodes } from "./fromNodes.ts";
import { layersPicture, plainLayersPicture } from "./layersPicture.ts";
import type { Layout } from "./layout.ts";
import type { GraphPicture } from "./picture.ts";
import { countScalars, expandScalars, type NamedGraph } from "./scalars.ts";
import { arrange, pictureSvg } from "./svg.ts";

export type Detail = "layers" | "ops" | "scalars";

export interface DrawOptions extends Partial<ExplainedSamples> {
  /** One box a layer, an operation, or a number. Default: layers for networks, else ops. */
  readonly detail?: Detail;
  /** Whether forward values are shown; default true where a point is given. */
  readonly values?: boolean;
  /** Whether gradients are shown; default true where a point is given. */
  readonly gradients?: boolean;
  /** Groups of a network that are drawn as one box each: paths of layers, and `loss`.
   * Default for detail ops: the loss. */
  readonly collapse?: readonly string[];
  /** The loss of a network. */
  readonly loss?: ExplainedLoss;
  readonly training?: boolean;
  /** The operands of a function. */
  readonly at?: readonly (number | readonly number[] | Tensor)[];
  readonly names?: readonly string[];
  readonly title?: string;
  /** Of the words in the boxes; default en. */
  readonly language?: Language;
}

/** A graph, drawn. */
export interface GraphDrawing {
  /** Nodes and edges as plain data. */
  readonly picture: GraphPicture;
  readonly layout: Layout;
  svg(theme?: Theme): string;
  readonly dot: string;
  readonly json: string;
}

/** The most boxes that one picture holds and still is read. */
const mostBoxes = 400;

/** Draws the computation graph of a function, a formula or a network.
 *
 * Forward values stand in red above each edge, gradients in blue below. Large tensors are shown by shape
 * and range, with a small heat map in the box.
 *
 * @throws UsageError for a graph too large for the detail: says which one to use
 * @example
 * const { svg } = await drawGraph((x) => x.square().mean().sqrt(), { at: [[-1, 3]] });
 * const { svg } = await drawGraph(net, { loss, x: [5.1, 3.5, 1.4, 0.2], y: 0, detail: "layers" });
 * const { svg } = await drawGraph(explain("x^2 + 1", { x: 3 }).graph);
 */
export async function drawGraph(
  subject: ExplainedNetwork | FormulaGraph | ((...operands: Tensor[]) => Tensor),
  options: DrawOptions = {},
): Promise<GraphDrawing> {
  const picture = pictureOf(subject, options);
  const layout = await arrange(picture);
  return {
    picture,
    layout,
    svg: (theme = "light") => pictureSvg(picture, layout, theme),
    dot: pictureDot(picture),
    json: JSON.stringify(picture),
  };
}

/** The graph as data, without its layout. */
export function pictureOf(
  subject: ExplainedNetwork | FormulaGraph | ((...operands: Tensor[]) => Tensor),
  options: DrawOptions = {},
): GraphPicture {
  const { detail } = options;
  if (detail !== undefined && !["layers", "ops", "scalars"].includes(detail)) {
    throw new UsageError(
      `drawGraph: expected detail "layers", "ops" or "scalars", got "${detail}".`,
    );
  }
  if (typeof subject === "function") return functionPicture(subject, options);
  if ("output" in subject) {
    return nodesPicture({ ...subject, parameters: new Set(), groups: new Map() }, options);
  }
  return networkPicture(subject, options);
}

interface Subject extends NamedGraph {
  readonly terms?: ReadonlyMap<Node, string>;
  readonly collapsed?: ReadonlyMap<string, string>;
}

function nodesPicture(subject: Subject, options: DrawOptions, hint = ""): GraphPicture {
  const { detail = "ops", values = true, gradients = true } = options;
  const { title = "Computation graph" } = options;
  const opCount = topologicalOrder([subject.output]).length;
  if (detail === "scalars") {
    const count = countScalars(subject.output);
    if (count > mostBoxes) {
      throw new UsageError(
        `drawGraph: scalar detail would draw ${count} numbers, at most ${mostBoxes} can be read; use ` +
          `detail: "ops" (${opCount} operations)${hint}.`,
      );
    }
  } else if (opCount > 4 * mostBoxes) {
    throw new UsageError(
      `drawGraph: detail "ops" would draw ${opCount} operations, at most ${4 * mostBoxes} can be ` +
        `read${hint ? `; use${hint.replace(", or", "")}` : ""}.`,
    );
  }
  const drawn: DrawnGraph = {
    title,
    values,
    gradients,
    ...subject,
    ...(detail === "scalars" ? { ...expandScalars(subject), collapsed: undefined } : {}),
  };
  return pictureOfNodes(drawn);
}

function functionPicture(f: (...operands: Tensor[]) => Tensor, options: DrawOptions): GraphPicture {
  const { at: point, names: given } = options;
  if (point === undefined || point.length === 0) {
    throw new UsageError("drawGraph: a function is drawn at a point; pass { at: [operand, …] }.");
  }
  const bindings = new Map<InputNode, TensorData>();
  const names = new Map<Node, string>();
  const inputs = point.map((operand, i) => {
    const name = given?.[i] ?? (point.length === 1 ? "x" : `x${i + 1}`);
    const isTensor = operand instanceof Tensor;
    const shape = isTensor ? operand.shape : typeof operand === "number" ? [] : [operand.length];
    const data = isTensor ? operand.data : typeof operand === "number" ? [operand] : operand;
    const node = build.input(name, shape, "float64");
    bindings.set(node, Float64Array.from(data));
    names.set(node, name);
    return fromNode(node);
  });
  const { node } = f(...inputs);
  if (sizeOf(node.shape) !== 1) {
    throw new ShapeError(
      `drawGraph: expected a function that gives one number, got shape [${node.shape.join(", ")}]; ` +
        "sum it with .sum().",
    );
  }
  const output = build.reshape(node, []);
  return nodesPicture(
    { output, bindings, names, parameters: new Set(), groups: new Map() },
    options,
  );
}

function networkPicture(network: ExplainedNetwork, options: DrawOptions): GraphPicture {
  const { loss, x, y, detail = "layers" } = options;
  if (loss === undefined || x === undefined || y === undefined) {
    if (detail !== "layers") {
      throw new UsageError(
        `drawGraph: detail "${detail}" of a network shows numbers; pass { loss, x, y }.`,
      );
    }
    return plainLayersPicture(network, options);
  }
  const samples = samplesOf(network, loss, { x, y, mode: options.mode });
  const { training = samples.mode === "batch" } = options;
  const traced = traceNetwork(network, loss, samples.rows, samples.target, training);
  const weights = weightsOf(network, traced.parameters);
  const bindings = bindingsOf(traced, samples, weights);
  if (detail === "layers") return layersPicture(traced, bindings, options);
  const names = new Map<Node, string>([
    [traced.x, "x"],
    [traced.y, "y"],
    ...[...traced.parameters].map(([path, node]) => [node, path] as const),
  ]);
  const { collapse = detail === "ops" ? ["loss"] : [] } = options;
  const titles = new Map([
    ["loss", loss.kind],
    ...traced.layers.map(({ path, kind }) => [path, `${path} ${kind}`] as const),
  ]);
  // Calls of a layer made of signals may be one box each, or all one.
  for (const { path } of traced.layers) {
    const whole = path.split(".")[0];
    if (!titles.has(whole)) titles.set(whole, `${whole} graph`);
  }
  const unknown = collapse.find((group) => !titles.has(group));
  if (unknown !== undefined) {
    throw new UsageError(
      `drawGraph: expected collapse to name ${[...titles.keys()].join(", ")}, got "${unknown}".`,
    );
  }
  const groups = new Map<Node, string>();
  for (const [node, path] of layerOfNodes(traced)) {
    groups.set(node, collapse.find((group) => path.startsWith(`${group}.`)) ?? path);
  }
  const collapsed = new Map(collapse.map((group) => [group, titles.get(group)!]));
  return nodesPicture(
    {
      output: traced.loss,
      bindings,
      names,
      parameters: new Set(traced.parameters.values()),
      groups,
      collapsed,
      terms: new Map<Node, string>([...names]),
    },
    { title: "Computation graph of the network", ...options, detail },
    `, or "layers" (${traced.layers.length} layers)`,
  );
}
