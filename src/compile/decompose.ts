/** Rewrites ops that no kernel computes directly into ops that one does. */

import { build, makeNode, type Node, rewrite, stridesOf } from "../ir/index.ts";

/** After this pass the graph has no argMax and argMin, and the right operand of every matmul can be
 * read with stride 1 along its last axis. */
export function decompose(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    switch (node.op) {
      case "argMax":
        return firstIndexOf(node.inputs[0], node.attributes.axis, "reduceMax");
      case "argMin":
        return firstIndexOf(node.inputs[0], node.attributes.axis, "reduceMin");
      case "matmul": {
        const [a, b] = node.inputs;
        return isContiguousAlongLast(b) ? node : build.matmul(a, copy(b));
      }
      default:
        return node;
    }
  });
}

/** The value itself, computed into storage of its own. */
export function copy(node: Node): Node {
  return makeNode("stopGradient", [node], {});
}

/** The first index whose element equals the extreme one; a NaN, which makes the extreme NaN, counts. */
function firstIndexOf(x: Node, axis: number, extreme: "reduceMax" | "reduceMin"): Node {
  const best = build.reduce(extreme, x, [axis], true);
  const isBest = build.binary("eq", x, build.broadcast(best, x.shape));
  const unordered = build.binary("ne", x, x);
  const found = x.dtype === "int32" ? isBest : build.binary("or", isBest, unordered);
  const index = build.iota(axis, x.shape, "int32");
  const beyond = build.full(x.shape[axis], x.shape, "int32");
  return build.reduce("reduceMin", build.select(found, index, beyond), [axis]);
}

/** Whether neighbours along the last axis are neighbours in storage, for a view of stored values. */
function isContiguousAlongLast(node: Node): boolean {
  let axis = node.shape.length - 1;
  let current = node;
  if (node.shape[axis] === 1) return true;
  for (;;) {
    const [operand] = current.inputs;
    switch (current.op) {
      case "permute":
        axis = current.attributes.order[axis];
        break;
      case "broadcast": {
        axis -= current.shape.length - operand.shape.length;
        if (axis < 0 || operand.shape[axis] !== current.shape[axis]) return false;
        break;
      }
      case "slice":
        if (current.attributes.step[axis] !== 1) return false;
        break;
      case "flip":
        if (current.attributes.axes.includes(axis)) return false;
        break;
      default: {
        // Stored in row-major order (the operand of a reshape too).
        return stridesOf(current.shape)[axis] === 1;
      }
    }
    current = operand;
  }
}
