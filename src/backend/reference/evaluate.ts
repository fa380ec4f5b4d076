/** The reference interpreter: the definition of every op, in the order of the graph. */

import {
  type InputNode,
  type Node,
  type Op,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";
import { contractionRules } from "./contraction.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { leafRules } from "./leaf.ts";
import { movementRules } from "./movement.ts";
import { reductionRules } from "./reduction.ts";
import type { ReferenceRule, ReferenceRules } from "./rules.ts";

/** What every op means. */
export const referenceRules: ReferenceRules = {
  ...leafRules,
  ...elementwiseRules,
  ...movementRules,
  ...reductionRules,
  ...contractionRules,
  ...indexingRules,
};

/** The values of `outputs`. Treat them as read-only: a value may be shared with a constant, a
 * binding or another output.
 * @param bindings the value of each input node that the graph reaches, row-major.
 * @throws UsageError naming an input without a value. */
export function evaluate(
  outputs: readonly Node[],
  bindings: ReadonlyMap<InputNode, TensorData> = new Map(),
): TensorData[] {
  const values = new Map<Node, TensorData>(bindings);
  for (const node of topologicalOrder(outputs)) {
    if (values.has(node)) continue;
    const rule = referenceRules[node.op] as ReferenceRule<Op>;
    values.set(
      node,
      rule(
        node,
        node.inputs.map((operand) => values.get(operand)!),
      ),
    );
  }
  return outputs.map((output) => values.get(output)!);
}
