/** What a trained network is worth: its loss, its metrics and its predictions on rows it never saw. */

import type { Backend } from "../../backend/index.ts";
import type { Dataset, Standardization } from "../../data/index.ts";
import type { TensorData } from "../../ir/index.ts";
import {
  type ClassScores,
  confusionMatrix,
  meanAbsoluteError,
  precisionRecallF1,
  predictedClasses,
  r2,
  rootMeanSquaredError,
  topKAccuracy,
} from "../../metrics/index.ts";
import type { Loss, Network } from "../../nn/index.ts";

/** A network with what it takes to use it on rows in their own units. */
export interface TrainedModel {
  readonly net: Network;
  readonly loss: Loss;
  readonly backend: Backend;
  readonly standardization?: Standardization;
  /** For a regression whose targets were standardized. */
  readonly targetStandardization?: Standardization;
}

/** The results on some rows; plain JSON but for the predictions. */
export interface TestResult {
  readonly rows: number;
  readonly loss: number;
  readonly accuracy?: number;
  /** Share of the rows whose class is among the k likeliest; where there are many classes. */
  readonly topK?: { readonly k: number; readonly accuracy: number };
  /** counts[actual][predicted] */
  readonly confusion?: readonly (readonly number[])[];
  readonly perClass?: readonly (ClassScores & { readonly name: string })[];
  /** Errors of a regression in the units of the target. */
  readonly regression?: {
    readonly rootMeanSquaredError: number;
    readonly meanAbsoluteError: number;
    readonly r2: number | null;
  };
  readonly predictions: Predictions;
}

/** What the network gives for each row. */
export interface Predictions {
  /** Class indices [rows], or values in the target's units [rows, ...target]. */
  readonly values: Int32Array | Float64Array;
  /** Probabilities [rows, classes]; absent for a regression. */
  readonly probabilities?: Float64Array;
}

/** Predictions for rows in their own units. */
export async function predictRows(
  model: TrainedModel,
  inputs: Float64Array | Float32Array,
  classCount: number,
): Promise<Predictions> {
  const { net, loss, backend, standardization } = model;
  const ready = standardization?.applyTo(inputs) ?? inputs;
  const result = await net.predict(ready, { loss, backend });
  return predictionsFrom(model, result.data, classCount);
}

/** @param data the network's results as its loss reads them, [rows, ...output] */
function predictionsFrom(
  { targetStandardization }: TrainedModel,
  data: TensorData,
  classCount: number,
): Predictions {
  const outputs = Float64Array.from(data);
  if (classCount === 0) {
    return { values: targetStandardization?.invertTo(outputs) ?? outputs };
  }
  return { values: predictedClasses(outputs, classCount), probabilities: outputs };
}

/** Tests a model.
 *
 * @param raw rows in their own units
 * @param ready the same rows as the network sees them
 */
export async function testModel(
  model: TrainedModel,
  raw: Dataset,
  ready: Dataset,
): Promise<TestResult> {
  const { net, loss, backend } = model;
  const pass = await net.evaluateAndPredict(ready, { loss, backend });
  const { measures } = pass;
  const predictions = predictionsFrom(model, pass.predictions.data, raw.classCount);
  const { values } = predictions;
  const base = { rows: raw.length, ...measures, predictions };
  if (raw.classNames === undefined) {
    return { ...base, regression: regressionErrors(raw.targets, values) };
  }
  const { labels, classNames, classCount } = raw;
  const k = likeliestOf(classCount);
  return {
    ...base,
    ...(k && { topK: { k, accuracy: topKAccuracy(labels, predictions.probabilities!, k) } }),
    confusion: confusionMatrix(labels, values, { classCount }),
    perClass: precisionRecallF1(labels, values, { classCount }).perClass.map((scores) => ({
      name: classNames[scores.classIndex],
      ...scores,
    })),
  };
}

/** How many guesses tell something: 5 as is usual for many classes, 3 for some, none for few. */
function likeliestOf(classCount: number): number | undefined {
  if (classCount >= 20) return 5;
  return classCount >= 5 ? 3 : undefined;
}

function regressionErrors(actual: ArrayLike<number>, predicted: ArrayLike<number>) {
  const truth = Float64Array.from(actual);
  const values = Float64Array.from(predicted);
  const determination = truth.length > 1 ? r2(truth, values) : Number.NaN;
  return {
    rootMeanSquaredError: rootMeanSquaredError(truth, values),
    meanAbsoluteError: meanAbsoluteError(truth, values),
    r2: Number.isFinite(determination) ? determination : null,
  };
}
