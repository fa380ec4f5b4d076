/** What a derivation is: sections of lines, each an equation with its rule, that unfold into steps. */

import type { Node } from "../../ir/index.ts";
import type { Equation, MathFunction, MathSymbol, NumberArray } from "../math/index.ts";
import type { Words } from "../words.ts";
import type { RuleName } from "./rules.ts";

/** One equation, why it holds, and the steps between, down to single elements. */
export interface Line {
  readonly equation: Equation;
  readonly rule: RuleName;
  readonly steps: readonly Line[];
  /** What to notice. */
  readonly note?: Words;
}

export type SectionName =
  | ("notation" | "fundamental" | "functions" | "forward" | "loss")
  | ("outputError" | "recursion" | "gradients" | "update");

export interface Section {
  readonly name: SectionName;
  /** Consecutive lines under one heading, such as those of one layer. */
  readonly groups: readonly LineGroup[];
}

export interface LineGroup {
  readonly title?: Words;
  readonly lines: readonly Line[];
}

/** A parameter of the network as the derivation calls it. */
export interface DerivedParameter {
  /** Its path in the network, such as `0.weight`. */
  readonly path: string;
  readonly symbol: MathSymbol;
}

/** The equations of backpropagation for one network, loss and optimizer. */
export interface Derivation {
  readonly mode: "online" | "batch";
  /** Rows of the batch; 1 when online. */
  readonly batchSize: number;
  readonly notation: readonly MathSymbol[];
  readonly functions: readonly MathFunction[];
  readonly sections: readonly Section[];
  readonly parameters: readonly DerivedParameter[];
  /** The scalar that is differentiated. */
  readonly loss: MathSymbol;
  readonly input: MathSymbol;
  readonly target: MathSymbol;
  /** What the network gives. */
  readonly output: MathSymbol;
  /** The quantities of each layer. */
  readonly layers: readonly DerivedLayer[];
  readonly givens: Givens;
  readonly training: boolean;
}

/** Values that are no parameters and follow from no equation: masks, constants, drawn numbers. */
export interface Givens {
  readonly constants: ReadonlyMap<string, NumberArray>;
  /** Values that a run of a graph gives, by key. */
  readonly observed: ReadonlyMap<string, Node>;
  /** What the leaves of those graphs stand for. */
  readonly known: ReadonlyMap<Node, MathSymbol>;
}

/** Where one layer's quantities stand in the derivation. */
export interface DerivedLayer {
  readonly label: string;
  readonly title: Words;
  readonly before: MathSymbol;
  readonly after: MathSymbol;
  readonly error: MathSymbol;
}

export function line(
  equation: Equation,
  rule: RuleName,
  steps: readonly Line[] = [],
  note?: Words,
): Line {
  return { equation, rule, steps, ...(note && { note }) };
}
