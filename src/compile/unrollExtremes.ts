/** Maxima and minima over a few elements, such as those of pooling windows, are written out: several of the
 * same windows (the largest element, and where it is) are then computed in one loop. */

import {
  build,
  consumersOf,
  makeNode,
  type Node,
  type NodeOf,
  opKinds,
  rewrite,
  type Shape,
  sizeOf,
} from "../ir/index.ts";
import { attaining, needsSameBits } from "./sameBits.ts";
import { uniformValue } from "./simplify.ts";

/** Elements that are written out. */
const mostElements = 9;

export function unrollExtremes(outputs: readonly Node[]): Node[] {
  const places = new Places();
  let consumers: ReadonlyMap<Node, readonly Node[]> | undefined;
  return rewrite(outputs, (node, original) => {
    if (node.op !== "reduceMax" && node.op !== "reduceMin") return node;
    const [x] = node.inputs;
    const { axes } = node.attributes;
    const count = sizeOf(axes.map((axis) => x.shape[axis]));
    // Along the last axis the lanes of a vector lie.
    const isInnermost = axes.includes(x.shape.length - 1);
    if (isInnermost || count > mostElements || count < 2) return node;
    consumers ??= consumersOf(outputs);
    if (needsSameBits(original.inputs[0], attaining, consumers)) places.whole.add(x);
    const combine = node.op === "reduceMax" ? "max" : "min";
    return placesOf(axes, x.shape)
      .map((place) => places.at(x, axes, place))
      .reduce((best, element) => build.binary(combine, best, element));
  });
}

/** Every index into the axes, in row-major order. */
function placesOf(axes: readonly number[], shape: Shape): number[][] {
  return axes.reduce<number[][]>(
    (all, axis) =>
      all.flatMap((place) => Array.from({ length: shape[axis] }, (_, i) => [...place, i])),
    [[]],
  );
}

/** Nodes at one place of some axes, which go. */
class Places {
  /** Nodes of which slices are taken, instead of computing them from slices of their operands. */
  readonly whole = new Set<Node>();
  readonly #known = new Map<Node, Map<string, Node>>();

  at(node: Node, axes: readonly number[], place: readonly number[]): Node {
    const key = `${axes} ${place}`;
    let known = this.#known.get(node);
    if (known === undefined) {
      known = new Map();
      this.#known.set(node, known);
    }
    let result = known.get(key);
    if (result === undefined) {
      result = this.#build(node, axes, place);
      known.set(key, result);
    }
    return result;
  }

  #build(node: Node, axes: readonly number[], place: readonly number[]): Node {
    const { shape, dtype } = node;
    const kept = shape.filter((_, axis) => !axes.includes(axis));
    const value = uniformValue(node);
    if (value !== undefined) return build.full(value, kept, dtype);
    if (opKinds[node.op] === "elementwise" && !this.whole.has(node)) {
      const inputs = node.inputs.map((input) => this.at(input, axes, place));
      return makeNode(node.op, inputs, node.attributes as never);
    }
    if (node.op === "iota") {
      const { axis } = node.attributes;
      if (axes.includes(axis)) return build.full(place[axes.indexOf(axis)], kept, dtype);
      return build.iota(axis - axes.filter((gone) => gone < axis).length, kept, dtype);
    }
    if (node.op === "broadcast") {
      const repeated = withoutRepeated(node, axes);
      if (repeated !== undefined) return build.broadcast(repeated, kept);
    }
    const start = shape.map((_, axis) => (axes.includes(axis) ? place[axes.indexOf(axis)] : 0));
    const size = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const step = shape.map(() => 1);
    return build.reshape(makeNode("slice", [node], { start, size, step }), kept);
  }
}

/** The operand of a broadcast that repeats along all of the axes, without these. */
function withoutRepeated(
  { shape, inputs: [operand] }: NodeOf<"broadcast">,
  axes: readonly number[],
): Node | undefined {
  const added = shape.length - operand.shape.length;
  const own = axes.filter((axis) => axis >= added).map((axis) => axis - added);
  if (own.some((axis) => operand.shape[axis] !== 1)) return undefined;
  let source = operand;
  const kept = operand.shape.filter((_, axis) => !own.includes(axis));
  while (source.op === "reshape") source = source.inputs[0];
  return build.reshape(source, kept);
}
