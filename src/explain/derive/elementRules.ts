/** Every op as a formula for one element. */

import { evaluate } from "../../backend/reference/index.ts";
import type { Node, NodeOf, Op, Shape } from "../../ir/index.ts";
import { choiceOf, onNumbers } from "../choice.ts";
import {
  add,
  and,
  at,
  bracket,
  type Comparison,
  cases,
  compare,
  type Expression,
  fraction,
  type Index,
  isNumber,
  type MathSymbol,
  maximum,
  minimum,
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

/** A formula for the element of a node at given positions. `inside`: within a sum already. */
export type ElementRule<K extends Op> = (
  node: NodeOf<K>,
  indices: readonly Expression[],
  writer: ElementWriter,
  inside: boolean,
) => Expression;

/** Elements of other nodes, and names for what has no formula of its own. */
export interface ElementWriter {
  element(node: Node, indices: readonly Expression[], inside: boolean): Expression;
  /** A name for the node's value. */
  define(node: Node): MathSymbol;
  /** A fresh index for a sum. */
  index(size: number): Index;
  constant(data: ArrayLike<number>, shape: Shape): MathSymbol;
}

type ElementRules = { readonly [K in Op]: ElementRule<K> };

const named =
  (name: Primitive): ElementRule<Op> =>
  (node, indices, writer, inside) =>
    primitive(name, ...node.inputs.map((operand) => writer.element(operand, indices, inside)));

const operands = (
  node: Node,
  indices: readonly Expression[],
  writer: ElementWriter,
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
    make: (over: readonly Index[], x: Node, elementOf: (node: Node) => Expression) => Expression,
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
    return make(over, x, (node) => writer.element(node, all, true));
  };

export const elementRules: ElementRules = {
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
    if (node.inputs[0] === node.inputs[1]) return power(a, 2);
    return b.type === "number" ? times(b, a) : times(a, b);
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
  or: (node, indices, writer, inside) => {
    const kept = onNumbers(node);
    return kept === node
      ? primitive("max", ...operands(node, indices, writer, inside))
      : writer.element(kept, indices, inside);
  },
  select: (node, indices, writer, inside) => {
    const choice = choiceOf(node);
    if (choice !== undefined) {
      const compared = choice.operands.map((i) => node.inputs[i]);
      return primitive(choice.sign, ...compared.map((x) => writer.element(x, indices, inside)));
    }
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
  reduceSum: reduced((over, x, elementOf) => sum(over, elementOf(x))),
  reduceMax: reduced((over, x, elementOf) => maximum(over, elementOf(x))),
  reduceMin: reduced((over, x, elementOf) => {
    const first = firstOf(x);
    if (first === undefined) return minimum(over, elementOf(x));
    const where = negated(conditionOf(elementOf(first.isBeaten)));
    return minimum(over, elementOf(first.position), where);
  }),
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

/** The positions among which a minimum finds the first that is not beaten: beaten ones count as beyond
 * the last. */
function firstOf(x: Node): { readonly isBeaten: Node; readonly position: Node } | undefined {
  if (x.op !== "select") return undefined;
  const [isBeaten, none, position] = x.inputs;
  if (!isPlace(none) || !isPlace(position)) return undefined;
  const [beyond, places] = evaluate([none, position], new Map()).map((data) => Array.from(data));
  const last = places.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return beyond.every((value) => value > last) ? { isBeaten, position } : undefined;
}

/** Whether a value says where it stands, and nothing else. */
export const isPlace = ({ op, inputs }: Node): boolean =>
  op === "iota" ||
  op === "constant" ||
  (["add", "mul", "broadcast"].includes(op) && inputs.every(isPlace));

const opposite: Readonly<Record<Comparison, Comparison>> = {
  "=": "≠",
  "≠": "=",
  "<": "≥",
  "≥": "<",
  ">": "≤",
  "≤": ">",
};

const negated = (condition: Expression): Expression =>
  condition.type === "compare"
    ? compare(condition.left, opposite[condition.operator], condition.right)
    : compare(condition, "=", 0);

const withoutOnes = (shape: Shape) => shape.filter((length) => length !== 1);
