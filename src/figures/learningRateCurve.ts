/** The learning-rate range test: the loss over a rate that grows, and the rate to take from it. */

import { UsageError } from "../util/index.ts";
import { type Figure, vegaLiteSchema } from "./figure.ts";
import { formatNumber, plural } from "./format.ts";
import { themeConfig } from "./theme.ts";

/** What `learningRateCurve` draws: what `findLearningRate` finds. */
export interface LearningRateCurveData {
  readonly points: readonly {
    readonly learningRate: number;
    /** Of the batch. */
    readonly loss: number;
    readonly smoothed: number;
  }[];
  /** The rate at which the smoothed loss falls fastest, if it falls. */
  readonly suggestion?: number | undefined;
  readonly title?: string;
}

const plotWidth = 460;
const plotHeight = 260;

/** The loss of each batch, its smoothed line, and the suggested rate, over the logarithm of the rate.
 *
 * @throws UsageError without points
 * @example
 * learningRateCurve({
 *   points: [
 *     { learningRate: 0.001, loss: 1.1, smoothed: 1.1 },
 *     { learningRate: 0.01, loss: 0.9, smoothed: 0.95 },
 *     { learningRate: 0.1, loss: 0.5, smoothed: 0.6 },
 *   ],
 *   suggestion: 0.01,
 * });
 */
export function learningRateCurve(data: LearningRateCurveData): Figure {
  const { points, suggestion, title = "Loss over the learning rate" } = data;
  if (points.length === 0) {
    throw new UsageError(
      "learningRateCurve: expected at least one point, got none; begin with a smaller rate.",
    );
  }
  const marked = points.find(({ learningRate }) => learningRate === suggestion);
  return {
    title,
    spec: {
      $schema: vegaLiteSchema,
      width: plotWidth,
      height: plotHeight,
      layer: layersOf(points, marked),
      config: themeConfig("light"),
    },
    text: describe(points, suggestion),
    data: points.map(({ learningRate, loss, smoothed }) => ({ learningRate, loss, smoothed })),
  };
}

type Points = LearningRateCurveData["points"];

function layersOf(points: Points, marked: Points[number] | undefined): object[] {
  const rates = points.map(({ learningRate }) => learningRate);
  const x = {
    field: "learningRate",
    type: "quantitative",
    title: "learning rate (log scale)",
    scale: { type: "log", domain: [Math.min(...rates), Math.max(...rates)], nice: false },
    axis: {
      values: decades(rates),
      labelExpr: "format(datum.value, datum.value < 0.001 ? '.0e' : '~g')",
      grid: false,
    },
  };
  const y = {
    field: "loss",
    type: "quantitative",
    title: "loss (thin: of each batch; thick: smoothed)",
    // Clamped, not clipped: a clip path would need an identifier, of which a page may hold two.
    scale: { domain: lossDomain(points), nice: false, zero: false, clamp: true },
    axis: { tickCount: 5, domain: false, ticks: false, format: "~g" },
  };
  const encoding = { x, y };
  const smoothed = points.map(({ learningRate, smoothed: loss }) => ({ learningRate, loss }));
  return [
    {
      data: { values: points.map(({ learningRate, loss }) => ({ learningRate, loss })) },
      mark: { type: "line", style: "faint", strokeWidth: 1, opacity: 0.5 },
      encoding,
    },
    {
      data: { values: smoothed },
      mark: { type: "line", style: "train", strokeWidth: 2, strokeJoin: "round" },
      encoding,
    },
    ...(marked ? suggestionMarks(marked, encoding) : []),
  ];
}

/** A vertical line at the suggested rate, a ring on the curve, and the rate in words. */
function suggestionMarks(
  { learningRate, smoothed }: Points[number],
  encoding: { readonly x: object; readonly y: object },
): object[] {
  const values = [{ learningRate, loss: smoothed }];
  return [
    { data: { values }, mark: { type: "rule", style: "guide" }, encoding: { x: encoding.x } },
    {
      data: { values },
      mark: { type: "point", style: "hollow", size: 60, strokeWidth: 2, filled: false, opacity: 1 },
      encoding,
    },
    {
      data: { values },
      mark: { type: "text", style: "validationLabel", baseline: "bottom", align: "center" },
      encoding: {
        x: encoding.x,
        y: { value: -4 },
        text: { value: `suggestion ${formatNumber(learningRate)}` },
      },
    },
  ];
}

/** From the least loss to a little over the first, or over all of it where it never rises far: what
 * comes after the loss diverged would flatten the rest. */
function lossDomain(points: Points): [number, number] {
  const values = points.map(({ smoothed }) => smoothed);
  const least = Math.min(...values, ...points.map(({ loss }) => loss));
  const most = Math.max(...values);
  const start = Math.max(...values.slice(0, Math.ceil(values.length / 4)));
  const high = Math.min(most, start + (start - least));
  const span = high - least || Math.abs(high) || 1;
  return [least - span * 0.08, high + span * 0.15];
}

/** The powers of ten within a range. */
function decades(rates: readonly number[]): number[] {
  const from = Math.ceil(Math.log10(rates[0]) - 1e-9);
  const to = Math.floor(Math.log10(rates[rates.length - 1]) + 1e-9);
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => Number(`1e${from + i}`));
}

function describe(points: Points, suggestion: number | undefined): string {
  const first = points[0];
  const last = points[points.length - 1];
  const lowest = points.reduce((a, b) => (b.smoothed < a.smoothed ? b : a));
  const range =
    `Over ${plural(points.length, "step")} with rates from ${formatNumber(first.learningRate)} to ` +
    `${formatNumber(last.learningRate)}, the smoothed loss goes from ${formatNumber(first.smoothed)} ` +
    `to ${formatNumber(last.smoothed)}`;
  if (suggestion === undefined) return `${range} and never falls.`;
  return (
    `${range}; it falls fastest at ${formatNumber(suggestion)} and is least, ` +
    `${formatNumber(lowest.smoothed)}, at ${formatNumber(lowest.learningRate)}.`
  );
}
