/** Symbolic arithmetic on graphs: values as sums of products of factors, each factor a node or a sum. */

import {
  build,
  type DType,
  isFloat,
  makeNode,
  type Node,
  type Shape,
  sizeOf,
} from "../ir/index.ts";
import { type UniqueNodes, uniformValue } from "./simplify.ts";

/** coefficient · Π factor ^ exponent; factors by number. */
export interface Monomial {
  readonly coefficient: number;
  readonly factors: ReadonlyMap<number, number>;
}

/** A sum of monomials with distinct factors. */
export type Polynomial = readonly Monomial[];

/** A value that is not taken apart. Its shape has all axes of the values that it is a factor of, those
 * along which it does not vary with length 1. */
interface Factor {
  readonly shape: Shape;
  /** undefined for a sum that no node stands for. */
  readonly node: Node | undefined;
}

/** Longer sums than these are not taken apart. */
const mostTerms = 24;

/** Coefficients of terms that cancel differ by their own roundings only. */
const relativeRounding = 1e-12;

export class Monomials {
  readonly #unique: UniqueNodes;
  readonly #isExpanding: boolean;
  readonly #factors: Factor[] = [];
  readonly #numbers = new Map<Node | string, number>();
  readonly #known = new Map<Node, Polynomial>();

  /** @param options.expand whether sums are taken apart into their terms, or are factors. */
  constructor(unique: UniqueNodes, { expand }: { readonly expand: boolean }) {
    this.#unique = unique;
    this.#isExpanding = expand;
  }

  /** The value as one product, if it is one other than 0. */
  productOf(node: Node): Monomial | undefined {
    const terms = this.#termsOf(node);
    return terms.length === 1 ? terms[0] : undefined;
  }

