/** Derivations as HTML with MathML: no script and no network needed to read them. */

import { escapeMarkup } from "../../figures/index.ts";
import { formatShape } from "../../ir/index.ts";
import type { Derivation, Line } from "../derive/derivation.ts";
import { rules } from "../derive/rules.ts";
import {
  inLanguage,
  mathElement,
  mathml,
  symbol,
  typeset,
  typesetEquation,
} from "../math/index.ts";
import type { Language } from "../words.ts";
import { contentOf } from "./content.ts";
import { phrases, sectionTitles } from "./wording.ts";

export interface HtmlOptions {
  readonly language?: Language;
}

const inline = (piece: string) => mathElement(piece, "inline");

/** The derivation as HTML sections, to be put into a page; steps are folded `<details>`. */
export function toHtmlSections(
  derivation: Derivation,
  { language = "en" }: HtmlOptions = {},
): string {
  const { notation, functions, sections } = contentOf(derivation);
  const format = inLanguage(mathml, language);
  const rows = notation.map((s) => {
    const shape = s.shape.length === 0 ? phrases.scalar[language] : formatShape(s.shape);
    return `<tr><td>${inline(typeset(symbol(s), mathml))}</td><td>${shape}</td><td>${escapeMarkup(s.meaning?.[language] ?? "")}</td></tr>`;
  });
  const head = [phrases.quantity, phrases.shape, phrases.meaning].map(
    (p) => `<th>${p[language]}</th>`,
  );
  const parts = [
    `<section><h2>${sectionTitles.notation[language]}</h2><table class="notation"><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></section>`,
  ];
  if (functions.length > 0) {
    const items = functions.flatMap(({ value, derivative }) =>
      [value, derivative].map(({ left, right }) => {
        const piece = mathml.row([
          typeset(left, format),
          mathml.operator("="),
          typeset(right, format),
        ]);
        return `<div class="line">${mathElement(piece)}</div>`;
      }),
    );
    parts.push(`<section><h2>${sectionTitles.functions[language]}</h2>${items.join("")}</section>`);
  }
  for (const { name, groups } of sections) {
    const body = groups.map(({ title, lines }) => {
      const heading = title ? `<h3>${escapeMarkup(title[language])}</h3>` : "";
      return heading + lines.map((line) => lineHtml(line, language)).join("");
    });
    parts.push(
      `<section class="${name}"><h2>${sectionTitles[name][language]}</h2>${name === "fundamental" ? `<p>${phrases.anyLayer[language]}</p>` : ""}${body.join("")}</section>`,
    );
  }
  return parts.join("\n");
}

function lineHtml(line: Line, language: Language): string {
  const note = line.note ? `; ${escapeMarkup(line.note[language])}` : "";
  const rule = `<span class="rule">${rules[line.rule][language]}${note}</span>`;
  const own = `${mathElement(typesetEquation(line.equation, inLanguage(mathml, language)))}${rule}`;
  if (line.steps.length === 0) return `<div class="line">${own}</div>`;
  const steps = line.steps.map((step) => lineHtml(step, language)).join("");
  return `<details class="line"><summary>${own}</summary><div class="steps">${steps}</div></details>`;
}

/** The style that the sections need; colours are variables, so that pages can be dark. */
export const derivationStyle = `
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", "Libertinus Math", math; font-size: 1.08em; }
.line { margin: .35em 0; }
.line > math, .line > summary > math { display: inline-block; vertical-align: middle; }
.rule { color: var(--muted); font-size: .85em; font-style: italic; margin-left: 1.5em; }
.steps { border-left: 2px solid var(--grid); margin: .3em 0 .8em .4em; padding-left: 1em; }
details.line > summary { cursor: pointer; list-style: none; }
details.line > summary::before { content: "▸"; color: var(--muted); display: inline-block; width: 1em; }
details.line[open] > summary::before { content: "▾"; }
div.line { padding-left: 1em; }
.fundamental { background: var(--panel); border-radius: 8px; padding: .2em 1em .8em; }
[data-term] { border-radius: 3px; }
.linked { background: var(--mark); }
`;

/** The derivation as one HTML page. */
export function toHtml(derivation: Derivation, { language = "en" }: HtmlOptions = {}): string {
  const title = `${phrases.title[language]}: ${phrases[derivation.mode][language]}`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title><style>${pageStyle}${derivationStyle}</style></head>
<body><main><h1>${title}</h1>
${toHtmlSections(derivation, { language })}
</main></body></html>
`;
}

/** Type and colours of a page, light and dark. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --surface: #fff; --muted: #5f6873; --grid: #e0e3e7; --panel: #f5f6f8; --mark: #ffe58a; --value: #b3123f; --gradient: #0b5394; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --surface: #14181d; --muted: #9aa4af; --grid: #2b3138; --panel: #1e242b; --mark: #5a4a10; --value: #ff7a93; --gradient: #6ab0f3; } }
body { background: var(--surface); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif; margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.25rem; margin: 1.6em 0 .5em; } h3 { font-size: 1rem; margin: 1em 0 .3em; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2em 1.2em .2em 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { color: var(--muted); font-weight: 500; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
`;
