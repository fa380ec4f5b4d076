/** Reverse-mode differentiation of graphs: the chain rule, from the outputs back to the inputs. */

import {
  build,
  formatShape,
  isFloat,
  type Node,
  type Op,
  sameShape,
  topologicalOrder,
} from "../ir/index.ts";
import { InternalError } from "../util/index.ts";
import { elementwiseGradients, leafGradients } from "./elementwise.ts";
import { linearGradients } from "./linear.ts";
import type { GradientRule, GradientRules } from "./rules.ts";

/** How each op passes a gradient from its result to its operands. */
export const gradientRules: GradientRules = {
  ...leafGradients,
  ...elementwiseGradients,
  ...linearGradients,
};

/** An output and the gradient of the final scalar with respect to it, of the same shape and dtype. */
export interface Cotangent {
  readonly output: Node;
  readonly gradient: Node;
}

/** For L with given ∂L/∂output, the graphs of ∂L/∂x for every x of `wrt`; zeros where no path leads
 * from x to an output. The result may be differentiated again.
 *
 * Integer and bool values have no gradient: outputs of these types are ignored.
 *
 * @example
 * // ∂(Σ x²)/∂x = 2x
 * const x = build.input("x", [3], "float64");
 * const loss = build.reduceSum(build.mul(x, x), [0]);
 * const [dx] = gradients([{ output: loss, gradient: build.scalar(1, "float64") }], [x]);
 */
export function gradients(cotangents: readonly Cotangent[], wrt: readonly Node[]): Node[] {
  const order = topologicalOrder(cotangents.map(({ output }) => output));
  const active = dependents(order, wrt);
  const totals = new Map<Node, Node>();
  const contribute = (node: Node, gradient: Node) => {
    if (gradient.dtype !== node.dtype || !sameShape(gradient.shape, node.shape)) {
      throw new InternalError(
        `gradients: expected ${node.dtype}${formatShape(node.shape)} for ${node.op}, ` +
          `got ${gradient.dtype}${formatShape(gradient.shape)}.`,
      );
    }
    const total = totals.get(node);
    totals.set(node, total === undefined ? gradient : build.add(total, gradient));
  };

  for (const { output, gradient } of cotangents) {
    if (active.has(output) && isFloat(output.dtype)) contribute(output, gradient);
  }
  for (const node of order.reverse()) {
    const outputGradient = totals.get(node);
    if (outputGradient === undefined) continue;
    const rule = gradientRules[node.op] as GradientRule<Op>;
    rule(node, outputGradient).forEach((gradient, i) => {
      const operand = node.inputs[i];
      if (gradient !== undefined && active.has(operand)) contribute(operand, gradient);
    });
  }
  return wrt.map((node) => totals.get(node) ?? build.fullLike(0, node));
}

/** The nodes of `order` that depend on a node of `wrt`, these included. */
function dependents(order: readonly Node[], wrt: readonly Node[]): ReadonlySet<Node> {
  const found = new Set<Node>(wrt);
  for (const node of order) {
    if (node.inputs.some((operand) => found.has(operand))) found.add(node);
  }
  return found;
}
