/** The tree of structured mathematics: symbols with shapes and indices, and what is made of them.
 *
 * Trees are plain data. They are built (`builders.ts`), typeset (`typeset.ts`), and evaluated with nothing
 * but the tree and the values of its symbols (`evaluate.ts`), so that what is printed is what is tested. */

import type { Shape } from "../../ir/index.ts";
import type { Words } from "../words.ts";

/** A named quantity: a scalar (shape []), a column vector ([n]), a matrix, or more axes. */
export interface MathSymbol {
  /** Identity: where values are looked up, and what links a term to a node. */
  readonly key: string;
  /** The letter as it is read, such as `W`, `δ`, `C`; several letters are set upright. */
  readonly letter: string;
  readonly accent?: "hat" | "tilde" | "bar" | "prime";
  /** Layer number in parentheses above, such as `2` or `l+1`. */
  readonly layer?: string;
  /** A fixed mark below that is not an index, such as `r` in W_r. */
  readonly mark?: string;
  readonly shape: Shape;
  /** What it stands for, in the notation table. */
  readonly meaning?: Words;
}

/** A bound index; it runs over `size` positions, and is shown counting from `base`. */
export interface Index {
  readonly name: string;
  readonly size: number;
  readonly base: 0 | 1;
  /** A position that is always the same, for "the last one". */
  readonly fixed?: number;
}

/** An elementwise function of one's own, with its formula and its derivative as trees in `argument`. */
export interface MathFunction {
  /** As it is read: `σ`, `tanh`, `ReLU`, `f`. */
  readonly name: string;
  readonly argument: MathSymbol;
  readonly value: Expression;
  readonly derivative: Expression;
  /** The derivative in terms of the result a = f(z), as factors of a ⊙ product, where it has such a form. */
  readonly ofResult?: (a: Expression) => readonly Expression[];
}

export type Comparison = "=" | "≠" | "<" | "≤" | ">" | "≥";

/** Functions that the evaluator knows by itself; all act on each element. */
export type Primitive =
  | ("exp" | "ln" | "sin" | "cos" | "tan" | "tanh" | "sqrt" | "abs" | "sign" | "erf")
  | ("floor" | "ceil" | "round" | "max" | "min" | "sinh" | "cosh" | "arctan");

export type Expression =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "symbol"; readonly symbol: MathSymbol }
  /** ∂top/∂bottom: a value of its own, of shape [...top, ...bottom]. */
  | { readonly type: "partial"; readonly top: MathSymbol; readonly bottom: MathSymbol }
  | { readonly type: "index"; readonly index: Index }
  | { readonly type: "add"; readonly terms: readonly Expression[] }
  | { readonly type: "negative"; readonly of: Expression }
  /** Scalars times at most one array, set side by side. */
  | { readonly type: "times"; readonly factors: readonly Expression[] }
  /** Element by element: ⊙. */
  | { readonly type: "hadamard"; readonly factors: readonly Expression[] }
  /** Products of matrices and column vectors, set side by side. */
  | { readonly type: "matmul"; readonly factors: readonly Expression[] }
  | { readonly type: "transpose"; readonly of: Expression }
  /** Element by element. */
  | { readonly type: "fraction"; readonly top: Expression; readonly bottom: Expression }
  /** Element by element. */
  | { readonly type: "power"; readonly base: Expression; readonly exponent: Expression }
  | {
      readonly type: "primitive";
      readonly name: Primitive;
      readonly arguments: readonly Expression[];
    }
  | {
      readonly type: "apply";
      readonly function: MathFunction;
      /** 1: the derivative f′. */
      readonly order: 0 | 1;
      readonly to: Expression;
    }
  /** Softmax of a vector, or of each row of a matrix. */
  | { readonly type: "softmax"; readonly of: Expression }
  | {
      readonly type: "sum" | "maximum";
      readonly over: readonly Index[];
      readonly of: Expression;
    }
  /** The least value where the condition holds, or of all. */
  | {
      readonly type: "minimum";
      readonly over: readonly Index[];
      readonly of: Expression;
      readonly where?: Expression;
    }
  /** An element, or with fewer indices a part; positions outside count as `outside` (default: an error). */
  | {
      readonly type: "at";
      readonly of: Expression;
      readonly indices: readonly Expression[];
      readonly outside?: number;
    }
  /** Several positions read as one number, in row-major order: (c,u,v). */
  | {
      readonly type: "group";
      readonly entries: readonly Expression[];
      readonly sizes: readonly number[];
    }
  | {
      readonly type: "cases";
      readonly branches: readonly { readonly value: Expression; readonly condition: Expression }[];
      readonly otherwise: Expression;
    }
  /** 1 where the condition holds, else 0. */
  | { readonly type: "bracket"; readonly condition: Expression }
  | {
      readonly type: "compare";
      readonly operator: Comparison;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly type: "and"; readonly conditions: readonly Expression[] }
  /** The vector of n ones. */
  | { readonly type: "ones"; readonly size: number }
  | { readonly type: "diagonal"; readonly of: Expression }
  /** The same elements in another shape; `vec` when the shape is a vector. */
  | { readonly type: "reshape"; readonly of: Expression; readonly shape: Shape }
  /** An axis sum of all elements, as ‖·‖² and means need it. */
  | { readonly type: "squaredNorm"; readonly of: Expression };

