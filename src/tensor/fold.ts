/** Eager evaluation as constant folding: what reaches no input is computed by the reference
 * interpreter at once. */

import { evaluate } from "../backend/reference/index.ts";
import { build, type Node } from "../ir/index.ts";

/** The nodes with those replaced by constants whose value is known. */
export function fold(nodes: readonly Node[]): Node[] {
  const pending = [...new Set(nodes)].filter(
    (node) => node.op !== "constant" && !reachesInput(node),
  );
  if (pending.length === 0) return [...nodes];
  const values = evaluate(pending);
  const constants = new Map<Node, Node>(
    pending.map((node, i) => [node, build.constant(values[i], node.shape, node.dtype)]),
  );
  return nodes.map((node) => constants.get(node) ?? node);
}

function reachesInput(root: Node): boolean {
  const seen = new Set<Node>([root]);
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.op === "input") return true;
    for (const operand of node.inputs) {
      if (seen.has(operand)) continue;
      seen.add(operand);
      stack.push(operand);
    }
  }
  return false;
}
