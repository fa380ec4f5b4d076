/** A formula explained on paper: its steps with value and gradient, the proof by differences, and its graph. */

import { escapeMarkup } from "../../figures/index.ts";
import { differentiateNumerically } from "../check/differences.ts";
import { drawGraph } from "../graph/drawGraph.ts";
import { formatValue } from "../graph/picture.ts";
import { pageStyle } from "../render/toHtml.ts";
import { type Language, words } from "../words.ts";
import { explain, type FormulaExplanation, type FormulaValue } from "./explain.ts";

const phrases = {
  title: words("A formula, explained", "公式详解"),
  graph: words("Computation graph", "计算图"),
  note: words("Forward values in red, gradients in blue.", "红色为前向值，蓝色为梯度。"),
  steps: words("Step by step", "逐步计算"),
  step: words("Step", "步骤"),
  proof: words("Gradients and their proof", "梯度与验证"),
  name: words("Name", "变量"),
  value: words("Value", "值"),
  gradient: words("Gradient", "梯度"),
  differences: words("Differences", "差分"),
} as const;

const show = (value: FormulaValue): string =>
  typeof value === "number" ? formatValue(value) : `(${value.map(formatValue).join(", ")})`;

interface Row {
  readonly cells: readonly string[];
}

/** The rows of both tables. */
function tablesOf(explanation: FormulaExplanation, given: Readonly<Record<string, FormulaValue>>) {
  const { text, steps, values, gradients } = explanation;
  const stepRows = steps.map(
    (step): Row => ({ cells: [step.text, show(step.value), show(step.gradient)] }),
  );
  const proofRows = Object.keys(given)
    .filter((name) => name in gradients)
    .map((name): Row => {
      const numeric = numericGradient(text, given, name);
      return { cells: [name, show(values[name]), show(gradients[name]), numeric] };
    });
  return { stepRows, proofRows };
}

/** ∂value/∂name by differences; a dash where a neighbour has no value. */
function numericGradient(
  text: string,
  given: Readonly<Record<string, FormulaValue>>,
  name: string,
): string {
  const at = given[name];
  const slope = (x: number, point: (x: number) => FormulaValue) =>
    differentiateNumerically(
      (moved) => explain(text, { ...given, [name]: point(moved) }).value,
      x,
      // Within the sign of x, which logarithms and roots must not leave.
      1e-2 * (Math.abs(x) || 1),
    ).value;
  try {
    if (typeof at === "number") return show(slope(at, (x) => x));
    return show(at.map((x, i) => slope(x, (moved) => at.map((y, j) => (j === i ? moved : y)))));
  } catch {
    return "—";
  }
}

/** The formula as one self-contained HTML page.
 *
 * @param given the point at which `explanation` was made */
export async function formulaPage(
  explanation: FormulaExplanation,
  given: Readonly<Record<string, FormulaValue>>,
  { language = "en" }: { readonly language?: Language } = {},
): Promise<string> {
  const { stepRows, proofRows } = tablesOf(explanation, given);
  const { svg } = await drawGraph(explanation.graph, { title: explanation.text });
  const table = (head: readonly string[], rows: readonly Row[]) =>
    `<table><thead><tr>${head.map((cell, i) => `<th${i > 0 ? ' class="number"' : ""}>${cell}</th>`).join("")}</tr></thead><tbody>${rows
      .map(
        ({ cells: [first, ...numbers] }) =>
          `<tr><td><code>${escapeMarkup(first)}</code></td>${numbers.map((cell) => `<td class="number">${cell}</td>`).join("")}</tr>`,
      )
      .join("")}</tbody></table>`;
  const p = (key: keyof typeof phrases) => phrases[key][language];
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${p("title")}</title><style>${pageStyle}
.graph { overflow-x: auto; } .graph.dark { display: none; }
@media (prefers-color-scheme: dark) { .graph.light { display: none; } .graph.dark { display: block; } }
</style></head>
<body><main><h1>${p("title")}</h1>
<p><code>${escapeMarkup(explanation.text)}</code></p>
<p>${p("value")}: ${show(explanation.value)}</p>
<h2>${p("graph")}</h2><p>${p("note")}</p>
<div class="graph light">${svg("light")}</div><div class="graph dark">${svg("dark")}</div>
<h2>${p("proof")}</h2>
${table([p("name"), p("value"), p("gradient"), p("differences")], proofRows)}
<h2>${p("steps")}</h2>
${table([p("step"), p("value"), p("gradient")], stepRows)}
</main></body></html>
`;
}

/** The formula as Markdown tables.
 *
 * @param given the point at which `explanation` was made */
export function formulaMarkdown(
  explanation: FormulaExplanation,
  given: Readonly<Record<string, FormulaValue>>,
  { language = "en" }: { readonly language?: Language } = {},
): string {
  const { stepRows, proofRows } = tablesOf(explanation, given);
  const p = (key: keyof typeof phrases) => phrases[key][language];
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const table = (head: readonly string[], rows: readonly Row[]) => [
    `| ${head.join(" | ")} |`,
    `| --- |${" ---: |".repeat(head.length - 1)}`,
    ...rows.map(
      ({ cells: [first, ...numbers] }) => `| \`${cell(first)}\` | ${numbers.join(" | ")} |`,
    ),
  ];
  return [
    `# ${p("title")}`,
    "",
    `\`${explanation.text}\``,
    "",
    `${p("value")}: ${show(explanation.value)}`,
    "",
    `## ${p("proof")}`,
    "",
    ...table([p("name"), p("value"), p("gradient"), p("differences")], proofRows),
    "",
    `## ${p("steps")}`,
    "",
    ...table([p("step"), p("value"), p("gradient")], stepRows),
    "",
  ].join("\n");
}
