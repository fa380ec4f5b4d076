/** Walking and rewriting graphs. A graph is the list of its output nodes.
 *
 * Loops over the operands of every node count: an iterator costs an engine that has not compiled the loop yet
 * several times as much as the rest of it.
 */

import { overInputs } from "./build.ts";
import type { Node } from "./node.ts";

/** Every node that `outputs` depend on, operands before their users, each once. */
export function topologicalOrder(outputs: readonly Node[]): Node[] {
  const order = new Set<Node>();
  walk(outputs, order, (node) => order.add(node));
  return [...order];
}

/** Visits every node that `outputs` depend on, operands before their users. Those that `done` has, to which
 * `visit` adds the node in hand, are not visited again. */
function walk(
  outputs: readonly Node[],
  done: { has(node: Node): boolean },
  visit: (node: Node) => void,
): void {
  // The path from an output to the node in hand, and the operand that each of them looks at next.
  const path: Node[] = [];
  const next: number[] = [];
  for (const output of outputs) {
    if (done.has(output)) continue;
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
      visit(node);
      if (path.length === 0) break;
      node = path.pop()!;
      i = next.pop()!;
    }
  }
}

/** The readers of an output: most nodes have one reader, and a list of one is small. */
const nobody: Node[] = [];

/** The nodes that read each node, within the graph of `outputs`. */
export function consumersOf(outputs: readonly Node[]): Map<Node, Node[]> {
  const consumers = new Map<Node, Node[]>();
  walk(outputs, consumers, (node) => {
    consumers.set(node, nobody);
    const { inputs } = node;
    for (let i = 0; i < inputs.length; i++) {
      const operand = inputs[i];
      const readers = consumers.get(operand)!;
      if (readers === nobody) consumers.set(operand, [node]);
      else if (readers[readers.length - 1] !== node) readers.push(node);
    }
  });
  return consumers;
}

/** The same node over other operands; the node itself when they are unchanged. */
export function withInputs(node: Node, inputs: readonly Node[]): Node {
  return inputs.every((operand, i) => operand === node.inputs[i]) ? node : overInputs(node, inputs);
}

/** Rebuilds a graph from its leaves up: `visit` sees each node once, its operands already rewritten,
 * and returns what stands for it. Returns the new outputs in order. */
export function rewrite(
  outputs: readonly Node[],
  visit: (node: Node, original: Node) => Node,
): Node[] {
  const rewritten = new Map<Node, Node>();
  walk(outputs, rewritten, (node) => {
    const { inputs } = node;
    let i = 0;
    while (i < inputs.length && rewritten.get(inputs[i]) === inputs[i]) i++;
    const rebuilt =
      i === inputs.length
        ? node
        : overInputs(
            node,
            inputs.map((operand) => rewritten.get(operand)!),
          );
    rewritten.set(node, visit(rebuilt, node));
  });
  return outputs.map((output) => rewritten.get(output)!);
}

/** The graph with some nodes replaced by others. */
export function substitute(
  outputs: readonly Node[],
  replacements: ReadonlyMap<Node, Node>,
): Node[] {
  return rewrite(outputs, (node, original) => replacements.get(original) ?? node);
}
