/** Graphs as mathematics: every op as a formula for one element, so that layers, losses and optimizers
 * without equations of their own get them from their graph and its gradient rules. */

import type { Node, NodeOf, Op, Shape } from "../../ir/index.ts";
import {
  add,
  and,
  at,
  bracket,
  type Comparison,
  cases,
  compare,
  type Equation,
  type Expression,
  equation,
  fraction,
  type Index,
  isNumber,
  type MathSymbol,
  maximum,
  type NumberArray,
  negative,
  number,
  type Primitive,
  position,
  power,
  primitive,
  reshape,
  subtract,
  sum,
  symbol,
  times,
} from "../math/index.ts";
import { words } from "../words.ts";
import { type Line, line } from "./derivation.ts";
import type { RuleName } from "./rules.ts";

/** A formula for the element of a node at given positions. `inside`: within a sum already. */
type ElementRule<K extends Op> = (
  node: NodeOf<K>,
  indices: readonly Expression[],
  writer: GraphWriter,
  inside: boolean,
) => Expression;

type ElementRules = { readonly [K in Op]: ElementRule<K> };

const named =
  (name: Primitive): ElementRule<Op> =>
  (node, indices, writer, inside) =>
    primitive(name, ...node.inputs.map((operand) => writer.element(operand, indices, inside)));

const operands = (
  node: Node,
  indices: readonly Expression[],
  writer: GraphWriter,
  inside: boolean,
): Expression[] => node.inputs.map((operand) => writer.element(operand, indices, inside));

const comparison =
  (operator: Comparison): ElementRule<Op> =>
  (node, indices, writer, inside) => {
    const [a, b] = operands(node as Node, indices, writer, inside);
    return bracket(compare(a, operator, b));
  };

/** The condition within a bracket, where a condition is read anyway. */
const conditionOf = (x: Expression): Expression =>
  x.type === "bracket" ? x.condition : compare(x, "≠", 0);

/** |x| < ∞ holds for every number that mathematics speaks of. */
const holdsForFinite = (x: Expression): boolean =>
  x.type === "compare" && x.operator === "<" && isNumber(x.right, Number.POSITIVE_INFINITY);

/** A value that no formula gives (a drawn number, a position of a maximum): read from the graph's run. */
const observed: ElementRule<Op> = (node, indices, writer) =>
  at(writer.define(node as Node), indices);

const reduced =
  (
    make: (over: readonly Index[], of: Expression) => Expression,
  ): ElementRule<"reduceSum" | "reduceMax" | "reduceMin"> =>
  (node, indices, writer) => {
    const [x] = node.inputs;
    const { axes } = node.attributes;
    const over = axes.map((axis) => writer.index(x.shape[axis]));
    let kept = 0;
    const all = x.shape.map((_, axis) => {
      const place = axes.indexOf(axis);
      return place >= 0 ? position(over[place]) : indices[kept++];
    });
    return make(over, writer.element(x, all, true));
  };

