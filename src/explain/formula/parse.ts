/** The expression language of formulas: text to a tree that remembers its columns. */

import { UsageError } from "../../util/index.ts";

/** Where a part stands in the text, from 0. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type Formula = Span &
  (
    | { readonly type: "number"; readonly value: number }
    | { readonly type: "name"; readonly name: string }
    | { readonly type: "negative"; readonly of: Formula }
    | {
        readonly type: "binary";
        readonly operator: BinaryOperator;
        readonly left: Formula;
        readonly right: Formula;
      }
    | { readonly type: "call"; readonly name: string; readonly operands: readonly Formula[] }
    | { readonly type: "vector"; readonly elements: readonly Formula[] }
  );

export type BinaryOperator = "+" | "-" | "*" | "/" | "^";

/** `name = formula` after `where`. */
export interface Definition extends Span {
  readonly name: string;
  readonly formula: Formula;
}

export interface ParsedFormula {
  readonly text: string;
  readonly formula: Formula;
  /** In the order of the text; each may use those before it, or after it. */
  readonly definitions: readonly Definition[];
}

/** An error that points at a column of the formula.
 *
 *     explain: unknown function "sqr" at column 1; did you mean "sqrt"?
 *       sqr(x)
 *       ^^^
 */
export function formulaError(text: string, { from, to }: Span, message: string): UsageError {
  const mark = "^".repeat(Math.max(1, to - from));
  const [what, ...hint] = message.split("; ");
  const tail = hint.length > 0 ? `; ${hint.join("; ")}` : ".";
  return new UsageError(
    `explain: ${what} at column ${from + 1}${tail}\n  ${text}\n  ${" ".repeat(from)}${mark}`,
  );
}

interface Token extends Span {
  readonly kind: "number" | "name" | "sign" | "end";
  readonly text: string;
}

const tokenPattern =
  /\s*(?:(\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\*\*|[-+*/^()[\],=;·×−]))/uy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    tokenPattern.lastIndex = at;
    const match = tokenPattern.exec(text);
    if (match === null) {
      const from = at + (text.slice(at).length - text.slice(at).trimStart().length);
      const [character] = text.slice(from);
      throw formulaError(text, { from, to: from + 1 }, `unexpected "${character}"`);
    }
    at = tokenPattern.lastIndex;
    const [, digits, name, sign] = match;
    const piece = digits ?? name ?? sign;
    const kind = digits !== undefined ? "number" : name !== undefined ? "name" : "sign";
    tokens.push({ kind, text: plainSigns[piece] ?? piece, from: at - piece.length, to: at });
  }
  tokens.push({ kind: "end", text: "", from: text.length, to: text.length + 1 });
  return tokens;
}

/** Other ways to write a sign. */
const plainSigns: Readonly<Record<string, string>> = { "**": "^", "·": "*", "×": "*", "−": "-" };

/** Reads a formula such as `sqrt(((x1-m)^2+(x2-m)^2)/2) where m=(x1+x2)/2`.
 * @throws UsageError that points at the column */
export function parseFormula(text: string): ParsedFormula {
  return new Parser(text).parse();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokenize(text);
  }

  parse(): ParsedFormula {
    const formula = this.#sum();
    const definitions: Definition[] = [];
    if (this.#takes("where")) {
      do {
        definitions.push(this.#definition());
      } while (this.#takes(",") || this.#takes(";") || this.#takes("and"));
    }
    const rest = this.#peek();
    if (rest.kind !== "end") {
      throw this.#error(rest, `expected an operator or the end, got "${rest.text}"`);
    }
    return { text: this.#text, formula, definitions };
  }

  #peek(): Token {
    return this.#tokens[this.#next];
  }

  #takes(text: string): boolean {
    const token = this.#peek();
    if (token.kind === "end" || token.kind === "number" || token.text !== text) return false;
    this.#next++;
    return true;
  }

  #expect(text: string, why: string): Token {
    const token = this.#peek();
    if (!this.#takes(text)) {
      const got = token.kind === "end" ? "the end" : `"${token.text}"`;
      throw this.#error(token, `expected "${text}" ${why}, got ${got}`);
    }
    return token;
  }

  #error(span: Span, message: string): UsageError {
    return formulaError(this.#text, span, message);
  }

  #definition(): Definition {
    const name = this.#peek();
    if (name.kind !== "name") throw this.#error(name, `expected a name after "where"`);
    this.#next++;
    this.#expect("=", `after "${name.text}"`);
    const formula = this.#sum();
    return { name: name.text, formula, from: name.from, to: formula.to };
  }

  #sum(): Formula {
    return this.#leftToRight(["+", "-"], () => this.#product());
  }

  #product(): Formula {
    return this.#leftToRight(["*", "/"], () => this.#signed());
  }

  #leftToRight(operators: readonly BinaryOperator[], operand: () => Formula): Formula {
    let left = operand();
    for (;;) {
      const operator = operators.find((sign) => this.#takes(sign));
      if (operator === undefined) return left;
      const right = operand();
      left = { type: "binary", operator, left, right, from: left.from, to: right.to };
    }
  }

  /** −x^2 is −(x^2). */
  #signed(): Formula {
    const { from } = this.#peek();
    if (this.#takes("+")) return this.#signed();
    if (!this.#takes("-")) return this.#power();
    const of = this.#signed();
    return { type: "negative", of, from, to: of.to };
  }

  /** 2^3^2 is 2^(3^2). */
  #power(): Formula {
    const left = this.#implied();
    if (!this.#takes("^")) return left;
    const right = this.#signed();
    return { type: "binary", operator: "^", left, right, from: left.from, to: right.to };
  }

  /** 2x and 3(a + b) are products. */
  #implied(): Formula {
    const left = this.#atom();
    if (left.type !== "number") return left;
    const token = this.#peek();
    const continues = (token.kind === "name" && !reserved.has(token.text)) || token.text === "(";
    if (!continues) return left;
    const right = this.#power();
    return { type: "binary", operator: "*", left, right, from: left.from, to: right.to };
  }

  #atom(): Formula {
    const token = this.#peek();
    const { from } = token;
    if (token.kind === "number") {
      this.#next++;
      return { type: "number", value: Number(token.text), from, to: token.to };
    }
    if (token.kind === "name" && !reserved.has(token.text)) {
      this.#next++;
      if (!this.#takes("(")) return { type: "name", name: token.text, from, to: token.to };
      const operands = this.#list(")");
      const { to } = this.#expect(")", `to close "${token.text}("`);
      return { type: "call", name: token.text, operands, from, to };
    }
    if (this.#takes("(")) {
      const inner = this.#sum();
      const { to } = this.#expect(")", `to close the one at column ${from + 1}`);
      return { ...inner, from, to };
    }
    if (this.#takes("[")) {
      const elements = this.#list("]");
      const { to } = this.#expect("]", `to close the one at column ${from + 1}`);
      return { type: "vector", elements, from, to };
    }
    const got = token.kind === "end" ? "the end" : `"${token.text}"`;
    throw this.#error(token, `expected a number, a name or "(", got ${got}`);
  }

  #list(close: string): Formula[] {
    if (this.#peek().text === close) return [];
    const items = [this.#sum()];
    while (this.#takes(",")) items.push(this.#sum());
    return items;
  }
}

const reserved = new Set(["where", "and"]);
