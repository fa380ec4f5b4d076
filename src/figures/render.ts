/** Figures drawn as SVG text, without a browser. */

import type { Figure } from "./figure.ts";
import { escapeMarkup } from "./markup.ts";
import type { Theme } from "./palette.ts";
import { textWidth } from "./textWidth.ts";
import { fontFamily, themeConfig } from "./theme.ts";

/** How to draw a figure. */
export interface RenderOptions {
  /** Colours for a light or a dark page; light unless said. */
  readonly theme?: Theme;
  /** Width in CSS pixels; the drawing scales as a whole. Its own width unless said. */
  readonly width?: number;
  /** Height in CSS pixels; from the width and the drawing's proportions unless said. */
  readonly height?: number;
}

/** Loads what draws ahead of the first drawing, while there is nothing else to do. */
export async function loadRenderer(): Promise<void> {
  await Promise.all([import("vega"), import("vega-lite")]);
}

/** Draws a figure as one SVG element that needs nothing from outside and carries its text.
 *
 * Vega loads on the first call only, so importing figures costs next to nothing.
 *
 * @example
 * const svg = await renderSvg(confusionMatrix({ classNames: ["no", "yes"], counts: [[9, 1], [0, 5]] }));
 */
export async function renderSvg(figure: Figure, options: RenderOptions = {}): Promise<string> {
  const vega = await import("vega");
  const spec = { ...figure.spec, config: themeConfig(options.theme ?? "light") };
  const quiet = vega.logger(vega.Error);
  const isLite = figure.spec.$schema.includes("vega-lite");
  const compiled = isLite
    ? (await import("vega-lite")).compile(spec as never, { logger: quiet as never }).spec
    : spec;
  const view = new vega.View(vega.parse(compiled as never), { renderer: "none", logger: quiet });
  // Layout must not depend on whether a canvas or a font is installed: measure by our own table.
  const metrics = (vega as unknown as { readonly textMetrics: { width: MeasureText } }).textMetrics;
  const measure = metrics.width;
  metrics.width = (item, line) =>
    textWidth(lineText(line ?? item.text), item.fontSize ?? 11, Number(item.fontWeight) >= 600);
  try {
    view.run();
  } finally {
    metrics.width = measure;
  }
  try {
    return finishSvg(await view.toSVG(), figure, options);
  } finally {
    view.finalize();
  }
}

type MeasureText = (
  item: { readonly text?: unknown; readonly fontSize?: number; readonly fontWeight?: unknown },
  line?: unknown,
) => number;

function lineText(text: unknown): string {
  if (text === null || text === undefined) return "";
  return Array.isArray(text) ? String(text[0] ?? "") : String(text);
}

/** Replaces Vega's opening tag by an accessible one, and drops what is neither seen nor read. */
function finishSvg(raw: string, figure: Figure, options: RenderOptions): string {
  const [opening] = /^<svg[^>]*>/.exec(raw) ?? [""];
  const [, boxWidth, boxHeight] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(opening) ?? ["", "1", "1"];
  const ratio = Number(boxHeight) / Number(boxWidth);
  const width = options.width ?? (options.height ? options.height / ratio : Number(boxWidth));
  const height = options.height ?? width * ratio;
  const body = raw
    .slice(opening.length)
    .replace(/ (?:aria-[\w-]+|role|class|pointer-events)="[^"]*"/g, "")
    .replace(/<path d="[^"]*"(?: display="none")?\/>/g, "")
    .replace(/ opacity="1"/g, "")
    .replaceAll(` font-family="${fontFamily}"`, "")
    .replace(/ (transform|d|x2|y2)="([^"]*)"/g, (_, name: string, value: string) => {
      return ` ${name}="${value.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (n) => String(Math.round(Number(n) * 100) / 100))}"`;
    });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" font-family="${fontFamily}" width="${round(width)}" height="${round(height)}" ` +
    `viewBox="0 0 ${boxWidth} ${boxHeight}" aria-label="${escapeMarkup(`${figure.title}. ${figure.text}`)}">` +
    `<title>${escapeMarkup(figure.title)}</title><desc>${escapeMarkup(figure.text)}</desc>${body}`
  );
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
