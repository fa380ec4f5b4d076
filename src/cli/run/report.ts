/** A run's report, put together from what the run left. */

import type { CompleteConfig, ExperimentRows } from "../../config/index.ts";
import type { Dataset } from "../../data/index.ts";
import type { RocCurvesData } from "../../figures/index.ts";
import { rocCurve } from "../../metrics/index.ts";
import { type ReportData, renderReport } from "../../report/index.ts";
import type { History } from "../../train/index.ts";
import { UsageError } from "../../util/index.ts";
import type { Environment } from "../environment.ts";
import { boundaryOf } from "./boundary.ts";
import { mistakesOf } from "./mistakes.ts";
import type { Predictions, TestResult, TrainedModel } from "./testing.ts";

/** Everything that the report tells of. */
export interface FinishedRun {
  /** The run's own name. */
  readonly name: string;
  readonly config: CompleteConfig;
  /** The command line that repeats the run. */
  readonly command: string;
  readonly rows: ExperimentRows;
  readonly model: TrainedModel;
  readonly history: History;
  readonly test: TestResult;
  readonly environment: Environment;
  readonly startedAt: string;
}

/** The report as an HTML page. */
export async function reportOf(run: FinishedRun): Promise<string> {
  return renderReport(await reportData(run));
}

async function reportData(run: FinishedRun): Promise<ReportData> {
  const { config, rows, model, history, test, environment } = run;
  const { raw } = rows;
  const isClassification = raw.train.task === "classification";
  const pair = boundaryPair(config, raw.train);
  const { rows: tested, loss, accuracy, predictions } = test;
  return {
    title: config.report.title ?? config.name ?? rows.facts.name,
    name: run.name,
    createdBy: `chainrule ${environment.chainrule}`,
    createdAt: run.startedAt,
    seed: config.seed,
    config,
    command: run.command,
    network: {
      layers: model.net.layerFacts().map(({ kind, outputShape, parameterCount }) => ({
        layer: kind,
        outputShape: `[${["batch", ...outputShape].join(", ")}]`,
        parameters: parameterCount,
      })),
    },
    dataset: datasetFacts(rows, config),
    epochs: history.epochs,
    test: { rows: tested, loss, ...(accuracy === undefined ? {} : { accuracy }) },
    ...(test.confusion && { confusion: test.confusion }),
    ...(test.perClass && { perClass: test.perClass }),
    ...(isClassification ? classificationFigures(raw.test, predictions, config) : {}),
    ...(isClassification ? {} : { predictions: scatterOf(raw.test, predictions, rows) }),
    ...(pair && { decisionBoundary: await boundaryOf(model, raw, pair) }),
    timings: { seconds: history.seconds, steps: history.steps },
    environment: {
      ...environment,
      backend: config.backend,
      dtype: config.dtype,
      mode: config.mode,
    },
  };
}

function datasetFacts(
  { raw, facts }: ExperimentRows,
  { split }: CompleteConfig,
): ReportData["dataset"] {
  const { train, validation, test } = raw;
  const isSame = split.test === "same";
  const total = train.length + (validation?.length ?? 0) + (isSame ? 0 : test.length);
  const note = isSame ? " Every case is given: the test rows are the training rows." : "";
  return {
    name: facts.name,
    description: `${facts.description ?? ""}${note}`.trim() || undefined,
    rows: total,
    features: train.inputSize,
    ...(train.featureNames && { featureNames: train.featureNames }),
    ...(train.classNames && { classNames: train.classNames }),
    ...(facts.target && { target: facts.target }),
    splits: [
      { name: "train", rows: train.length },
      ...(validation ? [{ name: "validation", rows: validation.length }] : []),
      { name: "test", rows: test.length },
    ],
  };
}

/** More curves than this cannot be told apart. */
const mostCurves = 10;

function classificationFigures(
  test: Dataset,
  predictions: Predictions,
  config: CompleteConfig,
): Pick<ReportData, "roc" | "mistakes"> {
  const mistakes = mistakesOf(test, predictions, config.report.images);
  const curves = test.classCount > mostCurves ? [] : curvesOf(test, predictions);
  // "class 1: 0.99" reads better than "1: 0.99".
  const classNames = (test.classNames ?? []).map((name) =>
    /^\d+$/.test(name) ? `class ${name}` : name,
  );
  return {
    ...(curves.length > 0 && { roc: { classNames, curves } }),
    ...(mistakes.length > 0 && { mistakes }),
  };
}

/** The curve of each class against all others; of class 1 alone when there are two. */
function curvesOf(test: Dataset, { probabilities = new Float64Array() }: Predictions) {
  const { labels, classCount } = test;
  const counts = test.classCounts();
  const curves: RocCurvesData["curves"][number][] = [];
  for (let c = classCount === 2 ? 1 : 0; c < classCount; c++) {
    // The curve needs rows of the class and of others.
    if (counts[c] === 0 || counts[c] === test.length) continue;
    const scores = Float64Array.from(labels, (_, row) => probabilities[row * classCount + c]);
    curves.push({ class: c, ...rocCurve(labels, scores, { positive: c }) });
  }
  return curves;
}

function scatterOf(
  test: Dataset,
  { values }: Predictions,
  { facts }: ExperimentRows,
): NonNullable<ReportData["predictions"]> {
  return { actual: test.targets, predicted: values, ...(facts.target && { target: facts.target }) };
}

/** The features of the decision boundary: those that are asked for, or the two that there are.
 *
 * @throws UsageError for a feature that the dataset does not have
 */
export function boundaryPair(
  { report }: Pick<CompleteConfig, "report">,
  train: Dataset,
): readonly [number, number] | undefined {
  const { inputSize, inputShape, featureNames } = train;
  const isPossible = train.task === "classification" && inputShape.length === 1;
  const own: readonly [number, number] | undefined =
    isPossible && inputSize === 2 ? [0, 1] : undefined;
  if (report.boundary === undefined) return own;
  if (!isPossible) {
    throw new UsageError(
      `report.boundary: expected classes and rows of one axis, got a ${train.task} with input shape [${inputShape.join(", ")}]; leave it out.`,
    );
  }
  const names = featureNames ?? Array.from({ length: inputSize }, (_, i) => String(i));
  const [x, y] = report.boundary.map((name) =>
    typeof name === "number" ? name : names.indexOf(name),
  );
  const isKnown = (index: number) => index >= 0 && index < inputSize;
  if (isKnown(x) && isKnown(y) && x !== y) return [x, y];
  const range = featureNames?.join(", ") ?? `from 0 to ${inputSize - 1}`;
  // A pair that an experiment names, when other features were chosen.
  if (own !== undefined) return own;
  throw new UsageError(
    `report.boundary: expected two of the features ${range}, got ${report.boundary.join(", ")}.`,
  );
}
