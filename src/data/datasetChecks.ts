/** What a dataset must be: lengths that fit the shapes, labels in range, fitting names, finite values. */

import { formatShape } from "../ir/index.ts";
import { DataError, ShapeError, UsageError } from "../util/index.ts";
import type { InputValues, TargetValues } from "./rowValues.ts";

/** What the checks look at. */
interface CheckedSet {
  readonly name: string;
  readonly inputs: InputValues;
  readonly inputShape: readonly number[];
  readonly inputSize: number;
  readonly targets: TargetValues;
  readonly targetShape: readonly number[];
  readonly targetSize: number;
  readonly featureNames: readonly string[] | undefined;
}

/** The number of rows. */
export function checkedLength(set: CheckedSet, inputCount: number): number {
  const { name, inputShape, targets, targetShape } = set;
  for (const [what, shape] of [
    ["input", inputShape],
    ["target", targetShape],
  ] as const) {
    if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
      throw new ShapeError(
        `Dataset "${name}": expected positive whole numbers in the ${what} shape, got ${formatShape(shape)}.`,
      );
    }
  }
  if (inputCount === 0 || targets.length === 0) {
    throw new DataError(`Dataset "${name}": expected at least one row, got none.`);
  }
  const length = inputCount / set.inputSize;
  if (!Number.isInteger(length)) {
    throw new ShapeError(
      `Dataset "${name}": expected inputs in rows of ${set.inputSize} values (input shape ${formatShape(inputShape)}), got ${inputCount} values.`,
    );
  }
  if (targets.length !== length * set.targetSize) {
    const shape = targetShape.length > 0 ? ` (target shape ${formatShape(targetShape)})` : "";
    throw new ShapeError(
      `Dataset "${name}": expected ${length * set.targetSize} target values for ${length} rows${shape}, got ${targets.length}.`,
    );
  }
  return length;
}

/** The names given, or those of the classes that occur; undefined for a regression set. */
export function checkedClassNames(
  set: CheckedSet,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  const { name, targets } = set;
  if (targets instanceof Float64Array) {
    if (names === undefined) return undefined;
    throw new UsageError(
      `Dataset "${name}": expected Int32Array class indices with classNames, got a Float64Array; leave classNames out for regression.`,
    );
  }
  if (set.targetShape.length > 0) {
    throw new ShapeError(
      `Dataset "${name}": expected target shape [] for class indices, got ${formatShape(set.targetShape)}.`,
    );
  }
  const known = names?.length ?? Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let row = 0; row < targets.length; row++) {
    const label = targets[row];
    if (label < 0 || label >= known) {
      const range = names ? `0 to ${known - 1}` : "0 or more";
      throw new DataError(
        `Dataset "${name}": row ${row} has label ${label}, expected ${range}${names ? "" : " for a class index"}.`,
      );
    }
    largest = Math.max(largest, label);
  }
  const all = names ?? Array.from({ length: largest + 1 }, (_, i) => String(i));
  if (new Set(all).size !== all.length) {
    throw new UsageError(
      `Dataset "${name}": expected distinct class names, got ${all.join(", ")}.`,
    );
  }
  return Object.freeze([...all]);
}

export function checkedFeatureNames(
  set: CheckedSet,
  names: readonly string[] | undefined,
): readonly string[] | undefined {
  if (names === undefined) return undefined;
  if (names.length !== set.inputSize) {
    throw new UsageError(
      `Dataset "${set.name}": expected ${set.inputSize} feature names, one for each input value, got ${names.length}.`,
    );
  }
  return Object.freeze([...names]);
}

export function checkFinite(set: CheckedSet, what: "input" | "target"): void {
  const values = what === "input" ? set.inputs : set.targets;
  const rowSize = what === "input" ? set.inputSize : set.targetSize;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(values[i])) continue;
    const row = Math.floor(i / rowSize);
    const column = i % rowSize;
    const feature = what === "input" ? set.featureNames?.[column] : undefined;
    const where = rowSize === 1 && !feature ? "" : ` ${feature ? `"${feature}"` : column}`;
    throw new DataError(
      `Dataset "${set.name}": row ${row} has ${values[i]} in ${what}${where}, expected a finite number; correct it, or drop or fill the row.`,
    );
  }
}
