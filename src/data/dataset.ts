/** The immutable dataset: inputs, targets and their names, from which subsets, splits and batches are taken. */

import { formatShape, sizeOf } from "../ir/index.ts";
import { DataError, Generator, ShapeError, UsageError } from "../util/index.ts";
import {
  checkedClassNames,
  checkedFeatureNames,
  checkedLength,
  checkFinite,
} from "./datasetChecks.ts";
import { oneHot } from "./oneHot.ts";
import { type PackedValues, unpack, unpackRows } from "./packed.ts";
import {
  copyRows,
  emptyLike,
  type InputValues,
  type RowValues,
  type TargetValues,
} from "./rowValues.ts";
import { type SplitOptions, splitIndices } from "./split.ts";

/** What a dataset is made of; see {@link Dataset}. */
export interface DatasetOptions {
  /** Named in every error message. */
  readonly name: string;
  /** [length, ...inputShape], row-major; as bytes they take a quarter of the memory. */
  readonly inputs: InputValues | PackedValues;
  /** The shape of one row's input, without the batch axis. */
  readonly inputShape: readonly number[];
  /** Int32Array of class indices [length], or Float64Array of values [length, ...targetShape]. */
  readonly targets: TargetValues;
  /** The shape of one row's target; [] unless a row has several values. */
  readonly targetShape?: readonly number[];
  /** One name a class; with Int32Array targets only. Default: "0", "1", … up to the largest index. */
  readonly classNames?: readonly string[];
  /** One name an input value, in order. */
  readonly featureNames?: readonly string[];
}

/** Rows of inputs with their targets: a classification set when the targets are class indices
 * (`classNames` is present), a regression set otherwise.
 *
 * The arrays are taken over, not copied: do not write to them afterwards.
 *
 * @throws DataError for an empty set, values that are not finite, labels out of range;
 *   ShapeError for lengths that do not fit the shapes; UsageError for names that do not fit.
 *
 * @example
 * const dataset = new Dataset({
 *   name: "and",
 *   inputs: Float64Array.of(0, 0, 0, 1, 1, 0, 1, 1),
 *   inputShape: [2],
 *   targets: Int32Array.of(0, 0, 0, 1),
 *   classNames: ["no", "yes"],
 * });
 * dataset.length; // 4
 */
export class Dataset {
  readonly name: string;
  /** [length, ...inputShape], row-major; packed ones are unpacked when they are first asked for. */
  declare readonly inputs: InputValues;
  readonly inputShape: readonly number[];
  /** [length] class indices, or [length, ...targetShape] values. */
  readonly targets: TargetValues;
  readonly targetShape: readonly number[];
  /** Present exactly when the set is for classification. */
  readonly classNames: readonly string[] | undefined;
  readonly featureNames: readonly string[] | undefined;
  /** Number of rows. */
  readonly length: number;
  /** The inputs as bytes, where they are kept so. */
  readonly packed: PackedValues | undefined;

  constructor(options: DatasetOptions) {
    const { name, inputs, inputShape, targets } = options;
    this.name = name;
    this.packed = "codes" in inputs ? inputs : undefined;
    if ("codes" in inputs) unpackWhenAsked(this, inputs);
    else this.inputs = inputs;
    this.inputShape = Object.freeze([...inputShape]);
    this.targets = targets;
    this.targetShape = Object.freeze([...(options.targetShape ?? [])]);
    this.length = checkedLength(this, "codes" in inputs ? inputs.codes.length : inputs.length);
    this.classNames = checkedClassNames(this, options.classNames);
    this.featureNames = checkedFeatureNames(this, options.featureNames);
    // What no byte can mean need not be looked for.
    if (!this.packed?.meanings.every(Number.isFinite)) checkFinite(this, "input");
    if (targets instanceof Float64Array) checkFinite(this, "target");
    Object.freeze(this);
  }

  /** Number of values in one row's input. */
  get inputSize(): number {
    return sizeOf(this.inputShape);
  }

