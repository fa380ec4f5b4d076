/** Columns of a CSV table as numbers: missing values found, dropped or filled, and text refused. */

import { DataError, UsageError } from "../util/index.ts";
import { type CsvTable, numberOf } from "./csvTable.ts";

/** What to do about missing feature values: stop with an error, drop the row, fill in the column's mean,
 * or fill in given values, one a feature (for new rows: the means of the training rows). */
export type MissingStrategy = "error" | "drop" | "mean" | ArrayLike<number>;

/** The table without the rows that have a missing value in one of the columns.
 *
 * @throws DataError when no row remains.
 */
export function dropMissing(table: CsvTable, columns: readonly number[]): CsvTable {
  const keep = table.rows.map((row) => !columns.some((column) => table.isMissing(row[column])));
  const rows = table.rows.filter((_, i) => keep[i]);
  if (rows.length === 0) {
    throw new DataError(
      `${table.title}: every row has a missing value in ${columns.map((c) => table.columns[c]).join(", ")}, so dropping them leaves none; leave out the emptiest columns or fill with the mean.`,
    );
  }
  return { ...table, rows, lines: table.lines.filter((_, i) => keep[i]) };
}

/** The values of the columns, row-major [rows, columns].
 *
 * @throws DataError that names column, line and text for a cell that is not a number, or for a missing
 *   value under the strategy "error".
 */
export function featureMatrix(
  table: CsvTable,
  columns: readonly number[],
  missing: Exclude<MissingStrategy, "drop">,
): Float64Array {
  if (typeof missing !== "string" && missing.length !== columns.length) {
    throw new UsageError(
      `${table.title}: expected one value for each of ${columns.length} features to fill in for missing ones, got ${missing.length}.`,
    );
  }
  const matrix = new Float64Array(table.rows.length * columns.length);
  columns.forEach((column, j) => {
    const values = numericColumn(table, column);
    const fill = fillFor(table, column, values, typeof missing === "string" ? missing : missing[j]);
    values.forEach((value, i) => {
      matrix[i * columns.length + j] = value ?? fill;
    });
  });
  return matrix;
}

/** A column's numbers, undefined where the value is missing.
 *
 * @throws DataError that names column, line and text for a cell that is not a number.
 */
export function numericColumn(table: CsvTable, column: number): (number | undefined)[] {
  return table.rows.map((row, i) => {
    const cell = row[column];
    if (table.isMissing(cell)) return undefined;
    return numberOf(cell) ?? refuseText(table, column, i);
  });
}

/** Stops at the first missing value of a column. */
export function refuseMissing(table: CsvTable, column: number, advice: string): void {
  const row = table.rows.findIndex((cells) => table.isMissing(cells[column]));
  if (row < 0) return;
  const cell = table.rows[row][column];
  throw new DataError(
    `${place(table, column, row)} has a missing value (${cell === "" ? "empty" : `"${cell}"`}), expected ${advice}.`,
  );
}

function fillFor(
  table: CsvTable,
  column: number,
  values: readonly (number | undefined)[],
  missing: "error" | "mean" | number,
): number {
  if (typeof missing === "number") return missing;
  if (missing === "error") {
    refuseMissing(
      table,
      column,
      'a number; correct it, or choose missing: "drop" (the row) or "mean" (fill in)',
    );
    return Number.NaN;
  }
  const present = values.filter((value) => value !== undefined);
  if (present.length === 0) {
    throw new DataError(
      `${table.title}: column "${table.columns[column]}" has no value at all, so it has no mean; leave it out of the features.`,
    );
  }
  return present.reduce((sum, value) => sum + value / present.length, 0);
}

/** Says what to do about text: the advice differs between a column of categories and one odd cell. */
function refuseText(table: CsvTable, column: number, row: number): never {
  const cells = table.rows.map((cellsOfRow) => cellsOfRow[column]);
  const texts = cells.filter((cell) => !table.isMissing(cell) && numberOf(cell) === undefined);
  const distinct = new Set(texts).size;
  const received = `${place(table, column, row)} has the text "${cells[row]}", expected a number`;
  if (/^[+-]?\d+,\d+$/.test(cells[row])) {
    throw new DataError(`${received}; write decimal points instead of decimal commas.`);
  }
  if (texts.length * 2 > cells.length) {
    throw new DataError(
      `${received}; the column holds categories (${distinct} different ${distinct === 1 ? "text" : "texts"}): replace it by numeric columns, such as one of 0 and 1 for each category, or leave it out of the features.`,
    );
  }
  throw new DataError(
    `${received}; correct it, add it to missingValues if it marks a missing value, or leave the column out of the features.`,
  );
}

function place(table: CsvTable, column: number, row: number): string {
  return `${table.title}, line ${table.lines[row]}: column "${table.columns[column]}"`;
}
