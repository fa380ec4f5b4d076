/** The map of a plane: which class a network gives to every pair of two features. */

import { ShapeError } from "../util/index.ts";
import { type Figure, vegaSchema } from "./figure.ts";
import { formatPercent, labelNames, listWords, plural } from "./format.ts";
import { leadPaths, regionPaths, type ScoreGrid } from "./regions.ts";
import { themeConfig } from "./theme.ts";
import { sampleEvenly } from "./thin.ts";

/** One example in the plane. */
export interface BoundaryPoint {
  readonly x: number;
  readonly y: number;
  /** Index of the true class. */
  readonly class: number;
  /** Train unless said. */
  readonly split?: "train" | "test";
  /** Index of the class the network gives; read off the nearest grid point unless said. */
  readonly predicted?: number;
}

/** What `decisionBoundary` draws. */
export interface DecisionBoundaryData {
  /** First and last grid column, in units of the first feature. */
  readonly xRange: readonly [number, number];
  /** First and last grid row, in units of the second feature. */
  readonly yRange: readonly [number, number];
  readonly gridWidth: number;
  readonly gridHeight: number;
  /** Probabilities [gridHeight, gridWidth, classes], or class indices [gridHeight, gridWidth]; for two
   * classes also the probability of class 1 alone, if some value is not an integer. Row 0 is `yRange[0]`. */
  readonly scores: ArrayLike<number>;
  readonly points: readonly BoundaryPoint[];
  readonly classNames: readonly string[];
  readonly featureNames: readonly [string, string];
  readonly title?: string;
}

const mostPoints = 600;
const leads = [0.3, 0.6, 0.9];

/** Filled class regions with training points as circles and test points as diamonds.
 *
 * Darker means that the leading class is further ahead of the second (by 0.3, 0.6 and 0.9 in
 * probability). Examples on the wrong side wear a ring. Of more than 600 examples an even sample is drawn.
 *
 * @throws ShapeError when the scores do not fit the grid and the classes
 * @example
 * decisionBoundary({
 *   xRange: [0, 1], yRange: [0, 1], gridWidth: 2, gridHeight: 2, scores: [0, 1, 1, 0],
 *   points: [{ x: 0, y: 1, class: 1 }], classNames: ["even", "odd"], featureNames: ["a", "b"],
 * });
 */
export function decisionBoundary(data: DecisionBoundaryData): Figure {
  const { classNames, featureNames, title = "Decision boundary" } = data;
  const names = labelNames(classNames);
  const [plotWidth, plotHeight] = plotSize(data);
  const grid = { ...scoresOf(data), plotWidth, plotHeight };
  const leading = leadingClasses(grid);
  const points = data.points.map((point) => {
    const predicted = point.predicted ?? leading[nearestCell(data, point)];
    const isWrong = predicted !== point.class;
    return { ...point, split: point.split ?? "train", predicted, isWrong };
  });
  const drawn = sampleEvenly(points, mostPoints);
  return {
    title,
    spec: boundarySpec(data, grid, drawn, names),
    text: describe(leading, points, drawn.length, names, featureNames),
    data: points.map((point) => ({
      [featureNames[0]]: point.x,
      [featureNames[1]]: point.y,
      class: names[point.class] ?? String(point.class),
      predicted: names[point.predicted] ?? String(point.predicted),
      split: point.split,
    })),
  };
}

type PlacedPoint = Required<BoundaryPoint> & { readonly isWrong: boolean };

/** A common unit on both axes where that still gives a handy shape, a square otherwise. */
function plotSize({ xRange, yRange }: DecisionBoundaryData): [number, number] {
  const ratio = (yRange[1] - yRange[0]) / (xRange[1] - xRange[0]);
  const isHandy = ratio > 0.5 && ratio < 1.25;
  return [420, isHandy ? Math.round(420 * ratio) : 420];
}

