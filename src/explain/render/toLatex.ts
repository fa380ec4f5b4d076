/** Derivations as a LaTeX document: amsmath, booktabs, and a page that reads like a textbook's. */

import type { Derivation, Line } from "../derive/derivation.ts";
import { rules } from "../derive/rules.ts";
import {
  escapeLatex,
  inLanguage,
  latex,
  plainText,
  symbol,
  typeset,
  typesetEquation,
} from "../math/index.ts";
import type { Language } from "../words.ts";
import { contentOf } from "./content.ts";
import type { TextOptions } from "./toText.ts";
import { phrases, sectionTitles } from "./wording.ts";

const preamble: Readonly<Record<Language, string>> = {
  en: "\\documentclass[11pt,a4paper]{article}",
  zh: "\\documentclass[11pt,a4paper,UTF8,fontset=fandol]{ctexart}",
};

/** The derivation as a LaTeX document for xelatex (Chinese) or any LaTeX (English).
 *
 * @example
 * writeFileSync("derivation.tex", toLatex(derivation, { language: "zh", steps: true }));
 */
export function toLatex(derivation: Derivation, options: TextOptions = {}): string {
  const { language = "en", steps = false } = options;
  const { notation, functions, sections } = contentOf(derivation);
  const format = inLanguage(latex, language);
  const out: string[] = [
    preamble[language],
    "\\usepackage{amsmath,amssymb,booktabs,graphicx,longtable}",
    "\\usepackage[margin=2.2cm]{geometry}",
    "\\setlength{\\parindent}{0pt}",
    "\\setlength{\\parskip}{3pt}",
    "\\allowdisplaybreaks",
    "\\newcommand{\\rulename}[1]{\\text{\\small\\itshape #1}}",
    "\\newcommand{\\mainrule}[1]{\\text{\\small\\bfseries #1}}",
    "\\newsavebox{\\formula}",
    // A formula wider than the page shrinks to its width.
    "\\newcommand{\\fit}[1]{\\sbox{\\formula}{$\\displaystyle #1$}\\ifdim\\wd\\formula>\\linewidth" +
      "\\resizebox{\\linewidth}{!}{\\usebox{\\formula}}\\else\\usebox{\\formula}\\fi}",
    "\\begin{document}",
    `\\section*{${phrases.title[language]}: ${phrases[derivation.mode][language]}}`,
    `\\subsection*{${sectionTitles.notation[language]}}`,
    "\\begin{longtable}{@{}lll@{}}",
    "\\toprule",
    `${[phrases.quantity, phrases.shape, phrases.meaning].map((p) => p[language]).join(" & ")} \\\\`,
    "\\midrule",
    "\\endhead",
  ];
  for (const s of notation) {
    const shape =
      s.shape.length === 0 ? phrases.scalar[language] : `$${s.shape.join(" \\times ")}$`;
    const meaning = escapeText(s.meaning?.[language] ?? "");
    out.push(`$${typeset(symbol(s), latex)}$ & ${shape} & ${meaning} \\\\`);
  }
  out.push("\\bottomrule", "\\end{longtable}");
  if (functions.length > 0) {
    out.push(`\\subsection*{${sectionTitles.functions[language]}}`);
    for (const { value, derivative } of functions) {
      const [f, slope] = [value, derivative].map(
        ({ left, right }) => `${typeset(left, format)} = ${typeset(right, format)}`,
      );
      out.push("\\begin{gather*}", `${f} \\\\`, slope, "\\end{gather*}");
    }
  }
  for (const { name, groups } of sections) {
    out.push(`\\subsection*{${sectionTitles[name][language]}}`);
    if (name === "fundamental") out.push(escapeText(phrases.anyLayer[language]));
    for (const { title, lines } of groups) {
      if (title) out.push(`\\paragraph{${escapeText(title[language])}}`);
      out.push(...linesOf(lines, name === "fundamental", steps, language));
    }
  }
  out.push("\\end{document}", "");
  return out.join("\n");
}

function linesOf(
  lines: readonly Line[],
  isNumbered: boolean,
  steps: boolean,
  language: Language,
): string[] {
  const environment = isNumbered ? "align" : "align*";
  const out: string[] = [];
  let rows: string[] = [];
  let columns = { formula: 0, rule: 0 };
  const flush = () => {
    if (rows.length > 0) {
      out.push(`\\begin{${environment}}`, rows.join(" \\\\[3pt]\n"), `\\end{${environment}}`);
    }
    rows = [];
    columns = { formula: 0, rule: 0 };
  };
  const show = (line: Line, style: RuleStyle) => {
    const own = lengthsOf(line, language);
    const together = {
      formula: Math.max(columns.formula, own.formula),
      rule: Math.max(columns.rule, own.rule),
    };
    if (!isWide(together)) {
      columns = together;
      rows.push(row(line, style, language));
      return;
    }
    flush();
    if (!isWide(own)) {
      columns = own;
      rows.push(row(line, style, language));
      return;
    }
    const formula = typesetEquation(line.equation, inLanguage(latex, language));
    const rule = `\\${style}{${escapeText(rules[line.rule][language])}}`;
    out.push("\\begin{gather*}", `\\fit{${formula}} \\\\`, rule, "\\end{gather*}");
  };
  for (const line of lines) {
    // Unfolded, the lines themselves stand out from the steps between them.
    show(line, steps && line.steps.length > 0 ? "mainrule" : "rulename");
    if (steps) for (const step of line.steps) show(step, "rulename");
  }
  flush();
  const notes = lines.flatMap(({ note }) => (note ? [escapeText(note[language])] : []));
  if (notes.length > 0) out.push(`{\\small ${[...new Set(notes)].join("; ")}.}`);
  return out;
}

type RuleStyle = "rulename" | "mainrule";

/** How long an equation and its rule are as plain text; a Chinese character is as wide as two letters. */
function lengthsOf({ equation, rule }: Line, language: Language): Lengths {
  return {
    formula: typesetEquation(equation, plainText).length,
    rule: rules[rule][language].replace(/[\u3000-\uffef]/g, "  ").length,
  };
}

interface Lengths {
  readonly formula: number;
  readonly rule: number;
}

/** Whether equations may not leave room for rules beside them. */
const isWide = ({ formula, rule }: Lengths): boolean => formula > 100 || formula + rule > 120;

function row({ equation, rule }: Line, style: RuleStyle, language: Language): string {
  const [left, right] = splitEquation(typesetEquation(equation, inLanguage(latex, language)));
  return `${left} &= ${right} && \\${style}{${escapeText(rules[rule][language])}}`;
}

/** Left and right of the first equals sign that stands outside of braces. */
function splitEquation(text: string): [string, string] {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "{" || text[i] === "[") depth++;
    if (text[i] === "}" || text[i] === "]") depth--;
    if (text[i] === "=" && depth === 0) return [text.slice(0, i).trim(), text.slice(i + 1).trim()];
  }
  return [text, ""];
}

/** Words with mathematical characters, for text mode. */
function escapeText(text: string): string {
  const symbols: Readonly<Record<string, string>> = {
    "∂": "$\\partial$",
    "−": "$-$",
    "×": "$\\times$",
    σ: "$\\sigma$",
    "→": "$\\to$",
    "∞": "$\\infty$",
    δ: "$\\delta$",
    μ: "$\\mu$",
    λ: "$\\lambda$",
  };
  return [...escapeLatex(text)].map((c) => symbols[c] ?? c).join("");
}
