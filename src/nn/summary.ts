/** The table of a network's layers, as Keras users know it. */

import type { FloatDType, Shape } from "../ir/index.ts";

/** One row of the table: a layer with what it gives and how many parameters it has. */
export interface LayerFacts {
  readonly name: string;
  readonly kind: string;
  /** Shape of one result. */
  readonly outputShape: Shape;
  readonly parameterCount: number;
  /** How many of them are state, not trained; default 0. */
  readonly stateCount?: number;
  /** What it takes, by name; default the layer before. */
  readonly from?: readonly string[];
  /** The name of the layer whose parameters it uses too. */
  readonly sharedWith?: string;
}

/** What the table tells of a network. */
export interface NetworkFacts {
  readonly input: Shape;
  readonly dtype: FloatDType;
  readonly parameterCount: number;
  layerFacts(): readonly LayerFacts[];
}

/** Columns: layer (kind), output shape, parameters, and where from if that is not the row above; then
 * the totals. */
export function summarize(net: NetworkFacts): string {
  const facts = net.layerFacts();
  const showsSources = facts.some(({ from }) => from !== undefined);
  const rows = facts.map(({ name, kind, outputShape, parameterCount, from, sharedWith }) => [
    name === kind ? kind : `${name} (${kind})`,
    withBatch(outputShape),
    sharedWith === undefined ? parameterCount.toLocaleString("en-US") : `as ${sharedWith}`,
    from?.join(", ") ?? "",
  ]);
  const header = ["Layer (kind)", "Output shape", "Parameters", "Takes"];
  const input = ["input", withBatch(net.input), "0", ""];
  const columns = showsSources ? [0, 1, 2, 3] : [0, 1, 2];
  const table = [header, input, ...rows];
  const widths = columns.map((column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    columns
      .map((column) =>
        column === 2 ? row[column].padStart(widths[column]) : row[column].padEnd(widths[column]),
      )
      .join("  ")
      .trimEnd();
  const rule = "─".repeat(widths.reduce((sum, width) => sum + width, 2 * (widths.length - 1)));
  const bytes = net.parameterCount * (net.dtype === "float64" ? 8 : 4);
  const state = facts.reduce((sum, { stateCount = 0 }) => sum + stateCount, 0);
  const count = (value: number) => value.toLocaleString("en-US");
  return [
    line(header),
    rule,
    ...[input, ...rows].map(line),
    rule,
    `Parameters: ${count(net.parameterCount)} (${formatBytes(bytes)}, ${net.dtype})` +
      (state > 0 ? `; not trained: ${count(state)}` : ""),
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
