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
    title: {
      anchor: "start",
      color: ink,
      subtitleColor: muted,
      font: fontFamily,
      subtitleFont: fontFamily,
      fontSize: 13,
      fontWeight: 600,
      subtitleFontSize: 11,
      subtitlePadding: 4,
      offset: 10,
      frame: "group",
    },
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
    view: { stroke: null },
    text: { font: fontFamily, fontSize: 11, fill: ink },
    range: {
      category: [...classes],
      ordinal: [...classes],
      ramp: [...right],
      wrong: [...wrong],
    },
    style: {
      train: { stroke: train, fill: train },
      validation: { stroke: validation, fill: validation },
      trainLabel: { fill: train, font: fontFamily, fontSize: 11 },
      validationLabel: { fill: validation, font: fontFamily, fontSize: 11, fontWeight: 600 },
      hollow: { fill: surface, stroke: validation },
      guide: { stroke: muted, strokeDash: [4, 4], strokeWidth: 1 },
      separator: { stroke: surface },
      veil: { fill: surface },
      ring: { stroke: ink },
      frame: { stroke: grid },
      regression: { fill: validation, stroke: surface },
      onPale: { fill: ink, font: fontFamily },
      onStrong: { fill: surface, font: fontFamily },
      faint: { fill: muted, font: fontFamily },
    },
  };
}
