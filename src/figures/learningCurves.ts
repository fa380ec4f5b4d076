/** Loss and accuracy over the epochs, for training and validation. */

import { UsageError } from "../util/index.ts";
import { type Figure, type FigureRow, vegaLiteSchema } from "./figure.ts";
import { formatNumber, formatPercent, plural } from "./format.ts";
import { themeConfig } from "./theme.ts";
import { thinSeries } from "./thin.ts";

/** What was measured on one part of the data after an epoch. */
export interface EpochMeasures {
  readonly loss: number;
  readonly accuracy?: number;
}

/** One epoch of a run's history. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number;
  readonly train: EpochMeasures;
  readonly validation?: EpochMeasures;
}

/** What `learningCurves` draws. */
export interface LearningCurvesData {
  readonly epochs: readonly EpochRecord[];
  readonly title?: string;
}

const emptyPanel = {
  width: 300,
  height: 60,
  data: { values: [{}] },
  mark: { type: "text", style: "faint", fontSize: 12 },
  encoding: { text: { value: "no finite value to draw" } },
};

type Split = "train" | "validation";
type Measure = "loss" | "accuracy";

interface Point {
  readonly epoch: number;
  readonly value: number;
}

const plotWidth = 280;
const plotHeight = 190;
const labelGap = 15;

/** A panel of losses and, when there are any, a panel of accuracies, each line named at its end.
 *
 * The loss axis is logarithmic when the losses span more than two orders of magnitude. Epochs without
 * a finite value are left out of the line.
 *
 * @throws UsageError when there is no epoch
 * @example
 * learningCurves({
 *   epochs: [
 *     { epoch: 1, train: { loss: 1.1, accuracy: 0.4 }, validation: { loss: 1.0, accuracy: 0.5 } },
 *     { epoch: 2, train: { loss: 0.6, accuracy: 0.8 }, validation: { loss: 0.7, accuracy: 0.7 } },
 *   ],
 * });
 */
export function learningCurves(data: LearningCurvesData): Figure {
  const { epochs, title = "Learning curves" } = data;
  if (epochs.length === 0) {
    throw new UsageError("learningCurves: expected at least one epoch, got none; train first.");
  }
  const measures = (["loss", "accuracy"] as const).filter((measure) =>
    splits.some((split) => seriesOf(epochs, split, measure).length > 0),
  );
  return {
    title,
    spec: {
      $schema: vegaLiteSchema,
      hconcat:
        measures.length > 0 ? measures.map((measure) => panel(epochs, measure)) : [emptyPanel],
      spacing: 28,
      config: themeConfig("light"),
    },
    text: describe(epochs, measures),
    data: rowsOf(epochs),
  };
}

const splits: readonly Split[] = ["train", "validation"];

function seriesOf(epochs: readonly EpochRecord[], split: Split, measure: Measure): Point[] {
  return epochs.flatMap((record) => {
    const value = record[split]?.[measure];
    return value !== undefined && Number.isFinite(value) ? [{ epoch: record.epoch, value }] : [];
  });
}

function panel(epochs: readonly EpochRecord[], measure: Measure): object {
  const series = splits
    .map((split) => ({ split, points: seriesOf(epochs, split, measure) }))
    .filter(({ points }) => points.length > 0);
  const scale = valueScale(
    measure,
    series.flatMap(({ points }) => points.map(({ value }) => value)),
  );
  const format = measure === "loss" ? formatNumber : formatPercent;
  const first = epochs[0].epoch;
  const last = epochs[epochs.length - 1].epoch;
  const x = {
    field: "epoch",
    type: "quantitative",
    title: "epoch",
    scale: { domain: first === last ? [first - 1, last + 1] : [first, last], nice: false },
    axis:
      last - first < 8
        ? { values: epochs.map(({ epoch }) => epoch), format: "d", grid: false }
        : { tickCount: 6, format: last < 10_000 ? "d" : "~s", grid: false },
  };
  const y = {
    field: "value",
    type: "quantitative",
    title: null,
    scale: {
      type: scale.isLog ? "log" : "linear",
      domain: scale.domain,
      nice: false,
      zero: false,
    },
    axis: {
      domain: false,
      ticks: false,
      format: measure === "loss" ? "~g" : ".0%",
      ...(scale.isLog ? { values: logTicks(scale.domain) } : { tickCount: 5 }),
    },
  };
  const best = bestValidation(epochs, measure);
  const lines = series.map(({ split, points }) => ({
    data: { values: thinSeries(points, 500) },
    mark: {
      type: "line",
      style: split,
      strokeWidth: split === "train" ? 1.5 : 2,
      strokeJoin: "round",
      point: points.length <= 12 ? { style: split, size: 28, filled: true } : false,
    },
    encoding: { x, y },
  }));
  const labels = endLabels(series, scale, format).map(({ split, ...label }) => ({
    data: { values: [label] },
    mark: { type: "text", style: `${split}Label`, align: "left", dx: 7, baseline: "middle" },
    encoding: { x, y, text: { field: "label" } },
  }));
  const marker = best && {
    data: { values: [best] },
    mark: { type: "point", style: "hollow", size: 50, strokeWidth: 2, filled: false, opacity: 1 },
    encoding: { x, y },
  };
  const end = series[0].points[series[0].points.length - 1].value;
  const subtitle = best
    ? `${measure === "loss" ? "lowest" : "highest"} validation ${format(best.value)} at epoch ${best.epoch}`
    : `${series[0].split} ${format(end)} at the end`;
  return {
    width: plotWidth,
    height: plotHeight,
    layer: [
      heading(
        `${measure === "loss" ? "Loss" : "Accuracy"}${scale.isLog ? " (log scale)" : ""}`,
        -34,
        true,
      ),
      heading(subtitle, -17, false),
      ...lines,
      ...(marker ? [marker] : []),
      ...labels,
    ],
  };
}

