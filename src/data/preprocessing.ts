/** What must be kept with a trained network to predict for new rows: names, shapes and standardization. */

import { DataError } from "../util/index.ts";
import type { Dataset } from "./dataset.ts";
import {
  parseStandardization,
  type Standardization,
  type StandardizationData,
} from "./standardize.ts";

/** The meaning of a network's inputs and outputs. */
export interface Preprocessing {
  readonly inputShape: readonly number[];
  readonly targetShape: readonly number[];
  /** Present exactly for classification. */
  readonly classNames?: readonly string[];
  readonly featureNames?: readonly string[];
  /** Present when the inputs were standardized. */
  readonly standardization?: Standardization;
}

/** A {@link Preprocessing} as plain data. */
export interface PreprocessingData extends Omit<Preprocessing, "standardization"> {
  readonly standardization?: StandardizationData;
}

/** The preprocessing of networks trained on `dataset`; plain data once through JSON.
 *
 * @param dataset the training part, for its shapes and names.
 * @param standardization what was applied to its inputs, if anything.
 * @example
 * const saved = JSON.stringify(describePreprocessing(train, fitStandardization(train)));
 * const { standardization, classNames } = parsePreprocessing(JSON.parse(saved));
 */
export function describePreprocessing(
  dataset: Dataset,
  standardization?: Standardization,
): Preprocessing {
  return {
    inputShape: dataset.inputShape,
    targetShape: dataset.targetShape,
    ...(dataset.classNames && { classNames: dataset.classNames }),
    ...(dataset.featureNames && { featureNames: dataset.featureNames }),
    ...(standardization && { standardization }),
  };
}

/** A preprocessing from parsed JSON.
 *
 * @throws DataError that names the field that is missing or not of its type.
 */
export function parsePreprocessing(value: unknown): Preprocessing {
  if (typeof value !== "object" || value === null) {
    throw new DataError(`Preprocessing: expected an object, got ${JSON.stringify(value)}.`);
  }
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const shape = (name: string) => listOf(fields, name, isSize, "positive whole numbers");
  const names = (name: string) => listOf(fields, name, isString, "texts");
  return {
    inputShape: shape("inputShape"),
    targetShape: shape("targetShape"),
    ...(fields.classNames !== undefined && { classNames: names("classNames") }),
    ...(fields.featureNames !== undefined && { featureNames: names("featureNames") }),
    ...(fields.standardization !== undefined && {
      standardization: parseStandardization(fields.standardization),
    }),
  };
}

function listOf<T>(
  fields: Readonly<Record<string, unknown>>,
  name: string,
  isItem: (item: unknown) => item is T,
  expected: string,
): readonly T[] {
  const list = fields[name];
  if (Array.isArray(list) && list.every(isItem)) return list;
  throw new DataError(
    `Preprocessing: expected "${name}" to be a list of ${expected}, got ${JSON.stringify(list) ?? "nothing"}.`,
  );
}

function isSize(item: unknown): item is number {
  return typeof item === "number" && Number.isInteger(item) && item > 0;
}

function isString(item: unknown): item is string {
  return typeof item === "string";
}
