/** The confusion matrix: which classes are taken for which. */

import { ShapeError } from "../util/index.ts";
import { type Figure, vegaLiteSchema } from "./figure.ts";
import { formatCount, formatPercent, labelNames, listWords, plural } from "./format.ts";
import { textWidth } from "./textWidth.ts";
import { themeConfig } from "./theme.ts";

/** What `confusionMatrix` draws. */
export interface ConfusionMatrixData {
  readonly classNames: readonly string[];
  /** `counts[actual][predicted]`, one row and one column a class. */
  readonly counts: readonly ArrayLike<number>[];
  readonly title?: string;
}

/** Counts of actual (rows) against predicted classes (columns).
 *
 * A cell's colour is its share of its row: blue on the diagonal, orange off it, where small shares
 * are lifted so that rare mistakes stay visible.
 *
 * @throws ShapeError when the counts are not one row and one column a class
 * @example
 * confusionMatrix({ classNames: ["cat", "dog"], counts: [[18, 2], [1, 19]] });
 */
export function confusionMatrix(data: ConfusionMatrixData): Figure {
  const { classNames, counts, title = "Confusion matrix" } = data;
  const size = classNames.length;
  const ragged = counts.findIndex((row) => row.length !== size);
  if (counts.length !== size || ragged >= 0) {
    const got = ragged >= 0 ? `row ${ragged} of ${counts[ragged].length}` : `${counts.length} rows`;
    throw new ShapeError(
      `confusionMatrix: expected counts [${size}, ${size}] for ${plural(size, "class name")}, got ${got}; ` +
        "give one row and one column a class.",
    );
  }
  const names = labelNames(classNames, size > 10 ? 16 : 24);
  const cells = cellsOf(counts, names);
  return {
    title,
    spec: matrixSpec(cells, names),
    text: describe(counts, names),
    data: cells.map(({ actual, predicted, count, share }) => ({ actual, predicted, count, share })),
  };
}

interface Cell {
  readonly actual: string;
  readonly predicted: string;
  readonly count: number;
  readonly share: number | null;
  readonly isRight: boolean;
  /** Position on the colour ramp, 0 to 1. */
  readonly strength: number;
  readonly label: string;
  readonly detail: string;
}

function cellsOf(counts: readonly ArrayLike<number>[], names: readonly string[]): Cell[] {
  return counts.flatMap((row, i) => {
    const total = Array.from(row).reduce((a, b) => a + b, 0);
    return Array.from(row, (count, j) => {
      const share = total > 0 ? count / total : null;
      const isRight = i === j;
      return {
        actual: names[i],
        predicted: names[j],
        count,
        share,
        isRight,
        strength: share === null ? 0 : isRight ? share : Math.cbrt(share),
        label: count >= 100_000 ? `${Math.round(count / 1000)}k` : formatCount(count),
        detail: share === null ? "" : formatPercent(share),
      };
    });
  });
}

function matrixSpec(cells: readonly Cell[], names: readonly string[]) {
  const size = names.length;
  const step = size <= 4 ? 84 : size <= 6 ? 66 : size <= 10 ? 46 : size <= 14 ? 38 : 32;
  const fontSize = size <= 6 ? 15 : size <= 10 ? 13 : size <= 14 ? 11 : 10;
  const hasDetail = size <= 6;
  // Many empty cells: the panel shows through instead of a rectangle and a dot for each.
  const isLarge = size > 10;
  const isTilted = names.some((name) => textWidth(name, 11) > step - 6);
  const position = (field: "actual" | "predicted") => ({
    field,
    type: "ordinal",
    scale: { domain: names, paddingInner: 0, paddingOuter: 0 },
    axis: {
      title: `${field} class`,
      domain: false,
      ticks: false,
      orient: field === "actual" ? "left" : "top",
      labelAngle: field === "predicted" && isTilted ? -45 : 0,
      ...(field === "predicted" && isTilted ? { labelAlign: "left", labelBaseline: "middle" } : {}),
    },
  });
  const encoding = { x: position("predicted"), y: position("actual") };
  const rectangles = (isRight: boolean) => ({
    data: {
      values: cells.filter(
        (cell) => cell.isRight === isRight && (isRight || cell.count > 0 || !isLarge),
      ),
    },
    mark: { type: "rect", style: "separator", strokeWidth: 2, cornerRadius: 3 },
    encoding: {
      ...encoding,
      fill: {
        field: "strength",
        type: "quantitative",
        scale: { domain: [0, 1], range: isRight ? "ramp" : "wrong", interpolate: "rgb" },
        legend: null,
      },
    },
  });
  const panel = {
    data: { values: [{}] },
    mark: { type: "rect", style: "panel" },
    encoding: {
      x: { value: 0 },
      y: { value: 0 },
      x2: { value: step * size },
      y2: { value: step * size },
    },
  };
  const texts = (field: "label" | "detail", style: string, chosen: readonly Cell[]) => ({
    data: { values: chosen },
    mark: {
      type: "text",
      style,
      fontSize: field === "label" ? fontSize : 11,
      fontWeight: field === "label" ? 600 : 400,
      dy: hasDetail ? (field === "label" ? -7 : 11) : 0,
    },
    encoding: { ...encoding, text: { field } },
  });
  const zero = isLarge ? [] : cells.filter(({ count }) => count === 0);
  const pale = cells.filter(({ count, strength }) => count > 0 && strength < 0.55);
  const strong = cells.filter(({ count, strength }) => count > 0 && strength >= 0.55);
  return {
    $schema: vegaLiteSchema,
    width: step * size,
    height: step * size,
    layer: [
      panel,
      rectangles(true),
      rectangles(false),
      { ...texts("label", "faint", zero), encoding: { ...encoding, text: { value: "·" } } },
      texts("label", "onPale", pale),
      texts("label", "onStrong", strong),
      ...(hasDetail ? [texts("detail", "onPale", pale), texts("detail", "onStrong", strong)] : []),
    ].filter(({ data }) => data.values.length > 0),
    resolve: { scale: { fill: "independent" } },
    config: themeConfig("light"),
  };
}

function describe(counts: readonly ArrayLike<number>[], names: readonly string[]): string {
  let total = 0;
  let right = 0;
  const mistakes: { words: string; count: number }[] = [];
  for (let i = 0; i < names.length; i++) {
    for (let j = 0; j < names.length; j++) {
      const count = counts[i][j];
      total += count;
      if (i === j) right += count;
      else if (count > 0) {
        mistakes.push({
          words: `${names[i]} taken for ${names[j]} (${formatCount(count)})`,
          count,
        });
      }
    }
  }
  if (total === 0) return "No example was counted.";
  const sum = `${formatCount(right)} of ${plural(total, "example")} right (${formatPercent(right / total)}).`;
  if (mistakes.length === 0) return `${sum} No class was taken for another.`;
  mistakes.sort((a, b) => b.count - a.count);
  const shown = mistakes.slice(0, 3).map(({ words }) => words);
  return `${sum} ${mistakes.length > 3 ? "Most frequent mistakes" : "Mistakes"}: ${listWords(shown)}.`;
}
