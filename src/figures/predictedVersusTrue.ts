/** Predicted against true values of a regression. */

import { ShapeError } from "../util/index.ts";
import { type Figure, vegaLiteSchema } from "./figure.ts";
import { formatNumber, plural } from "./format.ts";
import { themeConfig } from "./theme.ts";
import { sampleEvenly } from "./thin.ts";

/** What `predictedVersusTrue` draws. */
export interface PredictedVersusTrueData {
  readonly actual: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** What is predicted, with its unit: "price (k$)". */
  readonly target?: string;
  readonly title?: string;
}

const mostPoints = 800;

/** One point an example, and the diagonal on which every prediction would be right.
 *
 * Of more than 800 examples an even sample is drawn; the words count all. Pairs that are not finite are left out.
 *
 * @throws ShapeError when there are not as many predictions as true values
 * @example
 * predictedVersusTrue({ actual: [1, 2, 3], predicted: [1.1, 1.8, 3.2], target: "height (m)" });
 */
export function predictedVersusTrue(data: PredictedVersusTrueData): Figure {
  const { actual, predicted, target = "value", title = "Predicted against true values" } = data;
  if (actual.length !== predicted.length) {
    throw new ShapeError(
      `predictedVersusTrue: expected as many predictions as true values, got ${predicted.length} and ` +
        `${actual.length}; predict every example once.`,
    );
  }
  const rows = Array.from(actual, (value, i) => ({
    actual: value,
    predicted: predicted[i],
  })).filter((row) => Number.isFinite(row.actual) && Number.isFinite(row.predicted));
  const [low, high] = rangeOf(rows.flatMap((row) => [row.actual, row.predicted]));
  const axis = (field: "actual" | "predicted") => ({
    field,
    type: "quantitative",
    title: `${field === "actual" ? "true" : "predicted"} ${target}`,
    scale: { domain: [low, high], zero: false, nice: false },
    axis: { tickCount: 6, domain: false, ticks: false },
  });
  const encoding = { x: axis("actual"), y: axis("predicted") };
  return {
    title,
    spec: {
      $schema: vegaLiteSchema,
      width: 340,
      height: 340,
      layer: [
        {
          data: {
            values: [
              { actual: low, predicted: low },
              { actual: high, predicted: high },
            ],
          },
          mark: { type: "line", style: "guide" },
          encoding,
        },
        {
          data: { values: sampleEvenly(rows, mostPoints) },
          mark: {
            type: "point",
            style: "regression",
            filled: true,
            size: 36,
            opacity: 0.75,
            strokeWidth: 0.5,
          },
          encoding,
        },
      ],
      config: themeConfig("light"),
    },
    text: describe(rows, target),
    data: rows,
  };
}

type Row = { readonly actual: number; readonly predicted: number };

function rangeOf(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  const margin = (high - low || Math.abs(high) || 1) * 0.04;
  return [low - margin, high + margin];
}

function describe(rows: readonly Row[], target: string): string {
  if (rows.length === 0) return "No example was predicted.";
  const mean = rows.reduce((sum, row) => sum + row.actual, 0) / rows.length;
  let absolute = 0;
  let residual = 0;
  let total = 0;
  for (const row of rows) {
    absolute += Math.abs(row.predicted - row.actual);
    residual += (row.predicted - row.actual) ** 2;
    total += (row.actual - mean) ** 2;
  }
  const share =
    total > 0
      ? ` The network explains R² = ${formatNumber(1 - residual / total)} of its variance.`
      : "";
  return `Over ${plural(rows.length, "example")}, ${target} is missed by ${formatNumber(absolute / rows.length)} on average.${share}`;
}
