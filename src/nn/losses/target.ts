/** Targets in the form that a loss needs: as values beside a prediction, as weights of classes, as ±1. */

import { formatShape, sizeOf } from "../../ir/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";

/** A prediction and its target as rows of values, [batch, n] both. Labels (int32 [batch]) become 0 or 1
 * for a single output, else one-hot. */
export function asRows(
  kind: string,
  prediction: Tensor,
  target: Tensor,
): { readonly values: Tensor; readonly expected: Tensor } {
  const [batch] = prediction.shape;
  const values = prediction.reshape([batch, prediction.size / Math.max(batch, 1)]);
  const width = values.shape[1];
  const isLabels = target.dtype === "int32" && target.rank === 1;
  if (isLabels && width > 1) {
    return { values, expected: target.oneHot(width, { dtype: values.dtype }) };
  }
  if (target.size !== values.size) {
    throw new ShapeError(
      `Loss "${kind}": the network gives ${width} values a sample, ` +
        `the targets have ${target.size / Math.max(target.shape[0] ?? 1, 1)}.`,
    );
  }
  return { values, expected: target.cast(values.dtype).reshape(values.shape) };
}

/** As `asRows`, with targets −1 and 1: labels 0 and 1 become them, values stay. */
export function asSigns(kind: string, prediction: Tensor, target: Tensor) {
  const { values, expected } = asRows(kind, prediction, target);
  return {
    values,
    signs: target.dtype === "int32" ? expected.mul(2).sub(1) : expected,
  };
}

/** Whether targets are class indices for these logits: int32, one for each sample or position. */
export function isIndices(target: Tensor): boolean {
  return target.dtype === "int32";
}

/** Checks outputs [batch, ...positions, classes] against indices [batch, ...positions] or weights of the
 * classes [batch, ...positions, classes]. */
export function expectClasses(kind: string, prediction: Tensor, target: Tensor): void {
  const { shape } = prediction;
  if (shape.length < 2) {
    throw new ShapeError(
      `Loss "${kind}": expected logits [batch, classes], got ${formatShape(shape)}.`,
    );
  }
  const rows = shape.slice(0, -1);
  const classes = shape[shape.length - 1];
  if (isIndices(target)) {
    if (target.shape.join() === rows.join()) return;
    throw new ShapeError(
      `Loss "${kind}": expected class indices ${formatShape(rows)} for logits ` +
        `${formatShape(shape)}, got ${formatShape(target.shape)}.`,
    );
  }
  if (target.shape.join() === shape.join()) return;
  const given = target.shape[1];
  if (target.rank === 2 && shape.length === 2 && given !== classes) {
    throw new ShapeError(
      `Loss "${kind}": the network gives ${classes} logits, the targets have ` +
        `${given} classes; make the last layer layers.linear(${given}).`,
    );
  }
  throw new ShapeError(
    `Loss "${kind}": expected class indices, or weights ${formatShape(shape)} of the classes, ` +
      `got ${target.dtype}${formatShape(target.shape)}.`,
  );
}

/** Prediction of a single output: whether it lies above `threshold`; else the largest output's place. */
export function classAbove(prediction: Tensor, threshold: number): Tensor {
  const [batch] = prediction.shape;
  const rows = prediction.reshape([batch, -1]);
  if (rows.shape[1] > 1) return rows.argMax(1);
  return rows.reshape([batch]).gt(threshold).cast("int32");
}

/** A single output tells two classes apart, a vector as many as it is long. */
export function classesOfOutputs(output: readonly number[]): number {
  const width = sizeOf(output);
  return width === 1 ? 2 : width;
}
