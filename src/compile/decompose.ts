/** Rewrites argMax and argMin, which no kernel computes directly, into ops that kernels compute. */

import { build, type Node, rewrite } from "../ir/index.ts";

/** After this pass the graph has no argMax and argMin. */
export function decompose(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    if (node.op === "argMax")
      return firstIndexOf(node.inputs[0], node.attributes.axis, "reduceMax");
    if (node.op === "argMin")
      return firstIndexOf(node.inputs[0], node.attributes.axis, "reduceMin");
    return node;
  });
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