const elementRules: ElementRules = {
  input: observed,
  constant: ({ attributes, shape }, indices, writer) => {
    const { data } = attributes;
    if (data.every((value) => value === data[0]) && data.length > 0) return number(data[0]);
    return at(writer.constant(data, shape), indices);
  },
  iota: ({ attributes: { axis } }, indices) => indices[axis],
  random: observed,
  neg: (node, indices, writer, inside) => negative(writer.element(node.inputs[0], indices, inside)),
  abs: named("abs"),
  sign: named("sign"),
  exp: named("exp"),
  expm1: (node, indices, writer, inside) =>
    subtract(primitive("exp", writer.element(node.inputs[0], indices, inside)), 1),
  log: named("ln"),
  log1p: (node, indices, writer, inside) =>
    primitive("ln", add(1, writer.element(node.inputs[0], indices, inside))),
  sqrt: named("sqrt"),
  sin: named("sin"),
  cos: named("cos"),
  tanh: named("tanh"),
  sigmoid: (node, indices, writer, inside) => {
    const x = writer.element(node.inputs[0], indices, inside);
    return fraction(1, add(1, primitive("exp", negative(x))));
  },
  erf: named("erf"),
  floor: named("floor"),
  ceil: named("ceil"),
  round: named("round"),
  not: (node, indices, writer, inside) =>
    subtract(1, writer.element(node.inputs[0], indices, inside)),
  cast: (node, indices, writer, inside) => {
    const [x] = node.inputs;
    const value = writer.element(x, indices, inside);
    if (node.dtype === "bool" && x.dtype !== "bool") return bracket(compare(value, "≠", 0));
    const truncates = node.dtype === "int32" && (x.dtype === "float32" || x.dtype === "float64");
    if (!truncates) return value;
    return times(primitive("sign", value), primitive("floor", primitive("abs", value)));
  },
  stopGradient: (node, indices, writer, inside) => writer.element(node.inputs[0], indices, inside),
  add: (node, indices, writer, inside) => add(...operands(node, indices, writer, inside)),
  sub: (node, indices, writer, inside) => {
    const [a, b] = operands(node, indices, writer, inside);
    return subtract(a, b);
  },
  mul: (node, indices, writer, inside) => {
    const [a, b] = operands(node, indices, writer, inside);
    return node.inputs[0] === node.inputs[1] ? power(a, 2) : times(a, b);
  },
  div: (node, indices, writer, inside) => {
    const [a, b] = operands(node, indices, writer, inside);
    return fraction(a, b);
  },
  pow: (node, indices, writer, inside) => {
    const [a, b] = operands(node, indices, writer, inside);
    return power(a, b);
  },
  max: named("max"),
  min: named("min"),
  eq: comparison("="),
  ne: comparison("≠"),
  lt: comparison("<"),
  le: comparison("≤"),
  gt: comparison(">"),
  ge: comparison("≥"),
  and: (node, indices, writer, inside) =>
    bracket(and(...operands(node, indices, writer, inside).map(conditionOf))),
  or: named("max"),
  select: (node, indices, writer, inside) => {
    const [condition, a, b] = operands(node, indices, writer, inside);
    if (holdsForFinite(conditionOf(condition))) return a;
    return cases([{ value: a, condition: conditionOf(condition) }], b);
  },
  reshape: (node, indices, writer, inside) => {
    const [x] = node.inputs;
    const direct = withoutOnes(x.shape).join() === withoutOnes(node.shape).join();
    if (!direct) return at(reshape(symbol(writer.define(x)), node.shape), indices);
    const kept = indices.filter((_, axis) => node.shape[axis] !== 1);
    return writer.element(
      x,
      x.shape.map((length) => (length === 1 ? number(0) : kept.shift()!)),
      inside,
    );
  },
  permute: (node, indices, writer, inside) => {
    const { order } = node.attributes;
    return writer.element(
      node.inputs[0],
      order.map((_, axis) => indices[order.indexOf(axis)]),
      inside,
    );
  },
  broadcast: (node, indices, writer, inside) => {
    const [x] = node.inputs;
    const added = node.shape.length - x.shape.length;
    return writer.element(
      x,
      x.shape.map((length, axis) => (length === 1 ? number(0) : indices[axis + added])),
      inside,
    );
  },
  slice: ({ inputs: [x], attributes: { start, step } }, indices, writer, inside) =>
    writer.element(
      x,
      indices.map((index, axis) => add(times(step[axis], index), start[axis])),
      inside,
    ),
  pad: ({ inputs: [x], attributes: { low, interior, value } }, indices, writer) =>
    at(
      symbol(writer.define(x)),
      indices.map((index, axis) => fraction(subtract(index, low[axis]), interior[axis] + 1)),
      value,
    ),
  flip: ({ inputs: [x], attributes: { axes } }, indices, writer, inside) =>
    writer.element(
      x,
      indices.map((index, axis) =>
        axes.includes(axis) ? subtract(x.shape[axis] - 1, index) : index,
      ),
      inside,
    ),
  concatenate: ({ inputs, attributes: { axis } }, indices, writer, inside) => {
    let start = 0;
    const parts = inputs.map((part) => {
      const own = indices.map((index, i) => (i === axis ? subtract(index, start) : index));
      start += part.shape[axis];
      return { value: writer.element(part, own, inside), end: start };
    });
    const last = parts.pop()!;
    return cases(
      parts.map(({ value, end }) => ({ value, condition: compare(indices[axis], "<", end) })),
      last.value,
    );
  },
  reduceSum: reduced(sum),
  reduceMax: reduced(maximum),
  reduceMin: reduced((over, of) => negative(maximum(over, negative(of)))),
  argMax: observed,
  argMin: observed,
  matmul: ({ inputs: [a, b] }, indices, writer) => {
    const k = writer.index(b.shape[b.shape.length - 2]);
    const lead = indices.slice(0, -2);
    const [row, column] = indices.slice(-2);
    return sum(
      [k],
      times(
        writer.element(a, [...lead, row, position(k)], true),
        writer.element(b, [...lead, position(k), column], true),
      ),
    );
  },
  convolve: ({ inputs: [x, w], attributes: { stride, dilation } }, indices, writer) => {
    const taps = stride.map((_, axis) => writer.index(w.shape[axis]));
    const channel = writer.index(x.shape[stride.length + 1]);
    const [sample, ...rest] = indices;
    const out = rest[stride.length];
    const places = stride.map((step, axis) =>
      add(times(step, rest[axis]), times(dilation[axis], position(taps[axis]))),
    );
    return sum(
      [...taps, channel],
      times(
        writer.element(x, [sample, ...places, position(channel)], true),
        writer.element(w, [...taps.map(position), position(channel), out], true),
      ),
    );
  },
  gather: ({ inputs: [x, rows] }, indices, writer, inside) => {
    const rank = rows.shape.length;
    const row = writer.element(rows, indices.slice(0, rank), inside);
    return at(symbol(writer.define(x)), [row, ...indices.slice(rank)], 0);
  },
  scatterAdd: ({ inputs: [rows, updates] }, indices, writer) => {
    const over = rows.shape.map((length) => writer.index(length));
    const places = over.map(position);
    return sum(
      over,
      times(
        bracket(compare(writer.element(rows, places, true), "=", indices[0])),
        writer.element(updates, [...places, ...indices.slice(1)], true),
      ),
    );
  },
};

