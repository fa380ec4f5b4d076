/** Standardization: shift every feature to mean 0 and scale it to standard deviation 1. */

import { DataError, ShapeError } from "../util/index.ts";
import type { Dataset } from "./dataset.ts";
import type { InputValues } from "./rowValues.ts";

/** A {@link Standardization} as plain data. */
export interface StandardizationData {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** z = (x − mean) / scale, feature by feature; make one with {@link fitStandardization}.
 *
 * @throws DataError when mean and scale do not have one finite value a feature, or a scale is not positive.
 */
export class Standardization implements StandardizationData {
  /** [features] */
  readonly mean: readonly number[];
  /** [features]; 1 for a constant feature. */
  readonly scale: readonly number[];

  constructor({ mean, scale }: StandardizationData) {
    if (mean.length === 0 || mean.length !== scale.length) {
      throw new DataError(
        `Standardization: expected as many scales as means and at least one, got ${mean.length} means and ${scale.length} scales.`,
      );
    }
    mean.forEach((_, i) => {
      if (Number.isFinite(mean[i]) && Number.isFinite(scale[i]) && scale[i] > 0) return;
      throw new DataError(
        `Standardization: expected a finite mean and a positive finite scale for feature ${i}, got mean ${mean[i]} and scale ${scale[i]}.`,
      );
    });
    this.mean = Object.freeze([...mean]);
    this.scale = Object.freeze([...scale]);
  }

  /** The dataset with standardized inputs.
   *
   * @throws ShapeError when a row does not have as many values as were fitted.
   * @example
   * const { train, test } = iris().split({ test: 0.2, stratify: true });
   * const standardization = fitStandardization(train);
   * const inputs = standardization.apply(test).inputs;
   */
  apply(dataset: Dataset): Dataset {
    return dataset.withInputs(this.applyTo(dataset.inputs, dataset.inputSize));
  }

  /** The dataset with its inputs back in their original units.
   *
   * @throws ShapeError when a row does not have as many values as were fitted.
   */
  invert(dataset: Dataset): Dataset {
    return dataset.withInputs(this.invertTo(dataset.inputs, dataset.inputSize));
  }

  /** Standardized copies of rows [n, features], in their element type.
   *
   * @throws ShapeError when the values are not whole rows of the fitted features.
   */
  applyTo<T extends InputValues>(rows: T, rowSize?: number): T;
  applyTo(rows: InputValues, rowSize = this.mean.length): InputValues {
    this.#checkRows(rows, rowSize);
    const { mean, scale } = this;
    return rows.map((x, i) => (x - mean[i % rowSize]) / scale[i % rowSize]);
  }

  /** Copies of standardized rows [n, features] in their original units.
   *
   * @throws ShapeError when the values are not whole rows of the fitted features.
   */
  invertTo<T extends InputValues>(rows: T, rowSize?: number): T;
  invertTo(rows: InputValues, rowSize = this.mean.length): InputValues {
    this.#checkRows(rows, rowSize);
    const { mean, scale } = this;
    return rows.map((z, i) => z * scale[i % rowSize] + mean[i % rowSize]);
  }

  /** Plain data for `JSON.stringify`; give it to the constructor, or to
   * {@link parseStandardization} when it comes from a file. */
  toJSON(): StandardizationData {
    return { mean: this.mean, scale: this.scale };
  }

  #checkRows(rows: InputValues, rowSize: number): void {
    if (rowSize === this.mean.length && rows.length % rowSize === 0) return;
    const got =
      rowSize === this.mean.length ? `${rows.length} values` : `rows of ${rowSize} values`;
    throw new ShapeError(
      `Standardization: expected rows of ${this.mean.length} values, as fitted, got ${got}.`,
    );
  }
}

/** Measures the mean and the population standard deviation of every input value over the rows.
 *
 * Fit on the training part only, and apply the result to every part: with test rows in the mean and
 * the deviation, the test result would no longer be that of unseen data.
 *
 *     mean_j = Σᵢ x_ij / n        scale_j = √(Σᵢ (x_ij − mean_j)² / n)
 *
 * A constant feature gets scale 1, as in scikit-learn's StandardScaler.
 *
 * @example
 * fitStandardization(train).apply(test);
 */
export function fitStandardization(train: Dataset): Standardization {
  const { inputs, inputSize, length } = train;
  const mean = new Array<number>(inputSize).fill(0);
  const squares = new Array<number>(inputSize).fill(0);
  for (let i = 0; i < inputs.length; i++) mean[i % inputSize] += inputs[i] / length;
  for (let i = 0; i < inputs.length; i++) {
    squares[i % inputSize] += (inputs[i] - mean[i % inputSize]) ** 2 / length;
  }
  // A constant feature may show a tiny deviation, because its mean is rounded: the bound of
  // scikit-learn's _is_constant_feature, from the error analysis of Chan, Golub and LeVeque (1983).
  const epsilon = Number.EPSILON;
  const scale = squares.map((variance, j) => {
    const bound = length * epsilon * variance + (length * mean[j] * epsilon) ** 2;
    return variance <= bound ? 1 : Math.sqrt(variance);
  });
  return new Standardization({ mean, scale });
}

/** A standardization from parsed JSON.
 *
 * @throws DataError when it is not what `toJSON` made.
 * @example
 * parseStandardization(JSON.parse(JSON.stringify(standardization)));
 */
export function parseStandardization(value: unknown): Standardization {
  if (typeof value === "object" && value !== null && "mean" in value && "scale" in value) {
    const { mean, scale } = value;
    if (isNumberArray(mean) && isNumberArray(scale)) return new Standardization({ mean, scale });
  }
  throw new DataError(
    'Standardization: expected an object { "mean": [numbers], "scale": [numbers] }; save it again with JSON.stringify.',
  );
}

function isNumberArray(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
