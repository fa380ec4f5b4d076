/** Checks that a graph is well formed: every node's type is what inference says. */

import { InternalError } from "../util/index.ts";
import { topologicalOrder } from "./graph.ts";
import { inferType } from "./infer.ts";
import type { Node } from "./node.ts";
import { formatShape, sameShape } from "./shape.ts";

/** @throws InternalError naming the node and the pass that left it so. */
export function verify(outputs: readonly Node[], after = "construction"): void {
  for (const node of topologicalOrder(outputs)) {
    const expected = inferType(node.op, node.inputs, node.attributes as never);
    if (!sameShape(expected.shape, node.shape) || expected.dtype !== node.dtype) {
      throw new InternalError(
        `verify after ${after}: ${node.op} claims ${node.dtype}${formatShape(node.shape)}, ` +
          `inference says ${expected.dtype}${formatShape(expected.shape)}.`,
      );
    }
  }
}
