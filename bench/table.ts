/** Rows of text in columns, for terminals and for Markdown. */

/** Columns padded to their widest cell, the first to the left, the others to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** A Markdown table; columns after the first are aligned to the right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const rule = rows[0].map((_, i) => (i === 0 ? "---" : "--:"));
  return [rows[0], rule, ...rows.slice(1)].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** Three significant digits, without exponents, thousands apart. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const magnitude = Math.abs(value);
  if (magnitude >= 100) return Math.round(value).toLocaleString("en-US");
  const digits = magnitude === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(magnitude)));
  return value.toFixed(Math.min(digits, 4));
}

/** `0.42`, or a dash where there is nothing to compare with. */
export function fraction(value: number): string {
  return value > 0 ? value.toFixed(2) : "–";
}
