/** The sections of a report, each from its part of the run; a part that is missing gives no section. */

import {
  confusionMatrix,
  decisionBoundary,
  type EpochRecord,
  type Figure,
  formatCount,
  formatNumber,
  formatPercent,
  learningCurves,
  plural,
  predictedVersusTrue,
  renderSvg,
  rocCurves,
} from "../figures/index.ts";
import type { ReportClass, ReportData, ReportMistake } from "./data.ts";
import { facts, Html, html, table } from "./html.ts";
import { grayImage } from "./image.ts";

/** A figure in both themes; the stylesheet shows one of them. */
async function figureBlock(figure: Figure): Promise<Html> {
  const light = new Html(await renderSvg(figure, { theme: "light" }));
  const dark = new Html(await renderSvg(figure, { theme: "dark" }));
  return html`<figure><div class="light">${light}</div><div class="dark">${dark}</div>
<figcaption>${figure.text}</figcaption></figure>`;
}

/** Learning curves and the numbers behind them. */
export async function learningSection({ epochs }: ReportData): Promise<Html | undefined> {
  if (epochs.length === 0) return undefined;
  const figure = await figureBlock(learningCurves({ epochs }));
  return html`<section><h2>How it learned</h2>${figure}${epochTable(epochs)}</section>`;
}

const mostEpochRows = 30;

function epochTable(epochs: readonly EpochRecord[]): Html {
  const every = Math.ceil(epochs.length / mostEpochRows);
  const shown = epochs.filter(
    (_, i) => (i + 1) % every === 0 || i === 0 || i === epochs.length - 1,
  );
  const hasValidation = epochs.some(({ validation }) => validation !== undefined);
  const hasAccuracy = epochs.some(
    ({ train, validation }) => train.accuracy !== undefined || validation?.accuracy !== undefined,
  );
  const parts = hasValidation ? (["train", "validation"] as const) : (["train"] as const);
  const columns = [
    { title: "Epoch", isNumeric: true },
    ...parts.flatMap((part) => [
      { title: `${part} loss`, isNumeric: true },
      ...(hasAccuracy ? [{ title: `${part} accuracy`, isNumeric: true }] : []),
    ]),
  ];
  const rows = shown.map((record) => [
    record.epoch,
    ...parts.flatMap((part) => [
      orDash(record[part]?.loss, formatNumber),
      ...(hasAccuracy ? [orDash(record[part]?.accuracy, formatPercent)] : []),
    ]),
  ]);
  const caption = every === 1 ? "Every epoch" : `Every ${every} epochs, the first and the last`;
  return html`<details><summary>The numbers as a table</summary>${table(caption, columns, rows)}</details>`;
}

function orDash(value: number | null | undefined, format: (value: number) => string): string {
  return value === undefined || value === null || !Number.isFinite(value) ? "–" : format(value);
}

/** Confusion matrix, scores per class and ROC curves, or the scatter of a regression. */
export async function resultsSection(run: ReportData): Promise<Html | undefined> {
  const { confusion, perClass, roc, predictions, dataset } = run;
  const matrix =
    confusion &&
    dataset.classNames &&
    (await figureBlock(confusionMatrix({ classNames: dataset.classNames, counts: confusion })));
  const scores = perClass && perClass.length > 0 && classTable(perClass);
  const curves = roc && (await figureBlock(rocCurves(roc)));
  const scatter = predictions && (await figureBlock(predictedVersusTrue(predictions)));
  if (!matrix && !scores && !curves && !scatter) return undefined;
  const isRegression = scatter && !matrix && !scores && !curves;
  return html`<section>
<h2>${isRegression ? "Predicted against true values" : "What it gets right and wrong"}</h2>
${(matrix || scores) && html`<div class="beside">${matrix}${scores}</div>`}
${curves && html`<h3>ROC curves</h3>${curves}`}
${scatter}</section>`;
}

function classTable(perClass: readonly ReportClass[]): Html {
  return table(
    "Scores of each class on the test examples",
    [
      { title: "Class" },
      { title: "Precision", isNumeric: true },
      { title: "Recall", isNumeric: true },
      { title: "F1", isNumeric: true },
      { title: "Examples", isNumeric: true },
    ],
    perClass.map(({ name, precision, recall, f1, support }) => [
      name,
      orDash(precision, formatPercent),
      orDash(recall, formatPercent),
      orDash(f1, formatPercent),
      formatCount(support),
    ]),
  );
}

