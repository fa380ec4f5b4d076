/** Building graphs: one checked constructor of nodes and the short forms that passes and rules use. */

import { allocate, type DType, type TensorData } from "./dtype.ts";
import { inferType } from "./infer.ts";
import type { ConstantNode, InputNode, Node, Op, OpAttributes } from "./node.ts";
import { broadcastShapes, normalizeAxes, type Shape, sameShape, stridesOf } from "./shape.ts";

/** Makes every node: infers and checks the type of the result. */
export function makeNode<K extends Op>(
  op: K,
  inputs: readonly Node[],
  attributes: OpAttributes[K],
): Node {
  const { shape, dtype } = inferType(op, inputs, attributes);
  return Object.freeze({ op, inputs, attributes, shape, dtype }) as unknown as Node;
}

/** The node over other operands: where these have the types of its own, so has the result. */
export function overInputs(
  { op, inputs: own, attributes, shape, dtype }: Node,
  inputs: readonly Node[],
): Node {
  const isSame = inputs.every(
    (x, i) => x.dtype === own[i].dtype && sameShape(x.shape, own[i].shape),
  );
  if (!isSame) return makeNode(op, inputs, attributes as never);
  return Object.freeze({ op, inputs, attributes, shape, dtype }) as unknown as Node;
}

const none = Object.freeze({});

/** A value given from outside, known by the identity of this node. */
export function input(name: string, shape: Shape, dtype: DType): InputNode {
  return makeNode("input", [], { name, shape, dtype }) as InputNode;
}

export function constant(data: TensorData, shape: Shape, dtype: DType): ConstantNode {
  return makeNode("constant", [], { data, shape, dtype }) as ConstantNode;
}

/** A constant of shape []. */
export function scalar(value: number, dtype: DType): ConstantNode {
  const data = allocate(dtype, 1);
  data[0] = value;
  return constant(data, [], dtype);
}

/** `value` everywhere. */
export function full(value: number, shape: Shape, dtype: DType): Node {
  return broadcast(scalar(value, dtype), shape);
}

/** `value` in the shape and dtype of `node`. */
export function fullLike(value: number, node: Node): Node {
  return full(value, node.shape, node.dtype);
}

export function iota(axis: number, shape: Shape, dtype: DType): Node {
  return makeNode("iota", [], { axis, shape, dtype });
}

type NoAttributes = {
  [K in Op]: OpAttributes[K] extends Readonly<Record<string, never>> ? K : never;
}[Op];

/** An op that has one operand and no attributes. */
export function unary(op: NoAttributes, x: Node): Node {
  return makeNode(op, [x], none);
}

/** An op of two operands, which are broadcast to their common shape. */
export function binary(op: NoAttributes, a: Node, b: Node): Node {
  const shape = broadcastShapes(a.shape, b.shape, op);
  return makeNode(op, [broadcast(a, shape), broadcast(b, shape)], none);
}

export const add = (a: Node, b: Node): Node => binary("add", a, b);
export const sub = (a: Node, b: Node): Node => binary("sub", a, b);
export const mul = (a: Node, b: Node): Node => binary("mul", a, b);
export const div = (a: Node, b: Node): Node => binary("div", a, b);

export function select(condition: Node, a: Node, b: Node): Node {
  const values = broadcastShapes(a.shape, b.shape, "select");
  const shape = broadcastShapes(condition.shape, values, "select");
  return makeNode(
    "select",
    [broadcast(condition, shape), broadcast(a, shape), broadcast(b, shape)],
    none,
  );
}

export function cast(x: Node, dtype: DType): Node {
  return x.dtype === dtype ? x : makeNode("cast", [x], { dtype });
}

export function reshape(x: Node, shape: Shape): Node {
  return sameShape(x.shape, shape) ? x : makeNode("reshape", [x], { shape });
}

export function permute(x: Node, order: readonly number[]): Node {
  return order.every((axis, i) => axis === i) && order.length === x.shape.length
    ? x
    : makeNode("permute", [x], { order });
}

/** Exchanges the last two axes. */
export function transpose(x: Node): Node {
  const rank = x.shape.length;
  const order = x.shape.map((_, axis) => axis);
  order[rank - 2] = rank - 1;
  order[rank - 1] = rank - 2;
  return permute(x, order);
}

export function broadcast(x: Node, shape: Shape): Node {
  return sameShape(x.shape, shape) ? x : makeNode("broadcast", [x], { shape });
}

/** Sums over `axes`; with `keep`, the reduced axes stay with length 1. */
export function reduceSum(x: Node, axes: readonly number[], keep = false): Node {
  return reduce("reduceSum", x, axes, keep);
}

export function reduce(
  op: "reduceSum" | "reduceMax" | "reduceMin",
  x: Node,
  axes: readonly number[],
  keep = false,
): Node {
  const sorted = normalizeAxes(axes, x.shape.length, op);
  const reduced = sorted.length === 0 ? x : makeNode(op, [x], { axes: sorted });
  if (!keep) return reduced;
  return reshape(reduced, keptShape(x.shape, sorted));
}

/** The extreme elements along `axes`, of equal ones the first takes the gradient. */
export function firstExtremum(
  op: "reduceMax" | "reduceMin",
  x: Node,
  axes: readonly number[],
): Node {
  return axes.length === 0 ? x : makeNode(op, [x], { axes, ties: "first" });
}

/** What was reduced along `axes` put back and repeated there, in `shape`. */
export function spread(reduced: Node, axes: readonly number[], shape: Shape): Node {
  return broadcast(reshape(reduced, keptShape(shape, axes)), shape);
}

/** `shape` with length 1 at `axes`. */
export function keptShape(shape: Shape, axes: readonly number[]): Shape {
  return shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

export function matmul(a: Node, b: Node): Node {
  return makeNode("matmul", [a, b], none);
}

/** Sliding products; see the op. Every list has one entry for each spatial axis; `padding` defaults to none. */
export function convolve(
  x: Node,
  w: Node,
  stride: readonly number[],
  dilation: readonly number[],
  padding: { readonly low: readonly number[]; readonly high: readonly number[] } = {
    low: stride.map(() => 0),
    high: stride.map(() => 0),
  },
): Node {
  return makeNode("convolve", [x, w], { stride, dilation, ...padding });
}

/** The position of each element along some axes, row-major among these, int32. */
export function positionAlong(axes: readonly number[], shape: Shape): Node {
  const strides = stridesOf(axes.map((axis) => shape[axis]));
  const weights = shape.map((_, axis) => (axes.includes(axis) ? strides[axes.indexOf(axis)] : 0));
  return weightedIndex(weights, shape);
}

/** Σ weights[axis] · index along the axis, int32. */
export function weightedIndex(weights: readonly number[], shape: Shape): Node {
  const terms = weights.flatMap((weight, axis) => {
    if (weight === 0) return [];
    const index = iota(axis, shape, "int32");
    return [weight === 1 ? index : mul(index, full(weight, shape, "int32"))];
  });
  return terms.length === 0 ? full(0, shape, "int32") : terms.reduce(add);
}
