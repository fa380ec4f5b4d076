/** Moves reshapes behind the elementwise work that follows them, so that it runs in the loops of what was
 * reshaped instead of in loops of its own. */

import {
  build,
  consumersOf,
  makeNode,
  type Node,
  opKinds,
  rewrite,
  type Shape,
  sizeOf,
} from "../ir/index.ts";
import { uniformValue } from "./simplify.ts";
import { isRealReshape } from "./squeeze.ts";

/** op(reshape(a), b) becomes reshape(op(a, reshape(b))) where b can be seen in the shape of a for free, and a
 * sum over axes of a reshape becomes a sum over the axes that they came from. */
export function sinkReshapes(outputs: readonly Node[]): Node[] {
  const consumers = consumersOf(outputs);
  if (![...consumers.keys()].some(isRealReshape)) return [...outputs];
  const isShared = (node: Node) => (consumers.get(node)?.length ?? 2) > 1;
  return rewrite(outputs, (node, original) => {
    if (opKinds[node.op] === "elementwise") return sinkThroughOp(node, original, isShared);
    if (node.op === "reduceSum") return sinkThroughSum(node);
    return node;
  });
}

function sinkThroughOp(node: Node, original: Node, isShared: (node: Node) => boolean): Node {
  // A computed value that only this op reads: otherwise its loops exist anyway.
  const from = node.inputs.findIndex(
    (operand, i) =>
      isRealReshape(operand) &&
      opKinds[operand.inputs[0].op] === "elementwise" &&
      !isShared(original.inputs[i]),
  );
  if (from < 0) return node;
  const { shape } = node.inputs[from].inputs[0];
  const moved = node.inputs.map((operand, i) =>
    seenAs(operand, original.inputs[i], shape, isShared),
  );
  if (!moved.every((operand) => operand !== undefined)) return node;
  return build.reshape(makeNode(node.op, moved, node.attributes as never), node.shape);
}

/** The operand in another shape, if that costs nothing: stored values lie as they do, and what is computed
 * for this op alone is computed in that shape. */
function seenAs(
  operand: Node,
  original: Node,
  shape: Shape,
  isShared: (node: Node) => boolean,
): Node | undefined {
  const value = uniformValue(operand);
  if (value !== undefined) return build.full(value, shape, operand.dtype);
  if (operand.op === "reshape") return build.reshape(operand.inputs[0], shape);
  const kind = opKinds[operand.op];
  if (kind === "leaf" || kind === "contraction") return build.reshape(operand, shape);
  if (kind !== "elementwise") return undefined;
  if (isShared(original)) return build.reshape(operand, shape);
  if (operand.inputs.length !== original.inputs.length) return undefined;
  const moved = operand.inputs.map((input, i) =>
    seenAs(input, original.inputs[i], shape, isShared),
  );
  return moved.every((input) => input !== undefined)
    ? makeNode(operand.op, moved, operand.attributes as never)
    : undefined;
}

function sinkThroughSum(node: Node): Node {
  const [operand] = node.inputs;
  if (node.op !== "reduceSum" || operand.op !== "reshape" || !isRealReshape(operand)) return node;
  const [source] = operand.inputs;
  const groups = axisGroups(source.shape, operand.shape);
  if (groups === undefined) return node;
  const axes = node.attributes.axes.flatMap((axis) => groups[axis]);
  return build.reshape(build.reduceSum(source, axes), node.shape);
}

/** For each axis of `to`, the axes of `from` that it joins, if every axis joins whole ones. */
export function axisGroups(from: Shape, to: Shape): number[][] | undefined {
  if (sizeOf(from) === 0) return undefined;
  const groups: number[][] = [];
  let next = 0;
  for (const length of to) {
    const group: number[] = [];
    let product = 1;
    while (product < length && next < from.length) {
      product *= from[next];
      group.push(next++);
    }
    if (product !== length) return undefined;
    groups.push(group);
  }
  while (next < from.length) {
    if (from[next] !== 1) return undefined;
    (groups.at(-1) ?? []).push(next++);
  }
  return groups;
}