function scoresOf(data: DecisionBoundaryData): Omit<ScoreGrid, "plotWidth" | "plotHeight"> {
  const { gridWidth, gridHeight, scores } = data;
  const classes = data.classNames.length;
  const cells = gridWidth * gridHeight;
  if (
    gridWidth < 2 ||
    gridHeight < 2 ||
    (scores.length !== cells * classes && scores.length !== cells)
  ) {
    throw new ShapeError(
      `decisionBoundary: expected scores [${gridHeight}, ${gridWidth}, ${classes}] or class indices ` +
        `[${gridHeight}, ${gridWidth}] on a grid of at least 2 by 2, got ${plural(scores.length, "value")}; ` +
        "evaluate the network once for every grid point.",
    );
  }
  const full = new Float64Array(cells * classes);
  if (scores.length === cells * classes && classes > 1) {
    for (let i = 0; i < full.length; i++) full[i] = Number.isFinite(scores[i]) ? scores[i] : 0;
  } else if (classes === 2 && Array.from(scores).some((score) => !Number.isInteger(score))) {
    for (let cell = 0; cell < cells; cell++) {
      full[cell * 2 + 1] = Number.isFinite(scores[cell]) ? scores[cell] : 0.5;
      full[cell * 2] = 1 - full[cell * 2 + 1];
    }
  } else {
    for (let cell = 0; cell < cells; cell++) {
      if (scores[cell] >= 0 && scores[cell] < classes) full[cell * classes + scores[cell]] = 1;
    }
  }
  return { gridWidth, gridHeight, classes, scores: full };
}

function leadingClasses({ scores, classes, gridWidth, gridHeight }: ScoreGrid): Uint16Array {
  return Uint16Array.from({ length: gridWidth * gridHeight }, (_, cell) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (scores[cell * classes + k] > scores[cell * classes + best]) best = k;
    }
    return best;
  });
}

function nearestCell(data: DecisionBoundaryData, { x, y }: BoundaryPoint): number {
  const { xRange, yRange, gridWidth, gridHeight } = data;
  const index = (value: number, [low, high]: readonly [number, number], count: number) =>
    Math.min(count - 1, Math.max(0, Math.round(((value - low) / (high - low)) * (count - 1))));
  return index(y, yRange, gridHeight) * gridWidth + index(x, xRange, gridWidth);
}

