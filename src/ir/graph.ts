/** Walking and rewriting graphs. A graph is the list of its output nodes. */

import { makeNode } from "./build.ts";
import type { Node } from "./node.ts";

/** Every node that `outputs` depend on, operands before their users, each once. */
export function topologicalOrder(outputs: readonly Node[]): Node[] {
  const done = new Set<Node>();
  // The path from an output to the node in hand, and the operand that each of them looks at next.
  const path: Node[] = [];
  const next: number[] = [];
  for (const output of outputs) {
    let node = output;
    let i = 0;
    for (;;) {
      const { inputs } = node;
      while (i < inputs.length && done.has(inputs[i])) i++;
      if (i < inputs.length) {
        path.push(node);
        next.push(i + 1);
        node = inputs[i];
        i = 0;
        continue;
      }
      done.add(node);
      if (path.length === 0) break;
      node = path.pop()!;
      i = next.pop()!;
    }
  }
  return [...done];
}

/** The nodes that read each node, within the graph of `outputs`. */
export function consumersOf(outputs: readonly Node[]): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>();
  for (const node of topologicalOrder(outputs)) {
    consumers.set(node, []);
    for (const operand of node.inputs) {
      const readers = consumers.get(operand)!;
      if (readers[readers.length - 1] !== node) readers.push(node);
    }
  }
  return consumers;
}

/** The same node over other operands; the node itself when they are unchanged. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  if (inputs.every((operand, i) => operand === node.inputs[i])) return node;
  return makeNode(node.op, inputs, node.attributes as never);
}

/** Rebuilds a graph from its leaves up: `visit` sees each node once, its operands already rewritten,
 * and returns what stands for it. Returns the new outputs in order. */
export function rewrite(
  outputs: readonly Node[],
  visit: (node: Node, original: Node) => Node,
): Node[] {
  const rewritten = new Map<Node, Node>();
  for (const node of topologicalOrder(outputs)) {
    let rebuilt = node;
    for (const operand of node.inputs) {
      if (rewritten.get(operand) === operand) continue;
      const inputs = node.inputs.map((input) => rewritten.get(input)!);
      rebuilt = makeNode(node.op, inputs, node.attributes as never);
      break;
    }
    rewritten.set(node, visit(rebuilt, node));
  }
  return outputs.map((output) => rewritten.get(output)!);
}

/** The graph with some nodes replaced by others. */
export function substitute(
  outputs: readonly Node[],
  replacements: ReadonlyMap<Node, Node>,
): Node[] {
  return rewrite(outputs, (node, original) => replacements.get(original) ?? node);
}
