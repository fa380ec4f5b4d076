/** Activation sheets: formula, derivative, curve, saturation and typical use. */

import type { Figure, FigureRow } from "../../figures/index.ts";
import { nearestName, UsageError } from "../../util/index.ts";
import {
  apply,
  applyDerivative,
  type Equation,
  type Expression,
  evaluateExpression,
  type Format,
  inLanguage,
  type MathFunction,
  plainText,
  symbol,
  typeset,
} from "../math/index.ts";
import type { Words } from "../words.ts";
import { activations } from "./catalogue.ts";

/** Everything about one activation. */
export interface ActivationSheet {
  readonly kind: string;
  readonly title: Words;
  readonly function: MathFunction;
  readonly range: string;
  readonly saturation: Words;
  readonly use: Words;
  readonly source: string;
  /** f(x) and f′(x) over a range of x. */
  readonly curve: readonly { readonly x: number; readonly value: number; readonly slope: number }[];
}

/** The kinds that have a sheet. */
export const activationKinds: readonly string[] = Object.keys(activations);

/** The sheet of an activation.
 *
 * @param options the layer's, such as `{ slope: 0.2 }` of leakyRelu
 * @throws UsageError for an unknown kind
 * @example
 * activationSheet("relu").use.en; // "the default of hidden layers"
 */
export function activationSheet(
  kind: string,
  options: Readonly<Record<string, unknown>> = {},
): ActivationSheet {
  const entry = Object.hasOwn(activations, kind) ? activations[kind] : undefined;
  if (entry === undefined) {
    const close = nearestName(kind, activationKinds);
    const hint = close ? `did you mean "${close}"?` : `known are ${activationKinds.join(", ")}.`;
    throw new UsageError(`activationSheet: unknown activation "${kind}"; ${hint}`);
  }
  const f = entry.make(options);
  const { title, range, saturation, use, source } = entry;
  const steps = 160;
  const curve = Array.from({ length: steps + 1 }, (_, i) => {
    const x = -4 + (8 * i) / steps;
    return { x, value: valueAt(f.value, f, x), slope: valueAt(f.derivative, f, x) };
  });
  return { kind, title, function: f, range, saturation, use, source, curve };
}

/** A formula of the function's argument at a point. */
export function valueAt(formula: Expression, { argument }: MathFunction, x: number): number {
  const values = new Map([[argument.key, { shape: [], data: Float64Array.of(x) }]]);
  return evaluateExpression(formula, values).data[0];
}

/** f(x) = … or f′(x) = … in a format. */
export function functionLine(
  f: MathFunction,
  part: "value" | "derivative",
  format: Format,
): string {
  const left =
    part === "value" ? apply(f, symbol(f.argument)) : applyDerivative(f, symbol(f.argument));
  const right: Equation["right"] = part === "value" ? f.value : f.derivative;
  return format.row([typeset(left, format), format.operator("="), typeset(right, format)]);
}

/** The sheets as text, one after the other. */
export function sheetText(sheet: ActivationSheet, language: "en" | "zh" = "en"): string {
  const label = {
    en: { range: "range", saturation: "saturates", use: "use", source: "source" },
    zh: { range: "值域", saturation: "饱和", use: "用途", source: "来源" },
  }[language];
  return [
    `${sheet.kind}: ${sheet.title[language]}`,
    `  ${functionLine(sheet.function, "value", inLanguage(plainText, language))}`,
    `  ${functionLine(sheet.function, "derivative", inLanguage(plainText, language))}`,
    `  ${label.range}: ${sheet.range}`,
    `  ${label.saturation}: ${sheet.saturation[language]}`,
    `  ${label.use}: ${sheet.use[language]}`,
    ...(sheet.source ? [`  ${label.source}: ${sheet.source}`] : []),
  ].join("\n");
}

/** Several activations side by side: each with its curve (solid) and its derivative (dashed). */
export function activationFigure(sheets: readonly ActivationSheet[]): Figure {
  const data: FigureRow[] = sheets.flatMap(({ kind, curve }) =>
    curve.flatMap(({ x, value, slope }) => [
      { activation: kind, x, y: value, line: "f(x)" },
      { activation: kind, x, y: slope, line: "f′(x)" },
    ]),
  );
  const names = sheets.map(({ kind }) => kind);
  return {
    title: names.length === 1 ? `Activation ${names[0]}` : "Activations",
    text: `The curves of ${names.join(", ")} and of their derivatives for x from −4 to 4.`,
    data,
    spec: {
      $schema: "https://vega.github.io/schema/vega-lite/v6.json",
      data: { values: data },
      columns: 4,
      spacing: { row: 34, column: 28 },
      concat: names.map((name) => ({
        title: { text: name, anchor: "start", frame: "group" },
        width: 180,
        height: 130,
        bounds: "flush",
        transform: [{ filter: { field: "activation", equal: name } }],
        layer: [
          { mark: { type: "rule", style: "guide" }, encoding: { y: { datum: 0 } } },
          {
            mark: { type: "line", clip: true, strokeWidth: 2 },
            encoding: {
              x: { field: "x", type: "quantitative", title: null },
              y: { field: "y", type: "quantitative", title: null, scale: { nice: true } },
              color: { field: "line", type: "nominal", title: null, sort: ["f(x)", "f′(x)"] },
              strokeDash: { field: "line", type: "nominal", title: null, sort: ["f(x)", "f′(x)"] },
            },
          },
        ],
      })),
      resolve: { scale: { y: "independent" } },
    },
  };
}