  /** Σ over `axes`, which stay with length 1: what does not vary along them is counted, the other products
   * are summed, each a factor of its own. */
  sumOf(node: Node, axes: readonly number[]): Polynomial {
    return added(
      this.#termsOf(node).map((term) => {
        const { varying, constant } = this.split(term, axes);
        if (varying.factors.size === 0) {
          const count = axes.reduce((product, axis) => product * node.shape[axis], 1);
          return { ...constant, coefficient: constant.coefficient * count };
        }
        const shape = build.keptShape(node.shape, axes);
        const sum = this.#numberOf(`sum of ${this.keyOf(varying)} over ${axes}`, {
          shape: shape.map((length, axis) => (this.#varies(varying, axis) ? length : 1)),
          node: undefined,
        });
        return multiplied(constant, { coefficient: 1, factors: new Map([[sum, 1]]) });
      }),
    );
  }

  /** The factors that vary along some of `axes`, and the others with the coefficient. */
  split(
    { coefficient, factors }: Monomial,
    axes: readonly number[],
  ): { readonly varying: Monomial; readonly constant: Monomial } {
    const varies = (factor: number) => axes.some((axis) => this.#factors[factor].shape[axis] !== 1);
    const those = (isVarying: boolean) =>
      new Map([...factors].filter(([factor]) => varies(factor) === isVarying));
    return {
      varying: { coefficient: 1, factors: those(true) },
      constant: { coefficient, factors: those(false) },
    };
  }

  /** A text that products of the same factors share. */
  keyOf({ factors }: Monomial): string {
    return keyOf(factors);
  }

  /** The product as a node of the given shape; it has at least one factor in the numerator or 1 stands
   * for it. */
  nodeOf({ coefficient, factors }: Monomial, shape: Shape, dtype: DType): Node {
    const ordered = [...factors].sort(([a], [b]) => a - b);
    const first = ordered.find(([, exponent]) => exponent > 0);
    const start =
      first === undefined
        ? build.full(1, shape, dtype)
        : build.broadcast(this.#factors[first[0]].node!, shape);
    const rest = new Map(factors);
    if (first !== undefined) rest.set(first[0], first[1] - 1);
    return this.times(start, { coefficient, factors: rest }, shape, dtype);
  }

  /** node · product. */
  times(node: Node, { coefficient, factors }: Monomial, shape: Shape, dtype: DType): Node {
    let result = node;
    for (const [factor, exponent] of [...factors].sort(([a], [b]) => a - b)) {
      const other = build.broadcast(this.#factors[factor].node!, shape);
      for (let i = 0; i < Math.abs(exponent); i++) {
        result = this.#unique.of(build.binary(exponent > 0 ? "mul" : "div", result, other));
      }
    }
    if (coefficient === 1) return result;
    if (coefficient === -1) return this.#unique.of(build.unary("neg", result));
    return this.#unique.of(build.mul(result, build.scalar(coefficient, dtype)));
  }

  #varies({ factors }: Monomial, axis: number): boolean {
    return [...factors.keys()].some((factor) => this.#factors[factor].shape[axis] !== 1);
  }

  #termsOf(node: Node): Polynomial {
    let terms = this.#known.get(node);
    if (terms === undefined) {
      terms = this.#expanded(node) ?? this.#factor(node);
      if (terms.length > mostTerms) terms = this.#factor(node);
      this.#known.set(node, terms);
    }
    return terms;
  }

  #factor(node: Node): Polynomial {
    const unique = this.#unique.of(node);
    const factor = this.#numberOf(unique, { shape: node.shape, node: unique });
    return [{ coefficient: 1, factors: new Map([[factor, 1]]) }];
  }

  #numberOf(key: Node | string, factor: Factor): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#factors.push(factor) - 1;
      this.#numbers.set(key, number);
    }
    return number;
  }

  /** The terms of a value by the op that computes it; undefined for what is a factor. */
  #expanded(node: Node): Polynomial | undefined {
    if (!isFloat(node.dtype)) return undefined;
    const uniform = uniformValue(node);
    if (uniform !== undefined) {
      if (!Number.isFinite(uniform)) return undefined;
      return uniform === 0 ? [] : [{ coefficient: uniform, factors: new Map() }];
    }
    const [a, b] = node.inputs;
    switch (node.op) {
      case "broadcast":
        return this.#termsOf(this.#reshaped(a, withAxes(a.shape, node.shape.length)));
      case "reshape":
        return this.#expandedReshape(node, a);
      case "neg":
        return this.#termsOf(a).map(negated);
      case "add":
        if (!this.#isExpanding && a !== b) return undefined;
        return added([...this.#termsOf(a), ...this.#termsOf(b)]);
      case "sub":
        if (!this.#isExpanding) return undefined;
        return added([...this.#termsOf(a), ...this.#termsOf(b).map(negated)]);
      case "mul": {
        const [left, right] = [this.#termsOf(a), this.#termsOf(b)];
        if (left.length * right.length > mostTerms) return undefined;
        return added(left.flatMap((x) => right.map((y) => multiplied(x, y))));
      }
      case "div": {
        const divisor = this.#termsOf(b);
        if (divisor.length !== 1) return this.#divided(a, this.#factor(b)[0]);
        return this.#divided(a, divisor[0]);
      }
      default:
        return undefined;
    }
  }

  #divided(node: Node, divisor: Monomial): Polynomial {
    return added(this.#termsOf(node).map((term) => multiplied(term, inverse(divisor))));
  }

  /** A reshape of elementwise work is that work on reshapes; a sum may be one that kept its axes. */
  #expandedReshape(node: Node, operand: Node): Polynomial | undefined {
    switch (operand.op) {
      case "reshape":
        return this.#termsOf(this.#reshaped(operand.inputs[0], node.shape));
      case "neg":
      case "add":
      case "sub":
      case "mul":
      case "div": {
        const inputs = operand.inputs.map((input) => this.#reshaped(input, node.shape));
        return this.#expanded(makeNode(operand.op, inputs, {}));
      }
      case "broadcast": {
        const [value] = operand.inputs;
        if (sizeOf(value.shape) === 1) {
          return this.#termsOf(
            this.#reshaped(
              value,
              node.shape.map(() => 1),
            ),
          );
        }
        return undefined;
      }
      case "reduceSum": {
        if (!this.#isExpanding) return undefined;
        const [summed] = operand.inputs;
        const { axes } = operand.attributes;
        const kept = build.keptShape(summed.shape, axes);
        if (`${kept}` !== `${node.shape}`) return undefined;
        return this.sumOf(summed, axes);
      }
      default:
        return undefined;
    }
  }

  #reshaped(node: Node, shape: Shape): Node {
    const merged = node.op === "reshape" ? node.inputs[0] : node;
    return this.#unique.of(build.reshape(merged, shape));
  }
}

/** The shape with leading axes of length 1, `rank` in all. */
function withAxes(shape: Shape, rank: number): Shape {
  return [...new Array<number>(rank - shape.length).fill(1), ...shape];
}

function keyOf(factors: ReadonlyMap<number, number>): string {
  return [...factors]
    .sort(([a], [b]) => a - b)
    .map(([factor, exponent]) => `${factor}^${exponent}`)
    .join("·");
}

function negated({ coefficient, factors }: Monomial): Monomial {
  return { coefficient: -coefficient, factors };
}

function inverse({ coefficient, factors }: Monomial): Monomial {
  const inverted = new Map([...factors].map(([factor, exponent]) => [factor, -exponent]));
  return { coefficient: 1 / coefficient, factors: inverted };
}

function multiplied(a: Monomial, b: Monomial): Monomial {
  const factors = new Map(a.factors);
  for (const [factor, exponent] of b.factors) {
    const total = (factors.get(factor) ?? 0) + exponent;
    if (total === 0) factors.delete(factor);
    else factors.set(factor, total);
  }
  return { coefficient: a.coefficient * b.coefficient, factors };
}

/** Terms of the same factors become one; those that cancel go. */
function added(terms: readonly Monomial[]): Polynomial {
  const sums = new Map<string, { term: Monomial; coefficient: number; largest: number }>();
  for (const term of terms) {
    const key = keyOf(term.factors);
    const { coefficient, largest } = sums.get(key) ?? { coefficient: 0, largest: 0 };
    sums.set(key, {
      term,
      coefficient: coefficient + term.coefficient,
      largest: Math.max(largest, Math.abs(term.coefficient)),
    });
  }
  return [...sums.values()]
    .filter(({ coefficient, largest }) => Math.abs(coefficient) > relativeRounding * largest)
    .map(({ term: { factors }, coefficient }) => ({ coefficient, factors }));
}
