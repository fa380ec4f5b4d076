/** Values routed to one place of each window, with zeros elsewhere: the gradient of max pooling.
 *
 *     routed[…] = values[without the windows' axes] where Σ weights · index along these = places, else 0
 */

import { build, type Node, type Shape, sameShape } from "../ir/index.ts";
import { axisGroups } from "./reshape.ts";
import { uniformValue } from "./simplify.ts";

export interface Routed {
  readonly shape: Shape;
  /** The axes along a window. */
  readonly axes: readonly number[];
  /** Of each of them. */
  readonly weights: readonly number[];
  /** Of the shape without these axes. */
  readonly values: Node;
  /** int32, of that shape. */
  readonly places: Node;
}

/** Reads a node as a routed value. */
export function routedOf(node: Node): Routed | undefined {
  if (node.op !== "select" || uniformValue(node.inputs[2]) !== 0) return undefined;
  const [condition, spreadValues] = node.inputs;
  if (condition.op !== "eq") return undefined;
  const [position, spreadPlaces] = condition.inputs;
  const all = indexWeights(position);
  if (all === undefined) return undefined;
  const axes = all.flatMap((weight, axis) => (weight === 0 ? [] : [axis]));
  const values = unspread(spreadValues, axes);
  const places = unspread(spreadPlaces, axes);
  if (axes.length === 0 || values === undefined || places === undefined) return undefined;
  return { shape: node.shape, axes, weights: axes.map((axis) => all[axis]), values, places };
}

/** The node that `routedOf` reads. */
export function route({ shape, axes, weights, values, places }: Routed): Node {
  const position = build.weightedIndex(overAxes(axes, weights, shape), shape);
  const condition = build.binary("eq", position, build.spread(places, axes, shape));
  const zero = build.full(0, shape, values.dtype);
  return build.select(condition, build.spread(values, axes, shape), zero);
}

/** Where a maximum is found first in each window. */
export interface Winner {
  readonly x: Node;
  /** The maximum of x along the windows' axes. */
  readonly largest: Node;
  /** Whether an element of x is less than its window's maximum. */
  readonly isBeaten: Node;
}

/** Reads places as those of the first largest elements of windows. */
export function winnerOf({ places, axes, weights, shape }: Routed): Winner | undefined {
  if (places.op !== "reduceMin" || !sameShape(places.attributes.axes, axes)) return undefined;
  const [candidates] = places.inputs;
  if (candidates.op !== "select") return undefined;
  const [isBeaten, none, position] = candidates.inputs;
  const codes = indexWeights(position);
  const isCoded = codes && sameShape(codes, overAxes(axes, weights, shape));
  if (isBeaten.op !== "lt" || !isCoded || uniformValue(none) === undefined) return undefined;
  const [x, spreadLargest] = isBeaten.inputs;
  const largest = unspread(spreadLargest, axes);
  const isMaximum =
    largest?.op === "reduceMax" &&
    largest.inputs[0] === x &&
    sameShape(largest.attributes.axes, axes);
  return isMaximum ? { x, largest, isBeaten } : undefined;
}

/** The greatest place, and more: that of an element that does not win. */
const nowhere = 2 ** 31 - 1;

/** The same routed value with other weights of its places, if these keep their order. */
export function withWeights(
  routed: Routed,
  winner: Winner,
  weights: readonly number[],
): Routed | undefined {
  const { axes, shape } = routed;
  const lengths = axes.map((axis) => shape[axis]);
  if (!areRowMajor(weights, lengths)) return undefined;
  const position = build.weightedIndex(overAxes(axes, weights, shape), shape);
  const candidates = build.select(winner.isBeaten, build.fullLike(nowhere, position), position);
  return { ...routed, weights, places: build.reduce("reduceMin", candidates, axes) };
}

/** Whether places grow in row-major order. */
function areRowMajor(weights: readonly number[], lengths: readonly number[]): boolean {
  let reach = 0;
  for (let i = weights.length - 1; i >= 0; i--) {
    if (weights[i] <= reach) return false;
    reach += weights[i] * (lengths[i] - 1);
  }
  return true;
}

/** A routed value seen with the axes of its windows joined to others, and in another order. */
export interface RoutedView {
  readonly routed: Routed;
  /** The axes of the routed value that each axis of the view joins. */
  readonly groups: readonly (readonly number[])[];
}

export function routedView(node: Node): RoutedView | undefined {
  if (node.op === "permute") {
    const inner = routedView(node.inputs[0]);
    return inner && { ...inner, groups: node.attributes.order.map((axis) => inner.groups[axis]) };
  }
  const source = node.op === "reshape" ? node.inputs[0] : node;
  const routed = routedOf(source);
  const groups = routed && axisGroups(source.shape, node.shape);
  return routed && groups && { routed, groups };
}

/** The view with another routed value of the same shape in it. */
export function replaceRouted(node: Node, routed: Routed): Node {
  if (node.op === "permute") {
    return build.permute(replaceRouted(node.inputs[0], routed), node.attributes.order);
  }
  return build.reshape(route(routed), node.shape);
}

/** The node without the axes along which it repeats. */
function unspread(node: Node, axes: readonly number[]): Node | undefined {
  const kept = node.shape.filter((_, axis) => !axes.includes(axis));
  const value = uniformValue(node);
  if (value !== undefined) return build.full(value, kept, node.dtype);
  if (node.op !== "broadcast") return undefined;
  let [operand] = node.inputs;
  const added = node.shape.length - operand.shape.length;
  const isSpread = node.shape.every((length, axis) => {
    const own = axis < added ? 1 : operand.shape[axis - added];
    return own === (axes.includes(axis) ? 1 : length);
  });
  if (!isSpread) return undefined;
  while (operand.op === "reshape") operand = operand.inputs[0];
  return build.reshape(operand, kept);
}

/** The weights w of a node that is Σ w[axis] · index along the axis. */
function indexWeights(node: Node): number[] | undefined {
  if (node.op === "iota") return node.shape.map((_, axis) => Number(axis === node.attributes.axis));
  const [a, b] = node.inputs;
  if (node.op === "add") {
    const [left, right] = [indexWeights(a), indexWeights(b)];
    return left && right && left.map((weight, axis) => weight + right[axis]);
  }
  if (node.op === "mul") {
    const factor = uniformValue(b);
    return factor === undefined ? undefined : indexWeights(a)?.map((weight) => factor * weight);
  }
  return undefined;
}

function overAxes(axes: readonly number[], weights: readonly number[], shape: Shape): number[] {
  return shape.map((_, axis) => (axes.includes(axis) ? weights[axes.indexOf(axis)] : 0));
}