/** `left` (with its free indices, for all of their values) equals each of `right`. */
export interface Equation {
  readonly left: Extract<Expression, { type: "symbol" | "partial" | "at" }>;
  /** The indices of the left side, in its order. */
  readonly indices: readonly Index[];
  readonly right: Expression;
  /** Equations that share this object hold step by step, each for one step before the next. */
  readonly recursion?: Recursion;
  /** It is read for any layer and has no values of its own. */
  readonly isGeneral?: boolean;
}

/** A recursion over the positions of an index, upwards or downwards. */
export interface Recursion {
  readonly over: Index;
  readonly isDescending: boolean;
}

export function isNumber(x: Expression, value: number): boolean {
  return x.type === "number" && x.value === value;
}

/** The symbol or derivative that an equation gives a value. */
export function targetOf({ left }: Equation): Expression & { type: "symbol" | "partial" } {
  return (left.type === "at" ? left.of : left) as Expression & { type: "symbol" | "partial" };
}

/** Where the values of a symbol or of a derivative are kept. */
export function keyOf(x: Expression & { type: "symbol" | "partial" }): string {
  return x.type === "symbol" ? x.symbol.key : `∂${x.top.key}/∂${x.bottom.key}`;
}

/** The parts of an expression, for walking. */
export function childrenOf(x: Expression): readonly Expression[] {
  switch (x.type) {
    case "number":
    case "symbol":
    case "partial":
    case "index":
    case "ones":
      return [];
    case "group":
      return x.entries;
    case "add":
      return x.terms;
    case "times":
    case "hadamard":
    case "matmul":
      return x.factors;
    case "negative":
    case "transpose":
    case "softmax":
    case "diagonal":
    case "reshape":
    case "squaredNorm":
    case "sum":
    case "maximum":
      return [x.of];
    case "minimum":
      return x.where ? [x.of, x.where] : [x.of];
    case "fraction":
      return [x.top, x.bottom];
    case "power":
      return [x.base, x.exponent];
    case "primitive":
      return x.arguments;
    case "apply":
      return [x.to];
    case "at":
      return [x.of, ...x.indices];
    case "cases":
      return [...x.branches.flatMap(({ value, condition }) => [value, condition]), x.otherwise];
    case "bracket":
      return [x.condition];
    case "compare":
      return [x.left, x.right];
    case "and":
      return x.conditions;
  }
}

/** Every symbol and derivative within, each key once. */
export function symbolsOf(
  x: Expression,
  found = new Map<string, Expression & { type: "symbol" | "partial" }>(),
): ReadonlyMap<string, Expression & { type: "symbol" | "partial" }> {
  if (x.type === "symbol" || x.type === "partial") found.set(keyOf(x), x);
  for (const child of childrenOf(x)) symbolsOf(child, found);
  return found;
}