/** The map of two features. */
export async function boundarySection(run: ReportData): Promise<Html | undefined> {
  if (!run.decisionBoundary) return undefined;
  const figure = await figureBlock(decisionBoundary(run.decisionBoundary));
  return html`<section><h2>Decision boundary</h2>${figure}</section>`;
}

/** A few wrongly classified examples. */
export function mistakesSection({ mistakes }: ReportData): Html | undefined {
  if (!mistakes || mistakes.length === 0) return undefined;
  return html`<section><h2>Examples it got wrong</h2>
<ul class="mistakes">${mistakes.map(mistakeItem)}</ul></section>`;
}

function mistakeItem({
  index,
  actual,
  predicted,
  confidence,
  features,
  image,
}: ReportMistake): Html {
  return html`<li>${
    image &&
    html`<img src="${grayImage(image)}" width="${image.width}" height="${image.height}" alt="test example ${index}, a ${actual} taken for ${predicted}">`
  }<b>${actual} taken for ${predicted}</b>
<span>test row ${index}${confidence !== undefined && `, ${formatPercent(confidence)} sure`}</span>
${features?.map(({ name, value }) => html`<span>${name}: ${typeof value === "number" ? formatNumber(value) : value}</span>\n`)}</li>`;
}

/** Layers, shapes and parameters. */
export function networkSection({ network }: ReportData): Html {
  const total = network.layers.reduce((sum, { parameters }) => sum + parameters, 0);
  return html`<section><h2>The network</h2>${table(
    "Layers in order",
    [{ title: "Layer" }, { title: "Output shape" }, { title: "Parameters", isNumeric: true }],
    network.layers.map(({ layer, outputShape, parameters }) => [
      layer,
      outputShape,
      formatCount(parameters),
    ]),
    ["Total", "", formatCount(total)],
  )}</section>`;
}

const mostNames = 12;

/** Size, features, classes and splits. */
export function datasetSection({ dataset }: ReportData): Html {
  const { description, rows, splits, featureNames = [], classNames, target } = dataset;
  const named = (names: readonly string[]) =>
    names.length > mostNames
      ? `${names.slice(0, mostNames).join(", ")} and ${names.length - mostNames} more`
      : names.join(", ");
  const described: [string, string | number][] = [
    ["Dataset", dataset.name],
    ["Rows", formatCount(rows)],
    ["Features", formatCount(dataset.features)],
    ...(classNames ? [["Classes", formatCount(classNames.length)] as [string, string]] : []),
    ...(target ? [["Target", target] as [string, string]] : []),
  ];
  return html`<section><h2>The data</h2>
${description && html`<p>${description}</p>`}
${facts(described)}
${featureNames.length > 0 && html`<p class="note">Features: ${named(featureNames)}.</p>`}
${classNames && html`<p class="note">Classes: ${named(classNames)}.</p>`}
${table(
  "How the rows were used",
  [{ title: "Part" }, { title: "Rows", isNumeric: true }, { title: "Share", isNumeric: true }],
  splits.map((split) => [
    split.name,
    formatCount(split.rows),
    rows > 0 ? formatPercent(split.rows / rows) : "–",
  ]),
)}</section>`;
}

/** How to run it again, and where it ran. */
export function reproductionSection(run: ReportData): Html {
  const { command, seed, config, environment, timings } = run;
  const promise =
    environment.mode === "strict"
      ? "In strict mode the same seed and version give the same weights, bit for bit."
      : `This run used the mode “${environment.mode}”; run again in strict mode for bit-identical weights.`;
  return html`<section><h2>Run it again</h2>
<pre><code>${command}</code></pre>
<p class="note">Seed ${seed}. ${promise}</p>
<div class="columns"><div><h3>Configuration</h3>
<pre><code>${JSON.stringify(config, null, 2) ?? "none"}</code></pre></div>
<div><h3>Environment</h3>
${table(
  "Versions and settings",
  [{ title: "What" }, { title: "Value" }],
  [
    ...Object.entries(environment).map(([name, value]) => [name, value]),
    ["training time", `${formatNumber(timings.seconds)} s`],
    ["training", plural(timings.steps, "step")],
  ],
)}</div></div></section>`;
}
