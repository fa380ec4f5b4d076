/** Walking and rewriting graphs. A graph is the list of its output nodes. */

import { makeNode } from "./build.ts";
import type { Node } from "./node.ts";

/** Every node that `outputs` depend on, operands before their users, each once. */
export function topologicalOrder(outputs: readonly Node[]): Node[] {
  const order: Node[] = [];
  const done = new Set<Node>();
  const stack: { node: Node; next: number }[] = [];
  for (const output of outputs) {
    if (done.has(output)) continue;
    stack.push({ node: output, next: 0 });
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      if (top.next < top.node.inputs.length) {
        const operand = top.node.inputs[top.next++];
        if (!done.has(operand)) stack.push({ node: operand, next: 0 });
      } else {
        stack.pop();
        if (!done.has(top.node)) {
          done.add(top.node);
          order.push(top.node);
        }
      }
    }
  }
  return order;
}

/** The nodes that read each node, within the graph of `outputs`. */
export function consumersOf(outputs: readonly Node[]): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>();
  for (const node of topologicalOrder(outputs)) {
    consumers.set(node, []);
    for (const operand of new Set(node.inputs)) consumers.get(operand)!.push(node);
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
    const rebuilt = withInputs(
      node,
      node.inputs.map((operand) => rewritten.get(operand)!),
    );
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