function boundarySpec(
  data: DecisionBoundaryData,
  grid: ScoreGrid,
  points: readonly PlacedPoint[],
  names: readonly string[],
) {
  const regions = regionPaths(grid);
  const isProbability = Array.prototype.every.call(grid.scores, (s) => s >= -1e-6 && s <= 1 + 1e-6);
  const isGraded = data.scores.length !== data.gridWidth * data.gridHeight || !areIndices(data);
  const shades =
    isProbability && isGraded && names.length > 1
      ? regions.flatMap(({ class: k }) =>
          leadPaths(grid, k, leads).flatMap((path) => (path ? [{ class: names[k], path }] : [])),
        )
      : [];
  const inside = points.filter(
    ({ x, y }) =>
      x >= data.xRange[0] && x <= data.xRange[1] && y >= data.yRange[0] && y <= data.yRange[1],
  );
  const kinds = [...new Set(inside.map(({ split }) => split))].sort().reverse();
  const legendKinds = [...kinds, ...(inside.some(({ isWrong }) => isWrong) ? ["wrong side"] : [])];
  const encodePoint = {
    x: { scale: "x", field: "x" },
    y: { scale: "y", field: "y" },
    shape: { scale: "shape", field: "split" },
  };
  return {
    $schema: vegaSchema,
    width: grid.plotWidth,
    height: grid.plotHeight,
    autosize: "pad",
    data: [
      {
        name: "regions",
        values: regions.map(({ class: k, path }) => ({ class: names[k], path })),
      },
      { name: "shades", values: shades },
      {
        name: "points",
        values: inside.map((point) => ({ ...point, class: names[point.class] })),
      },
    ],
    scales: [
      { name: "x", type: "linear", domain: data.xRange, range: "width", zero: false },
      { name: "y", type: "linear", domain: data.yRange, range: "height", zero: false },
      { name: "class", type: "ordinal", domain: names, range: "category" },
      {
        name: "shape",
        type: "ordinal",
        domain: ["train", "test", "wrong side"],
        range: ["circle", "diamond", "circle"],
      },
      { name: "kind", type: "ordinal", domain: legendKinds, range: legendKinds.map(markOf) },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: data.featureNames[0], tickCount: 6, zindex: 1 },
      { orient: "left", scale: "y", title: data.featureNames[1], tickCount: 6, zindex: 1 },
    ],
    legends: [
      {
        fill: "class",
        title: "class",
        symbolType: "circle",
        symbolSize: 90,
        orient: "right",
        encode: { symbols: { update: { stroke: { value: null } } } },
      },
      ...(legendKinds.length > 0
        ? [
            {
              shape: "kind",
              title: "examples",
              symbolStrokeWidth: 1.5,
              orient: "right",
              encode: {
                symbols: {
                  update: { size: { signal: "datum.value === 'wrong side' ? 130 : 50" } },
                },
              },
            },
          ]
        : []),
    ],
    marks: [
      {
        type: "group",
        encode: {
          update: { width: { signal: "width" }, height: { signal: "height" } },
        },
        marks: [
          {
            type: "path",
            from: { data: "regions" },
            style: "separator",
            encode: {
              update: {
                path: { field: "path" },
                fill: { scale: "class", field: "class" },
                strokeWidth: { value: 1.5 },
              },
            },
          },
          {
            type: "rect",
            style: "veil",
            encode: {
              update: {
                width: { signal: "width" },
                height: { signal: "height" },
                fillOpacity: { value: 0.8 },
              },
            },
          },
          {
            type: "path",
            from: { data: "shades" },
            encode: {
              update: {
                path: { field: "path" },
                fill: { scale: "class", field: "class" },
                fillOpacity: { value: 0.12 },
              },
            },
          },
        ],
      },
      {
        type: "symbol",
        from: { data: "points" },
        style: "separator",
        encode: {
          update: {
            ...encodePoint,
            size: { signal: "datum.split === 'test' ? 58 : 32" },
            fill: { scale: "class", field: "class" },
            strokeWidth: { value: 0.8 },
          },
        },
      },
      {
        type: "symbol",
        from: { data: "points" },
        style: "ring",
        encode: {
          update: {
            x: encodePoint.x,
            y: encodePoint.y,
            size: { signal: "datum.isWrong ? 130 : 0" },
            fill: { value: "transparent" },
            strokeWidth: { value: 1.5 },
          },
        },
      },
    ],
    config: themeConfig("light"),
  };
}

function areIndices({ scores }: DecisionBoundaryData): boolean {
  return Array.from(scores).every((score) => Number.isInteger(score));
}

function markOf(kind: string): string {
  return kind === "test" ? "diamond" : "circle";
}

function describe(
  leading: Uint16Array,
  points: readonly PlacedPoint[],
  drawn: number,
  names: readonly string[],
  [first, second]: readonly [string, string],
): string {
  const cells = new Array<number>(names.length).fill(0);
  for (const k of leading) cells[k]++;
  const shares = names.map((name, k) => `${name} ${formatPercent(cells[k] / leading.length)}`);
  const area = `Of the plane of ${first} and ${second}, the network gives ${listWords(shares)}.`;
  const sides = (["train", "test"] as const).flatMap((split) => {
    const those = points.filter((point) => point.split === split);
    if (those.length === 0) return [];
    const wrong = those.filter(({ isWrong }) => isWrong).length;
    return [`${wrong} of ${plural(those.length, `${split} example`)}`];
  });
  const mistakes = sides.length > 0 ? ` On the wrong side: ${listWords(sides)}.` : "";
  const sample = drawn < points.length ? ` An even sample of ${drawn} examples is drawn.` : "";
  return area + mistakes + sample;
}