const withoutOnes = (shape: Shape) => shape.filter((length) => length !== 1);

const freeNames = ["i", "j", "k", "l"];
const boundNames = ["r", "s", "t", "p", "q", "u", "v", "g"];

/** Turns nodes into equations, in order: what is used twice, or summed within a sum, gets a name. */
export class GraphWriter {
  readonly #known: Map<Node, MathSymbol>;
  readonly #uses: ReadonlyMap<Node, number>;
  readonly #name: (n: number) => Pick<MathSymbol, "key" | "letter" | "layer" | "mark">;
  readonly #rule: RuleName;
  #lines: Line[] = [];
  #count = 0;
  #bound = 0;
  /** Values that only the graph's run gives, by key. */
  readonly observed = new Map<string, Node>();
  readonly constants = new Map<string, NumberArray>();
  /** Every name that was given on the way. */
  readonly quantities: MathSymbol[] = [];

  constructor(
    known: ReadonlyMap<Node, MathSymbol>,
    outputs: readonly Node[],
    name: (n: number) => Pick<MathSymbol, "key" | "letter" | "layer" | "mark">,
    rule: RuleName = "graphRule",
  ) {
    this.#known = new Map(known);
    this.#uses = countUses(outputs);
    this.#name = name;
    this.#rule = rule;
  }