  /** Number of values in one row's target. */
  get targetSize(): number {
    return sizeOf(this.targetShape);
  }

  get task(): "classification" | "regression" {
    return this.classNames === undefined ? "regression" : "classification";
  }

  /** Number of classes; 0 for a regression set. */
  get classCount(): number {
    return this.classNames?.length ?? 0;
  }

  /** The class indices [length].
   *
   * @throws DataError for a regression set.
   */
  get labels(): Int32Array {
    if (this.targets instanceof Int32Array) return this.targets;
    throw new DataError(
      `Dataset "${this.name}": expected class labels, got regression targets; give Int32Array targets and classNames for classification.`,
    );
  }

  /** The rows of the given indices, in their order; an index may occur more than once.
   *
   * @throws DataError for an index out of range, or for no indices at all.
   * @example
   * iris().subset([0, 50, 100]).length; // 3
   */
  subset(indices: ArrayLike<number>, name = this.name): Dataset {
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i];
      if (Number.isInteger(row) && row >= 0 && row < this.length) continue;
      throw new DataError(
        `Dataset "${this.name}": expected row indices from 0 to ${this.length - 1}, got ${row} at position ${i}.`,
      );
    }
    const { inputSize, targetSize } = this;
    const chosen = <Values extends RowValues>(values: Values, size: number): Values => {
      const copy = emptyLike(values, indices.length * size);
      copyRows(values, indices, size, copy);
      return copy;
    };
    const { packed } = this;
    const inputs =
      packed === undefined
        ? chosen(this.inputs, inputSize)
        : { ...packed, codes: chosen(packed.codes, inputSize) };
    return this.#with({ name, inputs, targets: chosen(this.targets, targetSize) });
  }

  /** Writes the inputs of rows, in the order given, to the beginning of `target`.
   *
   * @param rows indices from 0 to length − 1, not checked
   * @param target at least [rows.length, ...inputShape]
   */
  writeInputs(rows: Int32Array, target: RowValues): void {
    if (this.packed === undefined) copyRows(this.inputs, rows, this.inputSize, target);
    else unpackRows(this.packed, rows, this.inputSize, target);
  }

  /** Writes the targets of rows, as {@link writeInputs} does the inputs. */
  writeTargets(rows: Int32Array, target: RowValues): void {
    copyRows(this.targets, rows, this.targetSize, target);
  }

  /** The rows start … end − 1 without copying them (as `Array.prototype.slice`, negative counts from
   * the end).
   *
   * @throws DataError when no row remains.
   */
  rows(start: number, end = this.length): Dataset {
    const at = (position: number) =>
      Math.min(this.length, Math.max(0, position < 0 ? this.length + position : position));
    const from = at(start);
    const to = Math.max(from, at(end));
    const [first, last] = [from * this.inputSize, to * this.inputSize];
    const { packed } = this;
    return this.#with({
      inputs:
        packed === undefined
          ? this.inputs.subarray(first, last)
          : { ...packed, codes: packed.codes.subarray(first, last) },
      targets: this.targets.subarray(from * this.targetSize, to * this.targetSize),
    });
  }

  /** A training and a test part that share no row and together hold every row.
   *
   * `test` below 1 is a fraction (rounded to the nearest count), otherwise a count. With `stratify`
   * each class is divided by largest remainders, so that the totals are exact and every class is
   * within one row of its share. Unshuffled, the last rows (of every class when stratified) are the
   * test part and both parts keep the order of the rows.
   *
   * @throws UsageError for a fraction or count that leaves a part empty, or `stratify` on regression.
   * @example
   * const { train, test } = iris().split({ test: 0.2, stratify: true, seed: 1 });
   * test.classCounts(); // Int32Array [10, 10, 10]
   */
  split(options: SplitOptions): { readonly train: Dataset; readonly test: Dataset } {
    const labels = options.stratify ? this.labels : undefined;
    const { train, test } = splitIndices(this.length, options, labels, this.classCount);
    return {
      train: this.subset(train, `${this.name} (train)`),
      test: this.subset(test, `${this.name} (test)`),
    };
  }

  /** All rows in a random order that depends on the seed only. */
  shuffle(seed = 0): Dataset {
    return this.subset(new Generator(seed).fork("shuffle").permutation(this.length));
  }

  /** Targets as indicator rows [length, classCount], in the element type of the inputs.
   *
   * @throws DataError for a regression set.
   */
  oneHotTargets(): InputValues {
    const like = this.packed === undefined ? this.inputs : this.packed.meanings;
    return oneHot(this.labels, this.classCount, emptyLike(like, 0));
  }

  /** Rows of each class [classCount].
   *
   * @throws DataError for a regression set.
   */
  classCounts(): Int32Array {
    const counts = new Int32Array(this.classCount);
    for (const label of this.labels) counts[label]++;
    return counts;
  }

  /** The set with only the given features (by index or by name), in the order given.
   *
   * @throws ShapeError when the input of a row is not a vector; UsageError for an unknown feature.
   * @example
   * iris().withFeatures(["petal_length", "petal_width"]).inputShape; // [2]
   */
  withFeatures(features: readonly (number | string)[]): Dataset {
    if (this.inputShape.length !== 1) {
      throw new ShapeError(
        `Dataset "${this.name}": expected rows of one axis to choose features from, got input shape ${formatShape(this.inputShape)}.`,
      );
    }
    const columns = features.map((feature) => this.#featureIndex(feature));
    const inputs = emptyLike(this.inputs, this.length * columns.length);
    for (let row = 0; row < this.length; row++) {
      columns.forEach((column, i) => {
        inputs[row * columns.length + i] = this.inputs[row * this.inputSize + column];
      });
    }
    const names = this.featureNames;
    return this.#with({
      inputs,
      inputShape: [columns.length],
      featureNames: names && columns.map((column) => names[column]),
    });
  }

  /** The set with other inputs, or the same inputs in another shape, for the same rows.
   *
   * @throws ShapeError when the values do not fill the rows.
   * @example
   * const images = digits();
   * images.withInputs(images.inputs, [1, 8, 8]).inputShape; // [1, 8, 8]
   */
  withInputs(inputs: InputValues, inputShape = this.inputShape): Dataset {
    const size = sizeOf(inputShape);
    return this.#with({
      inputs,
      inputShape,
      featureNames: size === this.inputSize ? this.featureNames : undefined,
    });
  }

  #featureIndex(feature: number | string): number {
    const index = typeof feature === "number" ? feature : this.featureNames?.indexOf(feature);
    if (index !== undefined && Number.isInteger(index) && index >= 0 && index < this.inputSize) {
      return index;
    }
    const expected =
      typeof feature === "string" && this.featureNames
        ? this.featureNames.join(", ")
        : `an index from 0 to ${this.inputSize - 1}`;
    throw new UsageError(
      `Dataset "${this.name}": unknown feature ${JSON.stringify(feature)}; expected ${expected}.`,
    );
  }

  /** The same rows under another name. */
  withName(name: string): Dataset {
    return this.#with({ name });
  }

  #with(changes: Partial<DatasetOptions>): Dataset {
    const inputs = changes.inputs ?? this.packed ?? this.inputs;
    const { name, inputShape, targets, targetShape, classNames, featureNames } = this;
    const same = { name, inputShape, targets, targetShape, classNames, featureNames };
    return new Dataset({ ...same, ...changes, inputs });
  }
}

/** An own property, as the others, so that spreading a dataset gives its options. */
function unpackWhenAsked(set: Dataset, packed: PackedValues): void {
  let values: InputValues | undefined;
  const get = () => {
    values ??= unpack(packed);
    return values;
  };
  Object.defineProperty(set, "inputs", { enumerable: true, get });
}
