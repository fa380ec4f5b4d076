/** Stored values seen through movements: where the loops of a kernel read an operand. */

import type { Node } from "../ir/index.ts";
import { type Index, linear, movedIndex, unitReshapedIndex } from "./affine.ts";
import type { Affine } from "./kernel.ts";
import { isRealReshape } from "./squeeze.ts";

/** The element `index` of a node as one of the stored `base`, elements in row-major order. */
export interface View {
  readonly base: Node;
  readonly at: Affine;
}

/** Follows movements from a node to what is stored.
 * @param isStored whether a node's own elements are stored; what is no movement has to be */
export function seenThrough(node: Node, start: Index, isStored: (node: Node) => boolean): View {
  const loops = start[0].strides.length;
  let current = node;
  let index = start;
  while (!isStored(current)) {
    const [operand] = current.inputs;
    switch (current.op) {
      case "permute":
      case "broadcast":
      case "slice":
      case "flip":
        index = movedIndex[current.op](current as never, index, loops);
        break;
      case "reshape":
        // Reshapes share the storage of their operand.
        if (isRealReshape(current))
          return { base: operand, at: linear(index, current.shape, loops) };
        index = unitReshapedIndex(current.shape, index, operand.shape, loops);
        break;
      default:
        return { base: current, at: linear(index, current.shape, loops) };
    }
    current = operand;
  }
  return { base: current, at: linear(index, current.shape, loops) };
}
