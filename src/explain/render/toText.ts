/** Derivations as plain text. */

import { formatShape } from "../../ir/index.ts";
import type { Derivation, Line } from "../derive/derivation.ts";
import { rules } from "../derive/rules.ts";
import { inLanguage, plainText, symbol, typeset, typesetEquation } from "../math/index.ts";
import type { Language } from "../words.ts";
import { contentOf } from "./content.ts";
import { phrases, sectionTitles } from "./wording.ts";

export interface TextOptions {
  readonly language?: Language;
  /** Whether every line is unfolded into its steps. */
  readonly steps?: boolean;
}

/** The derivation as lines of text, each with its rule.
 *
 * @example
 * console.log(toText(derive(net, { loss })));
 */
export function toText(derivation: Derivation, options: TextOptions = {}): string {
  const { language = "en", steps = false } = options;
  const { notation, functions, sections } = contentOf(derivation);
  const format = inLanguage(plainText, language);
  const out: string[] = [];
  const heading = (text: string) => out.push("", text, "=".repeat(displayWidth(text)));
  const show = (line: Line, depth: number): void => {
    const note = line.note ? `; ${line.note[language]}` : "";
    const text = typesetEquation(line.equation, format);
    out.push(`${"  ".repeat(depth)}${text}    [${rules[line.rule][language]}${note}]`);
    if (steps) for (const step of line.steps) show(step, depth + 1);
  };
  out.push(`${phrases.title[language]}: ${phrases[derivation.mode][language]}`);
  heading(sectionTitles.notation[language]);
  for (const s of notation) {
    const shape = s.shape.length === 0 ? phrases.scalar[language] : formatShape(s.shape);
    out.push(`  ${typeset(symbol(s), plainText)}  ${shape}  ${s.meaning?.[language] ?? ""}`);
  }
  if (functions.length > 0) {
    heading(sectionTitles.functions[language]);
    for (const { value, derivative } of functions) {
      for (const { left, right } of [value, derivative]) {
        out.push(`  ${typeset(left, format)} = ${typeset(right, format)}`);
      }
    }
  }
  for (const { name, groups } of sections) {
    heading(sectionTitles[name][language]);
    for (const { title, lines } of groups) {
      if (title) out.push(`${title[language]}`);
      for (const line of lines) show(line, 1);
    }
  }
  return `${out.join("\n")}\n`;
}

/** Columns on a terminal: Chinese characters take two. */
function displayWidth(text: string): number {
  return [...text].reduce((sum, c) => sum + (c >= "\u2e80" ? 2 : 1), 0);
}
