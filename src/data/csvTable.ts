/** CSV text as a table of cells: header, delimiter and quoting, with the line of every row. */

import Papa from "papaparse";
import { DataError, nearestName, UsageError } from "../util/index.ts";

/** How the text is written. */
export interface CsvFormat {
  /** The file's name for error messages. Default "data". */
  readonly name?: string;
  /** Whether the first row holds column names. Default "auto": it does when none of its cells is a
   * number, or when it has text above a column of numbers. */
  readonly header?: "auto" | boolean;
  /** One character, or "auto" (the default) to tell comma, semicolon, tab and bar apart. */
  readonly delimiter?: string;
  /** The texts that mark a missing value, after trimming. Default {@link defaultMissingValues}. */
  readonly missingValues?: readonly string[];
}

/** The texts that mark a missing value unless others are given. */
export const defaultMissingValues: readonly string[] = [
  "",
  "?",
  "NA",
  "N/A",
  "n/a",
  "NaN",
  "nan",
  "NULL",
  "null",
  "None",
];

/** The cells of a CSV text. */
export interface CsvTable {
  /** The opening of every error message, such as `CSV "iris.csv"`. */
  readonly title: string;
  /** From the header, or "0", "1", … without one. */
  readonly columns: readonly string[];
  /** Trimmed cells, every row as long as `columns`. */
  readonly rows: readonly (readonly string[])[];
  /** The line of the text, counted from 1, on which each row starts. */
  readonly lines: readonly number[];
  readonly hasHeader: boolean;
  readonly isMissing: (cell: string) => boolean;
}

const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** The finite number that a cell spells, or undefined. */
export function numberOf(cell: string): number | undefined {
  if (!numberPattern.test(cell)) return undefined;
  const value = Number(cell);
  return Number.isFinite(value) ? value : undefined;
}

/** Reads the cells.
 *
 * @throws DataError for an empty text, a header without rows, ragged rows, broken quotes and repeated
 *   column names; UsageError for a delimiter that is not one character.
 */
export function parseTable(text: string, format: CsvFormat = {}): CsvTable {
  const { name = "data", header = "auto", delimiter = "auto" } = format;
  const title = `CSV "${name}"`;
  if (delimiter !== "auto" && (delimiter.length !== 1 || '\r\n"'.includes(delimiter))) {
    throw new UsageError(
      `${title}: expected the delimiter to be one character such as ";" or "\\t", or "auto", got ${JSON.stringify(delimiter)}.`,
    );
  }
  const missing = new Set(format.missingValues ?? defaultMissingValues);
  const isMissing = (cell: string) => missing.has(cell);
  const { rows, lines } = readRows(text, delimiter, title);
  if (rows.length === 0) {
    throw new DataError(`${title}: expected rows of data, got an empty file.`);
  }
  checkRagged(rows, lines, title);
  const hasHeader = header === "auto" ? looksLikeHeader(rows, isMissing) : header;
  const columns = rows[0].map((cell, i) => (hasHeader ? cell || `unnamed ${i}` : String(i)));
  if (hasHeader && rows.length === 1) {
    throw new DataError(
      `${title}: expected rows of data after the header (${columns.join(", ")}), got none${header === true ? "" : "; if line 1 is data, say header: false"}.`,
    );
  }
  const repeated = columns.find((column, i) => columns.indexOf(column) !== i);
  if (repeated !== undefined) {
    throw new DataError(
      `${title}, line ${lines[0]}: expected distinct column names, got "${repeated}" twice; rename one, or say header: false if line ${lines[0]} is data.`,
    );
  }
  const first = hasHeader ? 1 : 0;
  return {
    title,
    columns,
    rows: rows.slice(first),
    lines: lines.slice(first),
    hasHeader,
    isMissing,
  };
}

/** The position of a column: its name, or its index (negative: from the end).
 *
 * @param what names the column's part in error messages, such as "target".
 * @throws DataError that lists the columns and suggests the nearest.
 */
export function columnIndex(table: CsvTable, column: string | number, what: string): number {
  const { title, columns } = table;
  if (typeof column === "number") {
    const index = column < 0 ? columns.length + column : column;
    if (Number.isInteger(index) && index >= 0 && index < columns.length) return index;
    throw new DataError(
      `${title}: expected the ${what} column as an index from 0 to ${columns.length - 1}, got ${column}.`,
    );
  }
  const index = columns.indexOf(column);
  if (index >= 0) return index;
  const nearest = nearestName(column, columns);
  const suggestion = nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
  const header = table.hasHeader ? "" : " (no header was found: columns are named by their index)";
  throw new DataError(
    `${title}: no column "${column}" for the ${what}; the columns are ${columns.join(", ")}${header}.${suggestion}`,
  );
}

function readRows(
  text: string,
  delimiter: string,
  title: string,
): { readonly rows: string[][]; readonly lines: number[] } {
  // One kind of line end, so that the lines of quoted cells can be counted, and none at the end of the
  // file, where an empty record would weigh against the right delimiter of a short table.
  const unified = text
    .replace(/^\uFEFF/, "")
    .replace(/\r\n?/g, "\n")
    .replace(/\n+$/, "");
  const parsed = Papa.parse<string[]>(unified, {
    delimiter: delimiter === "auto" ? "" : delimiter,
    newline: "\n",
  });
  const rows: string[][] = [];
  const lines: number[] = [];
  const lineOfRecord: number[] = [];
  let line = 1;
  for (const cells of parsed.data) {
    lineOfRecord.push(line);
    if (cells.some((cell) => cell.trim() !== "")) {
      rows.push(cells.map((cell) => cell.trim()));
      lines.push(line);
    }
    line += 1 + cells.reduce((sum, cell) => sum + cell.split("\n").length - 1, 0);
  }
  const broken = parsed.errors.find((error) => error.type === "Quotes");
  if (broken) {
    throw new DataError(
      `${title}, line ${lineOfRecord[broken.row ?? 0] ?? line}: expected a closing quote followed by a delimiter or the end of the line, got a broken quoted cell; write a quote inside a quoted cell twice ("").`,
    );
  }
  return { rows, lines };
}

function checkRagged(rows: readonly string[][], lines: readonly number[], title: string): void {
  const expected = rows[0].length;
  rows.forEach((row, i) => {
    if (row.length === expected) return;
    throw new DataError(
      `${title}, line ${lines[i]}: expected ${expected} columns as in line ${lines[0]}, got ${row.length}; correct the line, or quote cells that hold the delimiter.`,
    );
  });
}

function looksLikeHeader(
  rows: readonly (readonly string[])[],
  isMissing: (cell: string) => boolean,
): boolean {
  const [first, ...rest] = rows;
  if (first.every((cell) => cell === "")) return false;
  if (first.every((cell) => numberOf(cell) === undefined && (cell === "" || !isMissing(cell)))) {
    return true;
  }
  return first.some((cell, column) => {
    if (isMissing(cell) || numberOf(cell) !== undefined) return false;
    const below = rest.map((row) => row[column]).filter((other) => !isMissing(other));
    return below.length > 0 && below.every((other) => numberOf(other) !== undefined);
  });
}
