/** Pictures of graphs, one box for each operation. */

import { type GradientRule, type GradientRules, gradientRules } from "../../autograd/index.ts";
import { evaluate } from "../../backend/reference/index.ts";
import {
  build,
  type InputNode,
  isFloat,
  type Node,
  type Op,
  type TensorData,
} from "../../ir/index.ts";
import { choiceOf } from "../choice.ts";
import { reverseMode } from "../reverse.ts";
import { type GraphPicture, type PictureEdge, type PictureNode, pictureValue } from "./picture.ts";

/** A graph to be drawn, at a point where there are bindings. */
export interface DrawnGraph {
  readonly title: string;
  readonly output: Node;
  readonly bindings?: ReadonlyMap<InputNode, TensorData>;
  /** Names of nodes, and the keys of their quantities. */
  readonly names: ReadonlyMap<Node, string>;
  readonly terms?: ReadonlyMap<Node, string>;
  readonly groups?: ReadonlyMap<Node, string>;
  /** Groups that are drawn as one box, with what it says. */
  readonly collapsed?: ReadonlyMap<string, string>;
  readonly parameters?: ReadonlySet<Node>;
  readonly values: boolean;
  readonly gradients: boolean;
}

/** Signs for the ops that have one; others are written by their name. */
const signs: { readonly [K in Op]?: string } = {
  add: "+",
  sub: "−",
  mul: "×",
  div: "÷",
  neg: "−",
  matmul: "matmul",
  reduceSum: "Σ",
  reduceMax: "max",
  reduceMin: "min",
  sqrt: "√",
  log: "ln",
  eq: "=",
  ne: "≠",
  lt: "<",
  le: "≤",
  gt: ">",
  ge: "≥",
  abs: "|·|",
  permute: "transpose",
  convolve: "convolution",
};

/** Whether a node only repeats or renames its operand: drawn as part of the edge. */
function isPassed(node: Node): boolean {
  if (node.op === "broadcast" || node.op === "cast") return true;
  const [x] = node.inputs;
  return (
    node.op === "reshape" &&
    x.shape.filter((n) => n !== 1).join() === node.shape.filter((n) => n !== 1).join()
  );
}

/** The operand that is drawn, and the gradient of one edge as it arrives there. */
function drawnOperand(
  operand: Node,
  part: Node | undefined,
  names: ReadonlyMap<Node, string>,
): { readonly source: Node; readonly part: Node | undefined } {
  let [source, arriving] = [operand, part];
  while (isPassed(source) && !names.has(source)) {
    const rule = (gradientRules as GradientRules)[source.op] as GradientRule<Op>;
    arriving = arriving && rule(source, arriving)[0];
    source = source.inputs[0];
  }
  return { source, part: arriving };
}

function constantValue(node: Node): number | undefined {
  if (node.op !== "constant") return undefined;
  const { data } = node.attributes;
  return data.length > 0 && data.every((x) => x === data[0]) ? data[0] : undefined;
}

interface RawEdge {
  readonly from: Node;
  readonly to: Node;
  readonly part: Node | undefined;
  /** The value of a constant operand. */
  readonly fixed?: number;
}

/** The nodes that are drawn, in the order of computation, and the edges between them. */
function collect({ output, names, gradients }: DrawnGraph) {
  const drawn = new Set<Node>();
  const order: Node[] = [];
  const edges: RawEdge[] = [];
  const reverse = gradients ? reverseMode(output) : undefined;
  const visit = (node: Node): void => {
    if (drawn.has(node)) return;
    drawn.add(node);
    const parts = reverse?.edges.get(node);
    // A choice of the larger value is one box, max: the comparison has no gradient to show.
    const drawnInputs = choiceOf(node)?.operands ?? node.inputs.keys();
    for (const i of drawnInputs) {
      const { source, part } = drawnOperand(node.inputs[i], parts?.[i], names);
      const fixed = constantValue(source);
      if (fixed !== undefined && node.op === "pow" && i === 1) continue;
      if (fixed === undefined) visit(source);
      edges.push({ from: source, to: node, part, ...(fixed !== undefined && { fixed }) });
    }
    order.push(node);
  };
  visit(output);
  return { order, edges, totals: reverse?.totals ?? new Map<Node, Node>() };
}

