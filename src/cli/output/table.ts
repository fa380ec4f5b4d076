/** Tables as text for a terminal. */

/** Columns padded to their widest cell, two spaces apart; columns of numbers and shares are set right. */
export function textTable(rows: readonly (readonly (string | number)[])[]): string {
  const [header, ...body] = rows;
  const widths = header.map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  const isNumeric = header.map((_, i) =>
    body.every((row) => /^[\d.,<> ]+%?$/.test(String(row[i]))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          isNumeric[i] ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Names and values, one pair a line. */
export function textFacts(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}
