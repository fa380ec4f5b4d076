/** Derivations as Markdown with formulas in LaTeX, as GitHub and most editors show them. */

import { formatShape } from "../../ir/index.ts";
import type { Derivation, Line } from "../derive/derivation.ts";
import { rules } from "../derive/rules.ts";
import { inLanguage, latex, symbol, typeset, typesetEquation } from "../math/index.ts";
import { contentOf } from "./content.ts";
import type { TextOptions } from "./toText.ts";
import { phrases, sectionTitles } from "./wording.ts";

/** The derivation as Markdown: tables, display formulas, and folded steps. */
export function toMarkdown(derivation: Derivation, options: TextOptions = {}): string {
  const { language = "en", steps = true } = options;
  const { notation, functions, sections } = contentOf(derivation);
  const format = inLanguage(latex, language);
  const out: string[] = [`# ${phrases.title[language]}: ${phrases[derivation.mode][language]}`, ""];
  const display = (tex: string) => out.push("$$", tex, "$$", "");
  out.push(`## ${sectionTitles.notation[language]}`, "");
  out.push(
    `| ${phrases.quantity[language]} | ${phrases.shape[language]} | ${phrases.meaning[language]} |`,
  );
  out.push("| --- | --- | --- |");
  for (const s of notation) {
    const shape = s.shape.length === 0 ? phrases.scalar[language] : formatShape(s.shape);
    out.push(`| $${typeset(symbol(s), latex)}$ | ${shape} | ${s.meaning?.[language] ?? ""} |`);
  }
  out.push("");
  if (functions.length > 0) {
    out.push(`## ${sectionTitles.functions[language]}`, "");
    for (const { value, derivative } of functions) {
      const pair = [value, derivative].map(
        ({ left, right }) => `${typeset(left, format)} = ${typeset(right, format)}`,
      );
      display(pair.join(" \\qquad "));
    }
  }
  const show = (line: Line) => {
    const note = line.note ? ` — ${line.note[language]}` : "";
    display(typesetEquation(line.equation, format));
    out.push(`*${rules[line.rule][language]}*${note}`, "");
    if (!steps || line.steps.length === 0) return;
    out.push("<details>", `<summary>${phrases.unfold[language]}</summary>`, "");
    for (const step of line.steps) {
      display(typesetEquation(step.equation, format));
      out.push(`*${rules[step.rule][language]}*`, "");
    }
    out.push("</details>", "");
  };
  for (const { name, groups } of sections) {
    out.push(`## ${sectionTitles[name][language]}`, "");
    for (const { title, lines } of groups) {
      if (title) out.push(`### ${title[language]}`, "");
      lines.forEach(show);
    }
  }
  return out.join("\n");
}
