/** One self-contained HTML page of a network: derivation, graph, numbers and proof, linked on hover. */

import { escapeMarkup } from "../figures/index.ts";
import { type CheckOptions, checkGradients, type GradientCheck } from "./check/checkGradients.ts";
import { derive } from "./derive/derive.ts";
import { drawGraph } from "./graph/drawGraph.ts";
import { inLanguage, mathElement, mathml, symbol, typeset, typesetEquation } from "./math/index.ts";
import type { ExplainedNetwork, ExplainedOptimizer } from "./model.ts";
import { derivationStyle, pageStyle, toHtmlSections } from "./render/toHtml.ts";
import { sectionTitles } from "./render/wording.ts";
import { type Language, words } from "./words.ts";
import { valueText, type WorkedStep, workedStep } from "./worked.ts";

export interface PageOptions extends CheckOptions {
  readonly optimizer?: ExplainedOptimizer;
  readonly language?: Language;
  readonly title?: string;
}

const phrases = {
  title: words("Backpropagation, explained", "反向传播详解"),
  graph: words("Computation graph", "计算图"),
  graphNote: words(
    "Forward values in red above each edge, gradients in blue below. Point at a symbol, a box or a number: all that stands for the same quantity is marked.",
    "红色为前向值（边上方），蓝色为梯度（边下方）。将指针移到符号、方框或数字上，同一量的所有出现都会高亮。",
  ),
  numbers: words("The step with numbers", "带数值的一步"),
  proof: words("Proof", "验证"),
  derivation: words("Derivation", "推导"),
  ok: words("All gradients agree.", "所有梯度一致。"),
  kink: words("at a kink", "位于不可导点"),
  columns: {
    parameter: words("Parameter", "参数"),
    symbolic: words("Derivation", "推导"),
    reverse: words("Reverse mode", "反向模式"),
    numeric: words("Differences", "差分"),
    error: words("Relative error", "相对误差"),
  },
} as const;

/** The page: derivation, graph, worked numbers and gradient check of one sample or batch.
 *
 * Everything is in the file; the small script only marks what belongs together, and the page reads
 * without it.
 *
 * @example
 * writeFileSync("explain.html", await explainPage(net, { loss, optimizer, x: [5.1, 3.5, 1.4, 0.2], y: 0 }));
 */
