/** The Vega configuration of a theme: fonts, axes, and the named colours that specifications refer to. */

import { paletteOf, type Theme } from "./palette.ts";

export const fontFamily =
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

/** The `config` of a Vega or Vega-Lite specification in a theme.
 *
 * Specifications name colours by role, so that one specification serves both themes: the ranges
 * `category` (classes), `ramp` (share that is right), `wrong` (share that is wrong), and the mark
 * styles below.
 *
 * @example
 * const darkSpec = { ...figure.spec, config: themeConfig("dark") };
 */
export function themeConfig(theme: Theme): Record<string, unknown> {
  const { surface, ink, muted, grid, train, validation, classes, right, wrong } = paletteOf(theme);
  return {
    background: surface,
    aria: false,
    padding: 8,
    axis: {
      labelFont: fontFamily,
      titleFont: fontFamily,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
      labelColor: muted,
      titleColor: muted,
      domainColor: grid,
      gridColor: grid,
      tickColor: grid,
      tickSize: 4,
      labelPadding: 4,
      titlePadding: 8,
      labelLimit: 0,
      titleLimit: 0,
      labelFlush: false,
    },
    legend: {
      labelFont: fontFamily,
      titleFont: fontFamily,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
      labelColor: ink,
      titleColor: muted,
      labelLimit: 0,
      titleLimit: 0,
      rowPadding: 4,
      symbolBaseStrokeColor: muted,
    },
    title: { font: fontFamily, color: ink, fontSize: 12, fontWeight: 600 },
    view: { stroke: null },
    text: { font: fontFamily, fontSize: 11, color: ink },
    range: {
      category: [...classes],
      ordinal: [...classes],
      ramp: [...right],
      wrong: [...wrong],
    },
    style: {
      train: { color: train },
      validation: { color: validation },
      trainLabel: { color: train },
      validationLabel: { color: validation, fontWeight: 600 },
      hollow: { color: validation },
      guide: { color: muted, strokeDash: [4, 4], strokeWidth: 1 },
      separator: { stroke: surface },
      veil: { fill: surface },
      ring: { stroke: ink },
      regression: { color: validation },
      onPale: { color: ink },
      onStrong: { color: surface },
      heading: { color: ink, fontWeight: 600 },
      faint: { color: muted },
      panel: { color: right[0] },
    },
  };
}
