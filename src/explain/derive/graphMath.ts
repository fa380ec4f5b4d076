/** Graphs as mathematics: formulas of nodes with names for what they share, so that layers, losses and
 * optimizers without equations of their own get them from their graph and its gradient rules. */

import type { Node, NodeOf, Op, Shape } from "../../ir/index.ts";
import { onNumbers } from "../choice.ts";
import {
  at,
  type Equation,
  type Expression,
  equation,
  type Index,
  type MathSymbol,
  type NumberArray,
  position,
} from "../math/index.ts";
import { words } from "../words.ts";
import { type Line, line } from "./derivation.ts";
import { type ElementRule, type ElementWriter, elementRules, isPlace } from "./elementRules.ts";
import type { RuleName } from "./rules.ts";

const freeNames = ["i", "j", "k", "l"];
const boundNames = ["r", "s", "t", "p", "q", "u", "v", "g"];

/** Ops that make a formula hardly longer. */
const plainOps: ReadonlySet<Op> = new Set<Op>([
  "reshape",
  "permute",
  "broadcast",
  "slice",
  "cast",
  "stopGradient",
  "neg",
]);

/** Turns nodes into equations, in order: what is used twice, or summed within a sum, gets a name. */
export class GraphWriter implements ElementWriter {
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
      plainOps.has(node.op) ||
      isPlace(node) ||
      this.#isPlainCondition(node);
    return !isPlain && (this.#uses.get(node) ?? 0) > 1;
  }

  /** Whether it compares values that have names, so that it reads better than a name of its own. */
  #isPlainCondition(node: Node): boolean {
    const { op, inputs } = onNumbers(node);
    return ["eq", "ne", "lt", "le", "gt", "ge"].includes(op) && inputs.every(this.#isShort);
  }

  #isShort = (node: Node): boolean =>
    this.#known.has(node) ||
    node.inputs.length === 0 ||
    this.#deservesName(node, false) ||
    (plainOps.has(node.op) && node.inputs.every(this.#isShort));

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