export async function explainPage(
  network: ExplainedNetwork,
  options: PageOptions,
): Promise<string> {
  const { language = "en", optimizer, loss } = options;
  const step = workedStep(network, {
    ...options,
    ...(optimizer && { optimizer }),
  });
  const { mode, batchSize, training } = step.derivation;
  const shown = derive(network, {
    loss,
    mode,
    batchSize,
    training,
    ...(optimizer && { optimizer }),
  });
  const { svg, layout } = await drawGraph(network, {
    ...options,
    detail: "layers",
  });
  const check = checkGradients(network, options);
  const title = options.title ?? phrases.title[language];
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeMarkup(title)}</title><style>${pageStyle}${derivationStyle}${ownStyle}</style></head>
<body><main><h1>${escapeMarkup(title)}</h1>
<section><h2>${phrases.graph[language]}</h2><p class="muted">${phrases.graphNote[language]}</p>
<div class="graph light" style="--graph-width: ${Math.ceil(layout.width)}px">${linkLayers(svg("light"), step)}</div><div class="graph dark" style="--graph-width: ${Math.ceil(layout.width)}px">${linkLayers(svg("dark"), step)}</div></section>
${proofHtml(check, step, language)}
<h2 class="part">${phrases.derivation[language]}</h2>
${toHtmlSections(shown, { language })}
${numbersHtml(step, language)}
</main><script>${linkScript}</script></body></html>
`;
}

/** Boxes of layers stand for what the layers give. */
function linkLayers(svg: string, { derivation }: WorkedStep): string {
  return svg.replace(
    /data-node="(l\w+)" data-term="([^"]*)\.weight"/g,
    (whole, id: string, path: string) => {
      const first = derivation.parameters.find((each) => each.path.startsWith(`${path}.`));
      const own = derivation.layers.find(({ label }) => label === first?.symbol.layer);
      return own ? `data-node="${id}" data-term="${escapeMarkup(own.before.key)}"` : whole;
    },
  );
}

function proofHtml(check: GradientCheck, { derivation }: WorkedStep, language: Language): string {
  const { columns } = phrases;
  const head = Object.values(columns).map(
    (column, i) => `<th${i > 0 ? ' class="number"' : ""}>${column[language]}</th>`,
  );
  const rows = check.parameters.map(({ path, worst, compared, ...rest }) => {
    const s = derivation.parameters.find((parameter) => parameter.path === path);
    const name = s ? mathElement(typeset(symbol(s.symbol), mathml), "inline") : escapeMarkup(path);
    const numbers = [worst.symbolic, worst.reverse, worst.numeric].map((x, i) => {
      const shown = i === 2 && compared === 0 ? phrases.kink[language] : x.toPrecision(10);
      return `<td class="number">${shown}</td>`;
    });
    const error = Math.max(rest.reverseError, rest.symbolicError).toExponential(1);
    return `<tr data-term="${escapeMarkup(path)}"><td>${name} <span class="muted">${escapeMarkup(path)}[${worst.element}]</span></td>${numbers.join("")}<td class="number">${error} ${rest.passed ? "✓" : "✗"}</td></tr>`;
  });
  const verdict = check.passed
    ? phrases.ok[language]
    : escapeMarkup(check.text.trim().split("\n").at(-1)!);
  return `<section><h2>${phrases.proof[language]}</h2><p>${verdict}</p><table><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></section>`;
}

function numbersHtml({ tables }: WorkedStep, language: Language): string {
  const parts: string[] = [`<h2 class="part">${phrases.numbers[language]}</h2>`];
  let section = "";
  for (const table of tables) {
    const heading =
      table.section === "given" ? table.title[language] : sectionTitles[table.section][language];
    if (heading !== section) parts.push(`<h3>${heading}</h3>`);
    section = heading;
    const rows = table.rows.map(({ key, name, equation, value }) => {
      const math = equation
        ? mathElement(typesetEquation(equation, inLanguage(mathml, language)), "inline")
        : `<span>${escapeMarkup(name)}</span>`;
      return `<tr data-term="${escapeMarkup(key)}"><td>${math}</td><td class="values">${valueHtml(valueText(value))}</td></tr>`;
    });
    parts.push(`<table class="worked"><tbody>${rows.join("")}</tbody></table>`);
  }
  return `<section>${parts.join("")}</section>`;
}

const valueHtml = (text: string): string =>
  text
    .split("\n")
    .map((row) => escapeMarkup(row).replaceAll("  ", "&ensp;"))
    .join("<br>");

const ownStyle = `
.muted { color: var(--muted); }
.part { border-top: 1px solid var(--grid); padding-top: 1em; }
.graph { overflow-x: auto; } .graph svg { max-width: 100%; height: auto; } .graph.dark { display: none; }
@media (prefers-color-scheme: dark) { .graph.light { display: none; } .graph.dark { display: block; } }
.worked { margin-bottom: .8em; } .values { font-variant-numeric: tabular-nums; }
/* Wide graphs shrink as long as their labels stay legible, then scroll. */
.graph svg { min-width: calc(var(--graph-width) * .75); }
svg .linked > rect:first-of-type { stroke: #e0a100; stroke-width: 2.5; }
`;

/** Marks every element that stands for the quantity under the pointer. */
const linkScript = `
const all = new Map();
for (const each of document.querySelectorAll("[data-term]")) {
  const key = each.dataset.term;
  if (!all.has(key)) all.set(key, []);
  all.get(key).push(each);
}
const mark = (target, on) => {
  const at = target.closest && target.closest("[data-term]");
  if (at) for (const each of all.get(at.dataset.term)) each.classList.toggle("linked", on);
};
document.addEventListener("pointerover", (event) => mark(event.target, true));
document.addEventListener("pointerout", (event) => mark(event.target, false));
`;