/** A line of words over the panel, at a fixed place so that the panels align. */
function heading(text: string, y: number, isTitle: boolean): object {
  return {
    data: { values: [{}] },
    mark: {
      type: "text",
      style: isTitle ? "heading" : "faint",
      fontSize: isTitle ? 13 : 11,
      align: "left",
      baseline: "middle",
    },
    encoding: { x: { value: 0 }, y: { value: y }, text: { value: text } },
  };
}

interface ValueScale {
  readonly domain: readonly [number, number];
  readonly isLog: boolean;
}

function valueScale(measure: Measure, values: readonly number[]): ValueScale {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  if (measure === "accuracy") {
    const floor = Math.max(0, Math.floor((low - 0.02) * 10) / 10);
    return { domain: [Math.min(floor, 0.9), Math.max(1, high)], isLog: false };
  }
  if (low > 0 && high / low > 100) return { domain: [low / 1.3, high * 1.3], isLog: true };
  if (low >= 0) return { domain: [0, high > 0 ? high * 1.05 : 1], isLog: false };
  const span = high - low || 1;
  return { domain: [low - span * 0.05, high + span * 0.05], isLog: false };
}

/** Decades, and between them 2 and 5 when there are few decades. */
function logTicks([low, high]: readonly [number, number]): number[] {
  const from = Math.floor(Math.log10(low));
  const to = Math.ceil(Math.log10(high));
  const step = Math.max(1, Math.ceil((to - from) / 6));
  const ticks: number[] = [];
  for (let power = from; power <= to; power += step) {
    for (const digit of to - from <= 3 ? [1, 2, 5] : [1]) ticks.push(Number(`${digit}e${power}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}

/** A name and the last value at the end of each line, moved apart where they would overlap. */
function endLabels(
  series: readonly { readonly split: Split; readonly points: readonly Point[] }[],
  scale: ValueScale,
  format: (value: number) => string,
): { split: Split; epoch: number; value: number; label: string }[] {
  const warp = (value: number) => (scale.isLog ? Math.log(value) : value);
  const [low, high] = scale.domain.map(warp);
  const placed = series
    .map(({ split, points }) => {
      const end = points[points.length - 1];
      const height = ((warp(end.value) - low) / (high - low)) * plotHeight;
      return { split, epoch: end.epoch, label: `${split} ${format(end.value)}`, height };
    })
    .sort((a, b) => a.height - b.height);
  if (placed.length === 2 && placed[0].epoch === placed[1].epoch) {
    const missing = labelGap - (placed[1].height - placed[0].height);
    if (missing > 0) {
      placed[0].height -= missing / 2;
      placed[1].height += missing / 2;
      const under = Math.max(0, 4 - placed[0].height);
      const over = Math.max(0, placed[1].height - plotHeight);
      for (const label of placed) label.height += under - over;
    }
  }
  return placed.map(({ height, ...label }) => {
    const position = low + (height / plotHeight) * (high - low);
    return { ...label, value: scale.isLog ? Math.exp(position) : position };
  });
}

function bestValidation(epochs: readonly EpochRecord[], measure: Measure): Point | undefined {
  const points = seriesOf(epochs, "validation", measure);
  if (points.length < 2) return undefined;
  return points.reduce((best, point) =>
    (measure === "loss" ? point.value < best.value : point.value > best.value) ? point : best,
  );
}

function describe(epochs: readonly EpochRecord[], measures: readonly Measure[]): string {
  const sentences = measures.map((measure) => {
    const format = measure === "loss" ? formatNumber : formatPercent;
    const best = bestValidation(epochs, measure);
    const parts = splits.flatMap((split) => {
      const points = seriesOf(epochs, split, measure);
      if (points.length === 0) return [];
      const start = format(points[0].value);
      const end = format(points[points.length - 1].value);
      return points.length === 1 ? [`${split} ${end}`] : [`${split} from ${start} to ${end}`];
    });
    const extreme = best
      ? `, ${measure === "loss" ? "lowest" : "highest"} validation ${format(best.value)} at epoch ${best.epoch}`
      : "";
    const name = measure === "loss" ? "Loss" : "Accuracy";
    const when = epochs.length === 1 ? "after" : "over";
    return `${name} ${when} ${plural(epochs.length, "epoch")}: ${parts.join("; ")}${extreme}.`;
  });
  return sentences.length > 0
    ? sentences.join(" ")
    : `No finite loss or accuracy in ${plural(epochs.length, "epoch")}.`;
}

function rowsOf(epochs: readonly EpochRecord[]): FigureRow[] {
  return epochs.flatMap((record) =>
    splits.flatMap((split) => {
      const measured = record[split];
      return measured
        ? [
            {
              epoch: record.epoch,
              split,
              loss: finite(measured.loss),
              accuracy: finite(measured.accuracy),
            },
          ]
        : [];
    }),
  );
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