/** The picture of a graph: every operation with its value and its gradient. */
export function pictureOfNodes(graph: DrawnGraph): GraphPicture {
  const { order, edges, totals } = collect(graph);
  const collapsedGroup = (node: Node): string | undefined => {
    const group = node.op === "input" ? undefined : graph.groups?.get(node);
    return group !== undefined && graph.collapsed?.has(group) ? group : undefined;
  };
  const ids = new Map<Node, string>();
  const lastOf = new Map<string, Node>();
  order.forEach((node, i) => {
    const group = collapsedGroup(node);
    ids.set(node, group === undefined ? `n${i}` : `g_${group.replace(/\W/g, "_")}`);
    if (group !== undefined) lastOf.set(group, node);
  });
  const merged = mergeEdges(edges, ids, (node) => collapsedGroup(node) !== undefined);

  const numbers = new Map<Node, TensorData>();
  if (graph.bindings) {
    const parts = merged.flatMap(({ part }) => (part ? [part] : []));
    const wanted = [...new Set([...order, ...parts, ...order.flatMap((n) => totals.get(n) ?? [])])];
    evaluate(wanted, new Map(graph.bindings)).forEach((data, i) => {
      numbers.set(wanted[i], data);
    });
  }
  const shown = (node: Node | undefined) => {
    const data = node && numbers.get(node);
    return node && data ? pictureValue(node.shape, data) : undefined;
  };
  const nodes: PictureNode[] = order.flatMap((node): PictureNode[] => {
    const group = collapsedGroup(node);
    if (group !== undefined && lastOf.get(group) !== node) return [];
    const value = graph.values ? shown(node) : undefined;
    const gradient = graph.gradients ? shown(totals.get(node)) : undefined;
    const own = group === undefined ? undefined : graph.collapsed!.get(group);
    const owner = graph.groups?.get(node);
    const term = graph.terms?.get(node);
    return [
      {
        id: ids.get(node)!,
        ...(own === undefined ? labelOf(node, graph.names) : { label: own }),
        role: own === undefined || node === graph.output ? roleOf(node, graph) : "layer",
        ...(owner !== undefined && { group: owner }),
        ...(term !== undefined && { term }),
        ...(value && { value }),
        ...(gradient && { gradient }),
      },
    ];
  });
  const pictureEdges = merged.map(({ from, to, part, fixed }, i): PictureEdge => {
    if (fixed !== undefined) {
      // A constant stands beside each of its users: one far away would only cross the picture.
      nodes.push({ id: `c${i}`, label: formatConstant(fixed), role: "constant" });
      return { from: `c${i}`, to: ids.get(to)! };
    }
    const value = graph.values ? shown(from) : undefined;
    const gradient = graph.gradients && isFloat(from.dtype) ? shown(part) : undefined;
    return {
      from: ids.get(from)!,
      to: ids.get(to)!,
      ...(value && { value }),
      ...(gradient && { gradient }),
    };
  });
  return { title: graph.title, nodes, edges: pictureEdges };
}

/** Edges into one box from one node become one, whose gradient is their sum; those within it go. */
function mergeEdges(
  edges: readonly RawEdge[],
  ids: ReadonlyMap<Node, string>,
  isCollapsed: (node: Node) => boolean,
): RawEdge[] {
  const merged: RawEdge[] = [];
  const into = new Map<string, Map<Node, number>>();
  for (const edge of edges) {
    if (!isCollapsed(edge.to)) {
      merged.push(edge);
      continue;
    }
    const target = ids.get(edge.to)!;
    if (edge.fixed !== undefined || ids.get(edge.from) === target) continue;
    const known = into.get(target) ?? new Map<Node, number>();
    into.set(target, known);
    const at = known.get(edge.from);
    if (at === undefined) {
      known.set(edge.from, merged.length);
      merged.push(edge);
    } else {
      const { part } = merged[at];
      const sum = part && edge.part ? build.add(part, edge.part) : (part ?? edge.part);
      merged[at] = { ...merged[at], part: sum };
    }
  }
  return merged;
}

const formatConstant = (x: number): string =>
  Number.isFinite(x) ? String(Number(x.toPrecision(6))).replace("-", "−") : x > 0 ? "∞" : "−∞";

function labelOf(
  node: Node,
  names: ReadonlyMap<Node, string>,
): Pick<PictureNode, "label" | "detail"> {
  const name = names.get(node);
  const shape = node.shape.length > 0 ? `[${node.shape.join("×")}]` : undefined;
  if (node.op === "input") {
    return { label: name ?? node.attributes.name, ...(shape && { detail: shape }) };
  }
  const exponent = node.op === "pow" ? constantOf(node.inputs[1]) : undefined;
  const sign =
    exponent !== undefined
      ? `^ ${formatConstant(exponent)}`
      : (choiceOf(node)?.sign ?? signs[node.op] ?? node.op);
  const detail = name ? name : shape;
  return { label: sign, ...(detail && { detail }) };
}

function constantOf(node: Node): number | undefined {
  return isPassed(node) ? constantOf(node.inputs[0]) : constantValue(node);
}

function roleOf(node: Node, { output, parameters }: DrawnGraph): PictureNode["role"] {
  if (parameters?.has(node)) return "parameter";
  if (node.op === "input") return "input";
  if (node.op === "constant" || node.op === "iota" || node.op === "random") return "constant";
  return node === output ? "output" : "operation";
}
