/** What a format of mathematics has to write: the pieces of which formulas are made. */

import type { Language } from "../words.ts";
import type { Comparison } from "./expression.ts";

/** How a format writes the parts of a formula. Everything returned is a piece of that format. */
export interface Format {
  number(value: number): string;
  /** A letter of a quantity; several letters are a word, set upright. */
  letter(letter: string, style: { readonly isBold: boolean; readonly accent?: Accent }): string;
  /** An index or another plain variable. */
  variable(name: string): string;
  /** The name of a function such as tanh. */
  functionName(name: string): string;
  /** Upright words within a formula. */
  words(text: string): string;
  /** A sign between two operands. */
  operator(sign: Sign): string;
  minus(): string;
  prime(): string;
  transposed(): string;
  /** `(2)`, to stand above. */
  layer(name: string): string;
  comma(): string;
  /** The comma between formulas. */
  separator(): string;
  /** A quotient on the line, as within indices. */
  slash(): string;
  row(parts: readonly string[]): string;
  /** Factors side by side. */
  product(parts: readonly string[]): string;
  scripts(base: string, below: string | undefined, above: string | undefined): string;
  fraction(top: string, bottom: string): string;
  /** Whether a fraction is written on the line, so that its parts need brackets. */
  readonly hasInlineFractions: boolean;
  /** Whether exp(x) is written e^x. */
  readonly hasPowersOfE: boolean;
  root(of: string): string;
  brackets(inner: string, kind: Fence): string;
  big(sign: "sum" | "max" | "min", below: string, above: string | undefined): string;
  cases(
    rows: readonly { readonly value: string; readonly condition: string | undefined }[],
    logic: Logic,
  ): string;
  /** A word between two conditions. */
  conjunction(word: string): string;
  /** The words between formulas, in the reader's language. */
  readonly logic: Logic;
  /** Marks a piece as standing for the quantity of that key. */
  link(key: string, piece: string): string;
}

/** The words of conditions. */
export interface Logic {
  readonly if: string;
  readonly otherwise: string;
  readonly and: string;
}

export const english: Logic = { if: "if", otherwise: "otherwise", and: "and" };
const chinese: Logic = { if: "若", otherwise: "其他", and: "且" };

/** The same format with the words of a language. */
export const inLanguage = (format: Format, language: Language): Format =>
  language === "zh" ? { ...format, logic: chinese } : format;

export type Accent = "hat" | "tilde" | "bar" | "prime";
export type Fence = "round" | "square" | "curly" | "bars" | "norm" | "floor" | "ceil";
export type Sign = "+" | "−" | "⊙" | "·" | ":=" | ":" | Comparison;
