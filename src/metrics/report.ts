/** The classification report: every class and the averages, as data and as a text table. */

import { DataError, UsageError } from "../util/index.ts";
import { accuracy } from "./confusion.ts";
import type { Labels } from "./labels.ts";
import { type PrecisionRecall, precisionRecallF1, type Scores } from "./precisionRecall.ts";

/** Options of {@link classificationReport}. */
export interface ReportOptions {
  /** One name a class, all classes. Default: "0", "1", … for the classes that occur. */
  readonly classNames?: readonly string[];
  /** Decimals in the text. Default 2. */
  readonly digits?: number;
}

/** What {@link classificationReport} returns. */
export interface ClassificationReport extends PrecisionRecall {
  readonly accuracy: number;
  /** The name of each entry of `perClass`. */
  readonly classNames: readonly string[];
  /** A table in the form of scikit-learn's, with a final line end. */
  readonly text: string;
}

/** Precision, recall, F1 and support of every class, the accuracy and the averages.
 *
 * @param truth class indices [n].
 * @param predicted class indices [n].
 * @throws ShapeError for different lengths; DataError for no rows or a label without a name;
 *   UsageError for digits that are not a whole number from 0 to 20.
 * @example
 * const { text, macro } = classificationReport([0, 1, 1], [0, 1, 0], { classNames: ["no", "yes"] });
 */
export function classificationReport(
  truth: Labels,
  predicted: Labels,
  { classNames, digits = 2 }: ReportOptions = {},
): ClassificationReport {
  if (!Number.isInteger(digits) || digits < 0 || digits > 20) {
    throw new UsageError(
      `classificationReport: expected digits to be a whole number from 0 to 20, got ${digits}.`,
    );
  }
  if (classNames?.length === 0) {
    throw new DataError("classificationReport: expected at least one class name, got none.");
  }
  const scores = precisionRecallF1(truth, predicted, { classCount: classNames?.length });
  const names = scores.perClass.map(
    ({ classIndex }) => classNames?.[classIndex] ?? String(classIndex),
  );
  const right = accuracy(truth, predicted);
  return {
    ...scores,
    accuracy: right,
    classNames: names,
    text: tableOf(names, scores, right, digits),
  };
}

function tableOf(
  names: readonly string[],
  { perClass, macro, weighted }: PrecisionRecall,
  right: number,
  digits: number,
): string {
  const averages = ["accuracy", "macro avg", "weighted avg"];
  const width = Math.max(...[...names, ...averages].map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    `${name.padStart(width)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join("")}`;
  const number = (value: number) => fixedHalfEven(value, digits);
  const row = (name: string, scores: Scores) =>
    line(name, [
      number(scores.precision),
      number(scores.recall),
      number(scores.f1),
      String(scores.support),
    ]);
  return [
    line("", ["precision", "recall", "f1-score", "support"]),
    "",
    ...perClass.map((scores, i) => row(names[i], scores)),
    "",
    line("accuracy", ["", "", number(right), String(macro.support)]),
    row("macro avg", macro),
    row("weighted avg", weighted),
    "",
  ].join("\n");
}

/** `toFixed` with exact ties to the even digit, as scikit-learn's report has them: 0.8125 is 0.812.
 *
 * v · 10ᵈ = k + ½ is possible for a binary v only when v · 2ᵈ⁺¹ is an odd whole number.
 */
function fixedHalfEven(value: number, digits: number): string {
  const isTie = (value * 2 ** (digits + 1)) % 2 === 1;
  const text = value.toFixed(digits);
  const isOdd = Number(text.at(-1)) % 2 === 1;
  return isTie && isOdd ? (value * (1 - Number.EPSILON)).toFixed(digits) : text;
}
