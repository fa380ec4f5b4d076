/** Reverse mode with its inner values: the gradient of every node, and what each edge contributes. */

import { type GradientRule, type GradientRules, gradientRules } from "../autograd/index.ts";
import { build, isFloat, type Node, type Op, topologicalOrder } from "../ir/index.ts";

/** Gradients of one scalar by every node it depends on. */
export interface ReverseMode {
  /** ∂C/∂node, for every node of a float type that C depends on. */
  readonly totals: ReadonlyMap<Node, Node>;
  /** The part of ∂C/∂operand that comes through one operand of one node. */
  readonly edges: ReadonlyMap<Node, readonly (Node | undefined)[]>;
}

/** Goes back from a scalar by the gradient rules of the graph, or by others.
 * @param rules a full table; those of `chainrule/autograd` by default */
export function reverseMode(scalar: Node, rules: GradientRules = gradientRules): ReverseMode {
  const totals = new Map<Node, Node>([[scalar, build.fullLike(1, scalar)]]);
  const edges = new Map<Node, readonly (Node | undefined)[]>();
  for (const node of topologicalOrder([scalar]).reverse()) {
    const total = totals.get(node);
    if (total === undefined) continue;
    const rule = rules[node.op] as GradientRule<Op>;
    const parts = rule(node, total);
    edges.set(node, parts);
    parts.forEach((part, i) => {
      const operand = node.inputs[i];
      if (part === undefined || !isFloat(operand.dtype)) return;
      const sum = totals.get(operand);
      totals.set(operand, sum === undefined ? part : build.add(sum, part));
    });
  }
  return { totals, edges };
}
