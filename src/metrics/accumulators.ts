/** Metrics gathered batch by batch, equal to those of all rows at once. */

import { DataError, UsageError } from "../util/index.ts";
import type { ConfusionMatrix } from "./confusion.ts";
import { checkLabels, checkPairs, type Labels } from "./labels.ts";

/** A weighted mean of values that arrive one after another, such as the losses of batches weighted by
 * their rows.
 *
 * @example
 * const loss = new MeanAccumulator();
 * loss.add(0.5, 32);
 * loss.add(0.9, 8);
 * loss.mean; // 0.58
 */
export class MeanAccumulator {
  #sum = 0;
  #weight = 0;

  /** @param weight how many rows the value stands for. */
  add(value: number, weight = 1): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  /** The weight so far. */
  get weight(): number {
    return this.#weight;
  }

  /** NaN before the first value. */
  get mean(): number {
    return this.#sum / this.#weight;
  }

  reset(): void {
    this.#sum = 0;
    this.#weight = 0;
  }
}

/** A confusion matrix, and the accuracy, of labels that arrive batch by batch.
 *
 * @throws UsageError for a class count that is not a whole number of at least 1.
 * @example
 * const confusion = new ConfusionAccumulator(3);
 * confusion.add([0, 2], [0, 1]);
 * confusion.accuracy; // 0.5
 */
export class ConfusionAccumulator {
  readonly classCount: number;
  #counts: Float64Array;
  #length = 0;

  constructor(classCount: number) {
    if (!Number.isInteger(classCount) || classCount < 1) {
      throw new UsageError(
        `ConfusionAccumulator: expected a whole number of at least 1 class, got ${classCount}.`,
      );
    }
    this.classCount = classCount;
    this.#counts = new Float64Array(classCount * classCount);
  }

  /** @throws ShapeError for different lengths; DataError for no rows or a label out of range. */
  add(truth: Labels, predicted: Labels): void {
    checkPairs("ConfusionAccumulator", truth, predicted);
    checkLabels("ConfusionAccumulator", truth, this.classCount);
    checkLabels("ConfusionAccumulator", predicted, this.classCount);
    for (let i = 0; i < truth.length; i++) {
      this.#counts[truth[i] * this.classCount + predicted[i]]++;
    }
    this.#length += truth.length;
  }

  /** Number of rows so far. */
  get length(): number {
    return this.#length;
  }

  /** counts[t][p], as `confusionMatrix`. */
  get matrix(): ConfusionMatrix {
    const size = this.classCount;
    return Array.from({ length: size }, (_, t) => [
      ...this.#counts.subarray(t * size, (t + 1) * size),
    ]);
  }

  /** @throws DataError before the first row. */
  get accuracy(): number {
    if (this.#length === 0) {
      throw new DataError("ConfusionAccumulator: expected at least one row, got none; add some.");
    }
    let right = 0;
    for (let c = 0; c < this.classCount; c++) right += this.#counts[c * this.classCount + c];
    return right / this.#length;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#length = 0;
  }
}
