/** The values that a random graph has so far, with their numbers in float64. */

import { type ReferenceRule, referenceRules } from "../../src/backend/reference/index.ts";
import {
  allocate,
  build,
  type DType,
  type InputNode,
  isFloat,
  type Node,
  type Op,
  type Shape,
  sizeOf,
  type TensorData,
  topologicalOrder,
} from "../../src/ir/index.ts";
import type { Generator } from "../../src/util/index.ts";

/** Lengths that fill vectors of 2, 4 and 8 lanes, and lengths that leave tails. */
const lengths = [1, 3, 4, 5, 7, 8, 17];

/** Larger values are scaled down, so that rounding errors stay comparable over a whole graph. */
const largestMagnitude = 8;

/** Elements of the largest value. */
const largestSize = 2500;

/** How far apart two numbers must be for a comparison of them to be the same in float32. */
const margin = 0.01;

export class Pool {
  readonly generator: Generator;
  readonly inputs: InputNode[] = [];
  readonly #values = new Map<Node, TensorData>();
  readonly #members: Node[] = [];

  constructor(generator: Generator) {
    this.generator = generator;
  }

  get members(): readonly Node[] {
    return this.#members;
  }

  valueOf(node: Node): TensorData {
    return this.#values.get(node)!;
  }

  /** The numbers of a node that is not a member (yet). */
  compute(node: Node): TensorData {
    for (const part of topologicalOrder([node])) {
      if (this.#values.has(part)) continue;
      const rule = referenceRules[part.op] as ReferenceRule<Op>;
      const operands = part.inputs.map((operand) => this.valueOf(operand));
      this.#values.set(part, rule(part, operands));
    }
    return this.valueOf(node);
  }

  /** Takes a node in, scaled down when its values are large; not when they are not finite. */
  accept(node: Node): Node | undefined {
    if (sizeOf(node.shape) > largestSize) return undefined;
    const largest = largestMagnitudeOf(this.compute(node));
    if (!Number.isFinite(largest)) return undefined;
    if (!isFloat(node.dtype) || largest <= largestMagnitude) {
      this.#members.push(node);
      return node;
    }
    // A power of two: scaling is exact.
    const factor = 2 ** -Math.ceil(Math.log2(largest / largestMagnitude));
    const scaled = build.mul(node, build.fullLike(factor, node));
    this.compute(scaled);
    this.#members.push(scaled);
    return scaled;
  }

  chance(probability: number): boolean {
    return this.generator.uniform() < probability;
  }

  choose<T>(list: readonly T[]): T {
    return list[this.generator.integer(list.length)];
  }

  shape(rank = this.generator.integer(4)): Shape {
    const shape = Array.from({ length: rank }, () => this.choose(lengths));
    return sizeOf(shape) > largestSize ? this.shape(rank) : shape;
  }

  /** A value of the given type, mostly one of the latest; a fresh input where none fits. */
  pick(dtype: DType, fits: (node: Node) => boolean = () => true): Node {
    const candidates = this.#members.filter((node) => node.dtype === dtype && fits(node));
    if (candidates.length === 0 || this.chance(0.1)) {
      for (let attempt = 0; ; attempt++) {
        const node = build.input(`x${this.inputs.length}`, this.shape(), dtype);
        if (fits(node)) return this.input(node);
        if (attempt > 1000) throw new Error("pick: no shape fits");
      }
    }
    const latest = candidates.slice(-6);
    return this.choose(this.chance(0.7) ? latest : candidates);
  }

  /** A value that combines elementwise with `other`: its shape, or one that broadcasts to it. */
  partner(other: Node, dtype: DType = other.dtype): Node {
    const broadcasts = (shape: Shape) =>
      shape.length <= other.shape.length &&
      shape.every((length, i) => {
        const target = other.shape[i + other.shape.length - shape.length];
        return length === target || length === 1;
      });
    const candidates = this.#members.filter(
      (node) => node.dtype === dtype && node !== other && broadcasts(node.shape),
    );
    if (candidates.length > 0 && this.chance(0.8)) return this.choose(candidates);
    const dropped = other.shape.slice(this.chance(0.3) ? this.generator.integer(2) : 0);
    const shape = dropped.map((length) => (this.chance(0.15) ? 1 : length));
    return this.input(build.input(`x${this.inputs.length}`, shape, dtype));
  }

  /** Takes in an input with fresh values, which float32 holds exactly. */
  input(node: InputNode): InputNode {
    const data = allocate(node.dtype, sizeOf(node.shape));
    for (let i = 0; i < data.length; i++) {
      const u = this.generator.uniform();
      if (node.dtype === "bool") data[i] = u < 0.5 ? 0 : 1;
      else if (node.dtype === "int32") data[i] = Math.floor(24 * u) - 4;
      else data[i] = Math.fround(4 * u - 2);
    }
    this.inputs.push(node);
    this.#values.set(node, data);
    this.#members.push(node);
    return node;
  }

  /** Whether all elements of x keep a margin from where `distance` is 0. */
  keepsMargin(x: Node, distance: (value: number) => number): boolean {
    return this.compute(x).every((value: number) => Math.abs(distance(value)) > margin);
  }

  /** Whether a and b, broadcast, differ by a margin everywhere; integers are exact anyway. */
  areApart(a: Node, b: Node): boolean {
    return !isFloat(a.dtype) || this.keepsMargin(build.sub(a, b), (value) => value);
  }

  smallest(x: Node): number {
    return fold(this.compute(x), Infinity, Math.min);
  }

  largest(x: Node): number {
    return fold(this.compute(x), -Infinity, Math.max);
  }
}

function fold(data: TensorData, start: number, combine: (a: number, b: number) => number): number {
  let result = start;
  for (const value of data) result = combine(result, value);
  return result;
}

/** max |x|, NaN if there is one, 0 of nothing. */
export function largestMagnitudeOf(data: TensorData): number {
  return fold(data, 0, (max, value) => Math.max(max, Math.abs(value)));
}
