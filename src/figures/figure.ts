/** What a figure is: a chart as plain data, with its words and its numbers. */

/** One row of a figure's numbers: flat, so that it exports to CSV and JSON as it is. */
export type FigureRow = Readonly<Record<string, string | number | boolean | null>>;

/** A Vega or Vega-Lite specification as plain data; `$schema` says which of the two. */
export interface FigureSpec {
  readonly $schema: string;
  readonly [property: string]: unknown;
}

/** A figure: everything needed to draw it, to read it aloud, and to plot it again elsewhere.
 *
 * The specification is complete and carries the light theme as its `config`; `renderSvg` swaps
 * that part for another theme.
 *
 * @example
 * const figure: Figure = learningCurves({ epochs: [{ epoch: 1, train: { loss: 0.7 } }] });
 * figure.text; // "Loss after 1 epoch: train 0.7."
 */
export interface Figure {
  readonly title: string;
  readonly spec: FigureSpec;
  /** What the figure shows, in plain words. */
  readonly text: string;
  /** The numbers behind the figure. */
  readonly data: readonly FigureRow[];
}

export const vegaSchema = "https://vega.github.io/schema/vega/v6.json";
export const vegaLiteSchema = "https://vega.github.io/schema/vega-lite/v6.json";
