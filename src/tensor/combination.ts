/** Functions of several tensors at once. */

import type { Node } from "../ir/index.ts";
import * as functions from "./functions/index.ts";
import { apply, type Tensor } from "./tensor.ts";

/** Joins tensors along an axis that they have; the other lengths are equal. */
export function concatenate(parts: readonly Tensor[], axis = 0): Tensor {
  return apply((...nodes: Node[]) => functions.concatenate(nodes, axis), ...parts);
}

/** Joins tensors of one shape along a new axis. */
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  return apply((...nodes: Node[]) => functions.stack(nodes, axis), ...parts);
}
