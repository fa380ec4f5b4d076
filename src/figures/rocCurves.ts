/** Receiver operating characteristic: what each class gains in true positives for its false ones. */

import { ShapeError } from "../util/index.ts";
import { type Figure, vegaLiteSchema } from "./figure.ts";
import { formatNumber, labelNames } from "./format.ts";
import { themeConfig } from "./theme.ts";
import { simplifyLine } from "./thin.ts";

/** The curve of one class against all others, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Index into `classNames`; it chooses the colour. */
  readonly class: number;
  readonly falsePositiveRate: ArrayLike<number>;
  readonly truePositiveRate: ArrayLike<number>;
  /** Area under the curve; by the trapezoidal rule unless given. */
  readonly area?: number;
}

/** What `rocCurves` draws. */
export interface RocCurvesData {
  readonly classNames: readonly string[];
  readonly curves: readonly RocCurve[];
  readonly title?: string;
}

/** One curve a class, with its area in the legend and the diagonal of guessing.
 *
 * @throws ShapeError when a curve's two rates differ in length
 * @example
 * rocCurves({
 *   classNames: ["no", "yes"],
 *   curves: [{ class: 1, falsePositiveRate: [0, 0, 0.5, 1], truePositiveRate: [0, 0.8, 1, 1] }],
 * });
 */
export function rocCurves(data: RocCurvesData): Figure {
  const { title = "ROC curves" } = data;
  const names = labelNames(data.classNames);
  const curves = data.curves.map((curve) => {
    const { falsePositiveRate: x, truePositiveRate: y } = curve;
    if (x.length !== y.length || x.length < 2) {
      throw new ShapeError(
        `rocCurves, class ${curve.class}: expected as many true as false positive rates and at least two, ` +
          `got ${y.length} and ${x.length}; give one pair a threshold.`,
      );
    }
    const points = Array.from(x, (rate, i) => [rate, y[i]] as const);
    const area = curve.area ?? trapezoids(points);
    return { class: curve.class, name: names[curve.class], points, area };
  });
  return {
    title,
    spec: rocSpec(curves, names),
    text: `Areas under the curves — ${curves.map(({ name, area }) => `${name}: ${formatArea(area)}`).join(", ")}.`,
    data: curves.flatMap(({ name, points }) =>
      points.map(([falsePositiveRate, truePositiveRate]) => ({
        class: name,
        falsePositiveRate,
        truePositiveRate,
      })),
    ),
  };
}

interface NamedCurve {
  readonly class: number;
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
  readonly area: number;
}

function trapezoids(points: readonly (readonly [number, number])[]): number {
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    area += ((points[i][0] - points[i - 1][0]) * (points[i][1] + points[i - 1][1])) / 2;
  }
  return area;
}

function formatArea(area: number): string {
  return Number.isFinite(area) ? String(Number(area.toFixed(3))) : formatNumber(area);
}

function rocSpec(curves: readonly NamedCurve[], names: readonly string[]) {
  const axis = (field: string, title: string) => ({
    field,
    type: "quantitative",
    title,
    scale: { domain: [0, 1] },
    axis: { tickCount: 5, domain: false, ticks: false },
  });
  const encoding = {
    x: axis("x", "false positive rate"),
    y: axis("y", "true positive rate"),
    order: { field: "order", type: "quantitative" },
  };
  const labels = Object.fromEntries(curves.map(({ name, area }) => [name, formatArea(area)]));
  return {
    $schema: vegaLiteSchema,
    width: 300,
    height: 300,
    layer: [
      {
        data: {
          values: [
            { x: 0, y: 0, order: 0 },
            { x: 1, y: 1, order: 1 },
          ],
        },
        mark: { type: "line", style: "guide" },
        encoding,
      },
      {
        data: {
          values: curves.flatMap(({ name, points }) =>
            simplifyLine(points, 0.0005).map(([x, y], order) => ({ class: name, x, y, order })),
          ),
        },
        mark: { type: "line", strokeWidth: 2, strokeJoin: "round" },
        encoding: {
          ...encoding,
          color: {
            field: "class",
            type: "nominal",
            scale: { domain: names, range: "category" },
            legend: {
              title: "class, area under its curve",
              values: curves.map(({ name }) => name),
              symbolType: "stroke",
              symbolStrokeWidth: 3,
              labelExpr: `datum.label + '  ' + (${JSON.stringify(labels)})[datum.label]`,
            },
          },
        },
      },
    ],
    config: themeConfig("light"),
  };
}
