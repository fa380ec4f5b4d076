/** Contractions: turns transposed results into products of transposed operands, and copies the
 * operands whose rows are not contiguous. */

import {
  build,
  consumersOf,
  type DType,
  makeNode,
  type Node,
  opKinds,
  rewrite,
  stridesOf,
  withInputs,
} from "../ir/index.ts";
import { packKernel, readyPatchesOf } from "./patches.ts";

/** (A·B)ᵀ becomes Bᵀ·Aᵀ where nothing else reads A·B, so that what follows, such as a weight's
 * update, can run in the product's own loops. */
export function transposeProducts(outputs: readonly Node[]): Node[] {
  const consumers = consumersOf(outputs);
  const kept = new Set(outputs);
  return rewrite(outputs, (node, original) => {
    const [product] = node.inputs;
    const isTransposedProduct =
      isTransposition(node) &&
      product.op === "matmul" &&
      consumers.get(original.inputs[0])!.length === 1 &&
      !kept.has(original.inputs[0]);
    if (!isTransposedProduct) return node;
    const [a, b] = product.inputs;
    return build.matmul(build.transpose(b), build.transpose(a));
  });
}

/** Copies right operands of contractions that can be read with stride 1 neither along their last axis nor, as the
 * left ones, along the sum. */
export function packOperands(outputs: readonly Node[]): Node[] {
  return rewrite(outputs, (node) => {
    if (opKinds[node.op] !== "contraction") return node;
    const [a, b] = node.inputs;
    if (node.op === "convolve") {
      const patches = readyPatchesOf(node);
      if (patches !== undefined) return patches.direction === "scatter" ? packKernel(node) : node;
    }
    if (isContiguousAlong(b, b.shape.length - 1) || isDotProduct(node)) return node;
    return withInputs(node, [a, copy(b)]);
  });
}

/** Whether sums of so many terms can be taken with the lanes of vectors along them: of enough that adding up the
 * lanes in the end costs little beside the columns, and of no more than a float32 sum of a lane's terms should have. */
export function isDotDepth(terms: number, columns: number, dtype: DType): boolean {
  return terms >= (columns <= 2 && dtype === "float32" ? 16 : 64) && terms <= 2048;
}

/** Whether both operands of a product are contiguous along the sum, which is then taken along it. */
function isDotProduct({ op, dtype, inputs: [a, b] }: Node): boolean {
  const last = a.shape.length - 1;
  return (
    op === "matmul" &&
    isDotDepth(a.shape[last], b.shape[last], dtype) &&
    isContiguousAlong(a, last) &&
    isContiguousAlong(b, last - 1)
  );
}

/** The value itself, computed into storage of its own. */
export function copy(node: Node): Node {
  return makeNode("stopGradient", [node], {});
}

/** Whether a node only exchanges the last two axes. */
export function isTransposition(node: Node): boolean {
  if (node.op !== "permute") return false;
  const rank = node.shape.length;
  return node.attributes.order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}

/** Whether neighbours along an axis are neighbours in storage, for a view of stored values. */
function isContiguousAlong(node: Node, of: number): boolean {
  let axis = of;
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