  /** A fresh index for a sum. */
  index(size: number): Index {
    const name = boundNames[this.#bound % boundNames.length];
    const round = Math.floor(this.#bound / boundNames.length);
    this.#bound++;
    return { name: name + "′".repeat(round), size, base: 0 };
  }

  /** The element of a node at some positions. */
  element(node: Node, indices: readonly Expression[], inside: boolean): Expression {
    const known = this.#known.get(node);
    if (known !== undefined) return at(known, indices);
    if (this.#deservesName(node, inside)) return at(this.define(node), indices);
    const rule = elementRules[node.op] as ElementRule<Op>;
    return rule(node as NodeOf<Op>, indices, this, inside);
  }

  #deservesName(node: Node, inside: boolean): boolean {
    const isSum = [
      "reduceSum",
      "reduceMax",
      "reduceMin",
      "matmul",
      "convolve",
      "scatterAdd",
    ].includes(node.op);
    if (isSum && inside) return true;
    const isPlain =
      node.inputs.length === 0 ||
      ["reshape", "permute", "broadcast", "slice", "cast", "stopGradient", "neg"].includes(node.op);
    return !isPlain && (this.#uses.get(node) ?? 0) > 1;
  }

  /** A name for the node's value; its equation is put before what uses it. */
  define(node: Node): MathSymbol {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const s = this.#symbolFor(node);
    this.#known.set(node, s);
    if (
      node.op === "input" ||
      node.op === "random" ||
      node.op === "argMax" ||
      node.op === "argMin"
    ) {
      this.observed.set(s.key, node);
      return s;
    }
    this.#lines.push(line(this.equationOf(s, node), this.#rule));
    return s;
  }

  /** target = the node's formula, for all indices. */
  equationOf(target: MathSymbol | (Expression & { type: "partial" }), node: Node): Equation {
    const outer = this.#bound;
    this.#bound = 0;
    const indices = node.shape.map(
      (size, axis): Index => ({ name: freeNames[axis] ?? `i${axis}`, size, base: 0 }),
    );
    const rule = elementRules[node.op] as ElementRule<Op>;
    const known = this.#known.get(node);
    const places = indices.map(position);
    const isSelf = known !== undefined && "key" in target && known.key === target.key;
    const right =
      known !== undefined && !isSelf
        ? at(known, places)
        : rule(node as NodeOf<Op>, places, this, false);
    this.#bound = outer;
    return equation(target, indices, right);
  }

  /** The formula of one element of the node, with the indices it is for. */
  elementOf(node: Node): { readonly indices: readonly Index[]; readonly element: Expression } {
    this.#bound = 0;
    const indices = node.shape.map(
      (size, axis): Index => ({ name: freeNames[axis] ?? `i${axis}`, size, base: 0 }),
    );
    return { indices, element: this.element(node, indices.map(position), false) };
  }

  /** The equations of the names given since the last call. */
  takeLines(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  constant(data: ArrayLike<number>, shape: Shape): MathSymbol {
    const s = this.#newSymbol(shape, "c");
    this.constants.set(s.key, { shape, data: Float64Array.from(data) });
    return s;
  }

  #symbolFor(node: Node): MathSymbol {
    return this.#newSymbol(node.shape);
  }

  #newSymbol(shape: Shape, letter?: string): MathSymbol {
    this.#count++;
    const base = this.#name(this.#count);
    const s: MathSymbol = {
      ...base,
      ...(letter && { letter, key: `${base.key}.${letter}` }),
      shape,
      meaning: words("intermediate value", "中间量"),
    };
    this.quantities.push(s);
    return s;
  }
}

function countUses(outputs: readonly Node[]): Map<Node, number> {
  const uses = new Map<Node, number>();
  const visit = (node: Node): void => {
    const count = uses.get(node) ?? 0;
    uses.set(node, count + 1);
    if (count === 0) node.inputs.forEach(visit);
  };
  outputs.forEach(visit);
  return uses;
}
