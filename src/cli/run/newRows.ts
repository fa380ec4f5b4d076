/** Rows of a CSV file for a network that is trained already: features in its order, classes by its names. */

import { basename } from "node:path";
import { type CsvTable, columnIndex, numberOf, parseTable } from "../../data/csvTable.ts";
import {
  type CsvFormat,
  Dataset,
  type FeatureOptions,
  type FeatureRows,
  type Preprocessing,
  parseFeatures,
} from "../../data/index.ts";
import { sizeOf } from "../../ir/index.ts";
import { DataError, nearestName } from "../../util/index.ts";
import { readText } from "../text.ts";

/** How the file is written. */
export interface NewRowsOptions extends CsvFormat {
  /** Missing values: stop, or take the means of the training rows. */
  readonly missing?: "error" | "mean";
}

/** Reads the features of the rows; "-" is the standard input.
 *
 * @throws DataError for columns that are missing or hold text; FileError when it cannot be read
 */
export async function readNewFeatures(
  path: string,
  preprocessing: Preprocessing,
  options: NewRowsOptions = {},
): Promise<FeatureRows> {
  const format = withName(path, options);
  return parseFeatures(await readText(path), featureOptions(preprocessing, format));
}

/** Reads rows with their targets.
 *
 * @throws DataError as {@link readNewFeatures}, and for a class that the network does not know
 */
export async function readNewDataset(
  path: string,
  preprocessing: Preprocessing,
  target: string | number,
  options: NewRowsOptions = {},
): Promise<Dataset> {
  const text = await readText(path);
  const format = withName(path, options);
  const table = parseTable(text, format);
  const { inputs, featureNames } = parseFeatures(text, featureOptions(preprocessing, format));
  const column = columnIndex(table, target, "target");
  const { classNames, inputShape } = preprocessing;
  return new Dataset({
    name: basename(path),
    inputs,
    inputShape,
    ...(preprocessing.featureNames && { featureNames }),
    ...(classNames
      ? { targets: labelsOf(table, column, classNames), classNames }
      : { targets: valuesOf(table, column) }),
  });
}

function withName(path: string, options: NewRowsOptions): NewRowsOptions {
  return { ...options, name: path === "-" ? "standard input" : basename(path) };
}

function featureOptions(
  { featureNames, inputShape, standardization }: Preprocessing,
  { missing, ...format }: NewRowsOptions,
): FeatureOptions {
  const size = sizeOf(inputShape);
  const names = featureNames ?? Array.from({ length: size }, (_, i) => String(i));
  const fill = missing === "mean" ? standardization?.mean : undefined;
  return { ...format, featureNames: names, ...(fill && { missing: fill }) };
}

function labelsOf(table: CsvTable, column: number, classNames: readonly string[]): Int32Array {
  const indices = new Map(classNames.map((name, i) => [name, i]));
  return Int32Array.from(table.rows, (row, i) => {
    const cell = row[column];
    // Numbers are one class however they are written: 1, 1.0 and +1.
    const number = numberOf(cell);
    const label =
      indices.get(cell) ?? (number === undefined ? undefined : indices.get(String(number)));
    if (label !== undefined) return label;
    const near = nearestName(cell, classNames);
    const advice = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new DataError(
      `${table.title}, line ${table.lines[i]}: column "${table.columns[column]}" has the class "${cell}", ` +
        `expected one that the network knows: ${classNames.join(", ")}.${advice}`,
    );
  });
}

function valuesOf(table: CsvTable, column: number): Float64Array {
  return Float64Array.from(table.rows, (row, i) => {
    const value = numberOf(row[column]);
    if (value !== undefined) return value;
    throw new DataError(
      `${table.title}, line ${table.lines[i]}: column "${table.columns[column]}" has "${row[column]}", expected a number.`,
    );
  });
}
