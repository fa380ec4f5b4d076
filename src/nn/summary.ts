/** The table of a network's layers, as Keras users know it. */

import type { FloatDType, Shape } from "../ir/index.ts";

/** One row of the table: a layer with what it gives and how many parameters it has. */
export interface LayerFacts {
  readonly name: string;
  readonly kind: string;
  /** Shape of one result. */
  readonly outputShape: Shape;
  readonly parameterCount: number;
}

/** What the table tells of a network. */
export interface NetworkFacts {
  readonly input: Shape;
  readonly dtype: FloatDType;
  readonly parameterCount: number;
  layerFacts(): readonly LayerFacts[];
}

/** Columns: layer (kind), output shape, parameters; then the totals. */
export function summarize(net: NetworkFacts): string {
  const rows = net
    .layerFacts()
    .map(({ name, kind, outputShape, parameterCount }) => [
      `${name} (${kind})`,
      withBatch(outputShape),
      parameterCount.toLocaleString("en-US"),
    ]);
  const input = ["input", withBatch(net.input), "0"];
  const header = ["Layer (kind)", "Output shape", "Parameters"];
  const table = [header, input, ...rows];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    [row[0].padEnd(widths[0]), row[1].padEnd(widths[1]), row[2].padStart(widths[2])]
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths[0] + widths[1] + widths[2] + 4);
  const bytes = net.parameterCount * (net.dtype === "float64" ? 8 : 4);
  return [
    line(header),
    rule,
    ...[input, ...rows].map(line),
    rule,
    `Parameters: ${net.parameterCount.toLocaleString("en-US")} ` +
      `(${formatBytes(bytes)}, ${net.dtype})`,
  ].join("\n");
}

function withBatch(shape: Shape): string {
  return `[batch${shape.map((length) => `, ${length}`).join("")}]`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
