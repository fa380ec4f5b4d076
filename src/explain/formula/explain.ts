/** Explains a formula: its value, the gradient by everything in it, and the graph that shows how. */

import { evaluate } from "../../backend/reference/index.ts";
import {
  build,
  formatShape,
  type InputNode,
  makeNode,
  type Node,
  sizeOf,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";
import { NumericalError, nearestName, ShapeError, type UsageError } from "../../util/index.ts";
import { reverseMode } from "../reverse.ts";
import { formulaConstants, formulaFunctions } from "./functions.ts";
import {
  type Formula,
  formulaError,
  type ParsedFormula,
  parseFormula,
  type Span,
} from "./parse.ts";

/** A number, or the numbers of a vector. */
export type FormulaValue = number | readonly number[];

export interface FormulaExplanation {
  readonly text: string;
  /** The value of the formula, a number. */
  readonly value: number;
  /** The values of the given names and of those after `where`. */
  readonly values: Readonly<Record<string, FormulaValue>>;
  /** ∂value/∂name for the same names. */
  readonly gradients: Readonly<Record<string, FormulaValue>>;
  /** Every operation, in order: what it is, its value and its gradient. */
  readonly steps: readonly FormulaStep[];
  /** The graph, for `drawGraph`. */
  readonly graph: FormulaGraph;
}

export interface FormulaStep {
  readonly name: string;
  /** As it stands in the text. */
  readonly text: string;
  readonly value: FormulaValue;
  readonly gradient: FormulaValue;
}

/** A scalar graph at a point. */
export interface FormulaGraph {
  readonly output: Node;
  readonly bindings: ReadonlyMap<InputNode, TensorData>;
  /** Names of nodes: of the variables and of the definitions. */
  readonly names: ReadonlyMap<Node, string>;
}

/** The value and all gradients of a formula at a point.
 *
 * The language: numbers, names, `+ - * / ^`, `2x` for `2 * x`, vectors `[a, b]`, the functions of
 * `formulaFunctions` (sqrt, exp, ln, sum, mean, dot, norm, softmax, relu …), `pi` and `e`, and names for
 * parts after `where`.
 *
 * @throws UsageError that points at the column; NumericalError where the formula has no value at the point
 * @example
 * const std = "sqrt(((x1-m)^2+(x2-m)^2)/2) where m=(x1+x2)/2";
 * explain(std, { x1: -1, x2: 3 }).gradients; // { x1: -0.5, x2: 0.5, m: 0 }
 */
export function explain(
  text: string,
  point: Readonly<Record<string, FormulaValue>> = {},
): FormulaExplanation {
  const parsed = parseFormula(text);
  const { output, bindings, names, spans } = new GraphBuilder(parsed, point).build();
  const scalar = output;
  if (sizeOf(scalar.shape) !== 1) {
    throw new ShapeError(
      `explain: the formula gives a vector ${formatShape(scalar.shape)}; expected a number: take its ` +
        `sum(), its norm(), or one part.`,
    );
  }
  const root = build.reshape(scalar, []);
  const order = topologicalOrder([root]);
  const computed = evaluate(order, new Map(bindings));
  const values = new Map(order.map((node, i) => [node, computed[i]] as const));
  expectFinite(parsed, order, values, spans);
  const { totals } = reverseMode(root);
  const wrt = order.filter((node) => totals.has(node));
  const results = evaluate(
    wrt.map((node) => totals.get(node)!),
    new Map(bindings),
  );
  const gradientOf = new Map(wrt.map((node, i) => [node, results[i]] as const));
  const read = (node: Node, from: ReadonlyMap<Node, TensorData>): FormulaValue => {
    const data = from.get(node) ?? new Float64Array(sizeOf(node.shape));
    return node.shape.length === 0 ? data[0] + 0 : Array.from(data, (x) => x + 0);
  };
  const named = [...names].filter(([node]) => values.has(node));
  return {
    text,
    value: values.get(root)![0],
    values: Object.fromEntries(named.map(([node, name]) => [name, read(node, values)])),
    gradients: Object.fromEntries(named.map(([node, name]) => [name, read(node, gradientOf)])),
    steps: order
      .filter((node) => spans.has(node))
      .map((node) => {
        const { from, to } = spans.get(node)!;
        return {
          name: names.get(node) ?? node.op,
          text: text.slice(from, to),
          value: read(node, values),
          gradient: read(node, gradientOf),
        };
      }),
    graph: { output: root, bindings, names },
  };
}

/** Names the operation by which a value stops being finite. */
function expectFinite(
  { text }: ParsedFormula,
  order: readonly Node[],
  values: ReadonlyMap<Node, TensorData>,
  spans: ReadonlyMap<Node, Span>,
): void {
  const isBroken = (node: Node) => values.get(node)!.some((x) => !Number.isFinite(x));
  const broken =
    order.find((node) => spans.has(node) && isBroken(node)) ?? order.slice(-1).find(isBroken);
  if (broken === undefined) return;
  const span = spans.get(broken) ?? { from: 0, to: text.length };
  const bottom = broken.op === "div" ? values.get(broken.inputs[1]) : undefined;
  const operand = values.get(broken.inputs[0] ?? broken)!;
  const what = bottom?.some((x) => x === 0)
    ? "division by zero"
    : broken.op === "log" && operand.some((x) => x <= 0)
      ? `logarithm of ${Math.min(...operand)}`
      : broken.op === "sqrt"
        ? `square root of ${Math.min(...operand)}`
        : `${broken.op} gives ${values.get(broken)!.find((x) => !Number.isFinite(x))}`;
  const { message } = formulaError(text, span, `${what}; choose another point`);
  throw new NumericalError(message);
}

class GraphBuilder {
  readonly #parsed: ParsedFormula;
  readonly #point: Readonly<Record<string, FormulaValue>>;
  readonly #inputs = new Map<string, InputNode>();
  readonly #bindings = new Map<InputNode, TensorData>();
  readonly #defined = new Map<string, Node>();
  readonly #building = new Set<string>();
  readonly #names = new Map<Node, string>();
  readonly #spans = new Map<Node, Span>();

  constructor(parsed: ParsedFormula, point: Readonly<Record<string, FormulaValue>>) {
    this.#parsed = parsed;
    this.#point = point;
  }

  build() {
    const seen = new Set<string>();
    for (const { name, from } of this.#parsed.definitions) {
      if (seen.has(name)) {
        throw this.#error({ from, to: from + name.length }, `"${name}" is defined twice`);
      }
      seen.add(name);
    }
    const output = this.#node(this.#parsed.formula);
    return { output, bindings: this.#bindings, names: this.#names, spans: this.#spans };
  }

  #error(span: Span, message: string): UsageError {
    return formulaError(this.#parsed.text, span, message);
  }

  #node(formula: Formula): Node {
    const node = this.#built(formula);
    const isOperation = formula.type !== "name" && formula.type !== "number";
    if (isOperation && !this.#spans.has(node)) this.#spans.set(node, formula);
    return node;
  }

  #built(formula: Formula): Node {
    switch (formula.type) {
      case "number":
        return build.scalar(formula.value, "float64");
      case "name":
        return this.#named(formula.name, formula);
      case "negative":
        return build.unary("neg", this.#node(formula.of));
      case "binary":
        return this.#fitting(formula, () => this.#binary(formula));
      case "call":
        return this.#call(formula);
      case "vector":
        return this.#vector(formula);
    }
  }

  #binary({ operator, left, right }: Formula & { type: "binary" }): Node {
    const [a, b] = [this.#node(left), this.#node(right)];
    switch (operator) {
      case "+":
        return build.add(a, b);
      case "-":
        return build.sub(a, b);
      case "*":
        return build.mul(a, b);
      case "/":
        return build.div(a, b);
      case "^":
        return build.binary("pow", a, b);
    }
  }

  /** Turns shapes that do not fit into an error at the column. */
  #fitting(span: Span, make: () => Node): Node {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      throw this.#error(span, `the parts have different lengths; ${error.message}`);
    }
  }

  #named(name: string, span: Span): Node {
    const known = this.#defined.get(name) ?? this.#inputs.get(name);
    if (known !== undefined) return known;
    const definition = this.#parsed.definitions.find((each) => each.name === name);
    if (definition !== undefined) {
      if (this.#building.has(name)) throw this.#error(span, `"${name}" is defined by itself`);
      this.#building.add(name);
      const node = this.#node(definition.formula);
      this.#building.delete(name);
      this.#defined.set(name, node);
      if (!this.#names.has(node)) this.#names.set(node, name);
      return node;
    }
    const value = this.#point[name];
    if (value === undefined) return this.#withoutValue(name, span);
    const list = typeof value === "number" ? [value] : value;
    if (list.length === 0 || !list.every(Number.isFinite)) {
      throw this.#error(span, `the value of "${name}" is not a finite number or a list of them`);
    }
    const node = build.input(name, typeof value === "number" ? [] : [value.length], "float64");
    this.#inputs.set(name, node);
    this.#bindings.set(node, Float64Array.from(list));
    this.#names.set(node, name);
    return node;
  }

  #withoutValue(name: string, span: Span): Node {
    const constant = formulaConstants[name];
    if (constant !== undefined) return build.scalar(constant, "float64");
    if (Object.hasOwn(formulaFunctions, name)) {
      throw this.#error(span, `"${name}" is a function; write ${name}(…)`);
    }
    const known = [...Object.keys(this.#point), ...this.#parsed.definitions.map((d) => d.name)];
    const close = nearestName(name, known);
    const hint = close ? `did you mean "${close}"?` : `give it, as in { ${name}: 1 }`;
    throw this.#error(span, `"${name}" has no value; ${hint}`);
  }

  #call(formula: Formula & { type: "call" }): Node {
    const { name, operands, from } = formula;
    const entry = Object.hasOwn(formulaFunctions, name) ? formulaFunctions[name] : undefined;
    const span = { from, to: from + name.length };
    if (entry === undefined) {
      const known = Object.keys(formulaFunctions);
      const close = nearestName(name, known);
      const hint = close ? `did you mean "${close}"?` : `known are ${known.join(", ")}`;
      throw this.#error(span, `unknown function "${name}"; ${hint}`);
    }
    const [least, most] = entry.operands;
    if (operands.length < least || operands.length > most) {
      const expected = least === most ? String(least) : `at least ${least}`;
      throw this.#error(
        span,
        `${name} takes ${expected} operand${least === 1 && most === 1 ? "" : "s"}, got ${operands.length}`,
      );
    }
    const nodes = operands.map((operand) => this.#node(operand));
    return this.#fitting(formula, () => entry.build(...nodes));
  }

  #vector(formula: Formula & { type: "vector" }): Node {
    if (formula.elements.length === 0) throw this.#error(formula, "the vector has no elements");
    const parts = formula.elements.map((element) => {
      const node = this.#node(element);
      if (node.shape.length > 0)
        throw this.#error(element, "vectors hold numbers, this is a vector");
      return build.reshape(node, [1]);
    });
    return parts.length === 1 ? parts[0] : makeNode("concatenate", parts, { axis: 0 });
  }
}
