/** Axes of length 1: loops do not see them. */

import { type Node, type Shape, sameShape } from "../ir/index.ts";

/** A shape without its axes of length 1. */
export function squeeze(shape: Shape): Shape {
  return shape.filter((length) => length !== 1);
}

/** Whether a reshape moves more than axes of length 1. */
export function isRealReshape(node: Node): boolean {
  return node.op === "reshape" && !sameShape(squeeze(node.shape), squeeze(node.inputs[0].shape));
}
