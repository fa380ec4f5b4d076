/** CSV text as a dataset, and as rows of features to predict for. */

import { DataError } from "../util/index.ts";
import {
  dropMissing,
  featureMatrix,
  type MissingStrategy,
  numericColumn,
  refuseMissing,
} from "./csvColumns.ts";
import { type CsvFormat, type CsvTable, columnIndex, numberOf, parseTable } from "./csvTable.ts";
import { Dataset } from "./dataset.ts";

/** How to read a dataset; see {@link parseCsv}. */
export interface CsvOptions extends CsvFormat {
  /** The column to predict: its name, or its index from 0 (−1 is the last). Without a header the columns
   * are named by their index. */
  readonly target: string | number;
  /** The columns to predict from, in this order. Default: all but the target. */
  readonly features?: readonly (string | number)[];
  /** Default "auto": classification when the target has text, or when it is whole numbers with at most
   * 20 different ones and on average two rows or more of each; otherwise regression. */
  readonly task?: "classification" | "regression" | "auto";
  /** What to do about missing feature values. Default "error". "mean" takes the mean of the whole
   * file's column, before any split. A row without a target is an error, or dropped under "drop". */
  readonly missing?: MissingStrategy;
}

/** How to read rows without a target; see {@link parseFeatures}. */
export interface FeatureOptions extends CsvFormat {
  /** The columns that the network was trained on, in its order; others are ignored. Without a header the
   * columns are taken in order, and there must be exactly this many. */
  readonly featureNames: readonly string[];
  /** What to do about missing values. Default "error". Give the training rows' means
   * (`standardization.mean`) to fill these in. */
  readonly missing?: MissingStrategy;
}

/** Rows of features. */
export interface FeatureRows {
  /** [length, features], row-major. */
  readonly inputs: Float64Array;
  readonly length: number;
  readonly featureNames: readonly string[];
  /** The line of the text, counted from 1, on which each row starts. */
  readonly lines: readonly number[];
}

const mostIntegerClasses = 20;

/** Reads a dataset from CSV text (RFC 4180, with any delimiter and line end).
 *
 * Class names are sorted, numerically when all are numbers; cells are trimmed; blank lines are skipped.
 *
 * @throws DataError for an empty text, ragged rows, unknown columns, text where a number is expected,
 *   missing values (unless dropped or filled), and a single class. Messages name the line and the column.
 * @example
 * parseCsv("length,width,species\n5.1,3.5,setosa\n6.4,3.2,versicolor", { target: "species" });
 */
export function parseCsv(text: string, options: CsvOptions): Dataset {
  const { name = "data", task = "auto", missing = "error" } = options;
  const all = parseTable(text, options);
  const target = columnIndex(all, options.target, "target");
  const features = options.features
    ? options.features.map((feature) => columnIndex(all, feature, "features"))
    : all.columns.map((_, i) => i).filter((i) => i !== target);
  checkFeatures(all, features, target);

  const table = missing === "drop" ? dropMissing(all, [...features, target]) : all;
  const advice = 'a target; complete the row, or choose missing: "drop" (the row)';
  refuseMissing(table, target, advice);
  const inputs = featureMatrix(table, features, missing === "drop" ? "error" : missing);
  const classify = task === "auto" ? isCategorical(table, target) : task === "classification";
  return new Dataset({
    name,
    inputs,
    inputShape: [features.length],
    featureNames: features.map((column) => table.columns[column]),
    ...(classify ? classes(table, target) : { targets: regressionTargets(table, target) }),
  });
}

/** Reads rows of features, with or without other columns, from CSV text: the input of a prediction.
 *
 * @throws DataError as {@link parseCsv}, and when a feature has no column.
 * @example
 * const rows = parseFeatures("width,length\n3.5,5.1", { featureNames: ["length", "width"] });
 * rows.inputs; // Float64Array [5.1, 3.5]
 */
export function parseFeatures(text: string, options: FeatureOptions): FeatureRows {
  const { featureNames, missing = "error" } = options;
  const all = parseTable(text, options);
  if (!all.hasHeader && all.columns.length !== featureNames.length) {
    throw new DataError(
      `${all.title}: expected ${featureNames.length} columns (${featureNames.join(", ")}), got ${all.columns.length} and no header; give the columns in this order, or a header with these names.`,
    );
  }
  const columns = featureNames.map((feature, i) =>
    all.hasHeader ? columnIndex(all, feature, "features") : i,
  );
  const table = missing === "drop" ? dropMissing(all, columns) : all;
  return {
    inputs: featureMatrix(table, columns, missing === "drop" ? "error" : missing),
    length: table.rows.length,
    featureNames,
    lines: table.lines,
  };
}

function checkFeatures(table: CsvTable, features: readonly number[], target: number): void {
  if (features.length === 0) {
    throw new DataError(
      `${table.title}: expected at least one feature column besides the target "${table.columns[target]}", got none.`,
    );
  }
  if (features.includes(target)) {
    throw new DataError(
      `${table.title}: column "${table.columns[target]}" is the target and cannot also be a feature; leave it out of the features.`,
    );
  }
  const repeated = features.find((column, i) => features.indexOf(column) !== i);
  if (repeated !== undefined) {
    throw new DataError(
      `${table.title}: expected each feature once, got "${table.columns[repeated]}" twice.`,
    );
  }
}

function isCategorical(table: CsvTable, target: number): boolean {
  const numbers = table.rows.map((row) => numberOf(row[target]));
  if (numbers.includes(undefined)) return true;
  const distinct = new Set(numbers).size;
  const few = distinct <= mostIntegerClasses && distinct * 2 <= Math.max(numbers.length, 4);
  return few && numbers.every((value) => Number.isInteger(value));
}

function classes(
  table: CsvTable,
  target: number,
): { readonly targets: Int32Array; readonly classNames: readonly string[] } {
  const cells = table.rows.map((row) => row[target]);
  const numeric = cells.every((cell) => numberOf(cell) !== undefined);
  // Numbers are one class however they are written: 1, 1.0 and +1.
  const labels = numeric ? cells.map((cell) => String(Number(cell) + 0)) : cells;
  const classNames = [...new Set(labels)].sort(
    numeric ? (a, b) => Number(a) - Number(b) : undefined,
  );
  if (classNames.length < 2) {
    throw new DataError(
      `${table.title}: the target column "${table.columns[target]}" has only one class ("${classNames[0]}") in ${cells.length} rows, expected at least two; choose another target column, or add rows of another class.`,
    );
  }
  const indices = new Map(classNames.map((className, i) => [className, i]));
  return { targets: Int32Array.from(labels, (label) => indices.get(label)!), classNames };
}

function regressionTargets(table: CsvTable, target: number): Float64Array {
  return Float64Array.from(numericColumn(table, target), (value) => value!);
}
