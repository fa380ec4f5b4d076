/** A run as one HTML file that needs nothing from outside. */

import { formatCount, formatNumber, formatPercent, plural } from "../figures/index.ts";
import type { ReportData } from "./data.ts";
import { facts, Html, html } from "./html.ts";
import { wilsonInterval } from "./interval.ts";
import {
  boundarySection,
  datasetSection,
  learningSection,
  mistakesSection,
  networkSection,
  reproductionSection,
  resultsSection,
} from "./sections.ts";
import { stylesheet } from "./stylesheet.ts";

/** Writes a run's report: the headline number, the figures, the tables, and how to repeat it.
 *
 * The page holds its style and its pictures, loads nothing, runs no script, follows the reader's light
 * or dark setting, and prints. Every figure carries its words; every text of the run is escaped.
 *
 * @returns the text of an HTML file
 * @throws ShapeError when a figure's data do not fit together
 * @example
 * await writeFile("report.html", await renderReport(run));
 */
export async function renderReport(run: ReportData): Promise<string> {
  const sections = [
    await learningSection(run),
    await resultsSection(run),
    await boundarySection(run),
    mistakesSection(run),
    networkSection(run),
    datasetSection(run),
    reproductionSection(run),
  ];
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="${run.createdBy}">
<title>${run.title} – training report</title>
<style>${new Html(stylesheet())}</style>
</head>
<body>
${titleBlock(run)}
<main>
${keyFacts(run)}
${sections.map((section) => section && html`${section}\n`)}
</main>
<footer>${run.name} · made by ${run.createdBy}${run.createdAt && ` · ${run.createdAt}`}</footer>
</body>
</html>
`;
  return page.text;
}

function titleBlock(run: ReportData): Html {
  return html`<header>
<div><p class="eyebrow">Training report · ${run.name}</p>
<h1>${run.title}</h1>
<p class="lede">${summarySentence(run)}</p></div>
${headline(run)}
</header>`;
}

function summarySentence({ network, epochs, dataset, timings }: ReportData): string {
  const parameters = network.layers.reduce((sum, layer) => sum + layer.parameters, 0);
  const trained = dataset.splits.find(({ name }) => name === "train")?.rows ?? dataset.rows;
  return (
    `A network of ${plural(network.layers.length, "layer")} and ${plural(parameters, "parameter")}, trained for ` +
    `${plural(epochs.length, "epoch")} on ${plural(trained, "example")} of ${dataset.name} in ${formatNumber(timings.seconds)} s.`
  );
}

function testRows({ test, confusion, dataset }: ReportData): number | undefined {
  return (
    test?.rows ??
    confusion?.flat().reduce((sum, count) => sum + count, 0) ??
    dataset.splits.find(({ name }) => name === "test")?.rows
  );
}

/** The one number the reader came for: accuracy with its interval, or the loss of a regression. */
function headline(run: ReportData): Html | undefined {
  const { test } = run;
  if (!test) return undefined;
  const rows = testRows(run);
  if (test.accuracy === undefined) {
    return html`<div class="headline"><span class="what">Test loss</span>
<strong>${formatNumber(test.loss)}</strong>
${rows !== undefined && html`<span class="interval">on ${plural(rows, "test example")}</span>`}</div>`;
  }
  if (rows === undefined) {
    return html`<div class="headline"><span class="what">Test accuracy</span>
<strong>${formatPercent(test.accuracy)}</strong></div>`;
  }
  const right = Math.round(test.accuracy * rows);
  const [low, high] = wilsonInterval(right, rows);
  return html`<div class="headline"><span class="what">Test accuracy</span>
<strong>${formatPercent(test.accuracy)}</strong>
<span class="interval">${formatCount(right)} of ${plural(rows, "test example")} right</span>
<span>95 % interval ${formatPercent(low)} to ${formatPercent(high)}</span></div>`;
}

function keyFacts({ test, epochs, timings, seed, environment, network }: ReportData): Html {
  const parameters = network.layers.reduce((sum, layer) => sum + layer.parameters, 0);
  return facts([
    ...(test?.accuracy !== undefined
      ? [["Test loss", formatNumber(test.loss)] as [string, string]]
      : []),
    ["Parameters", formatCount(parameters)],
    ["Epochs", formatCount(epochs.length)],
    ["Steps", formatCount(timings.steps)],
    ["Training time", `${formatNumber(timings.seconds)} s`],
    ["Seed", String(seed)],
    ["Backend", environment.backend],
  ]);
}
