/** Results in words, and the threshold that they may have to reach. */

import type { Dataset } from "../../data/index.ts";
import { formatNumber, formatPercent } from "../../figures/index.ts";
import { wilsonInterval } from "../../report/index.ts";
import { UsageError } from "../../util/index.ts";
import type { TestResult } from "../run/testing.ts";
import type { Terminal } from "./terminal.ts";

/** The names and values of a result, the one that matters most first. */
export function resultFacts(test: TestResult, terminal: Terminal): [string, string][] {
  const { rows, loss, accuracy, topK, regression } = test;
  if (accuracy === undefined) {
    return [
      ["Test loss", `${loss.toPrecision(4)} on ${rows} rows`],
      ...(regression
        ? ([
            ["R²", regression.r2 === null ? "not defined" : formatNumber(regression.r2)],
            ["RMS error", formatNumber(regression.rootMeanSquaredError)],
            ["Mean error", formatNumber(regression.meanAbsoluteError)],
          ] as [string, string][])
        : []),
    ];
  }
  const right = Math.round(accuracy * rows);
  const [low, high] = wilsonInterval(right, rows);
  const share = terminal.paint("bold", formatPercent(accuracy));
  const interval = `95 % interval ${formatPercent(low)} to ${formatPercent(high)}`;
  return [
    ["Test accuracy", `${share} (${right} of ${rows} right; ${interval})`],
    ...(topK
      ? ([[`Top-${topK.k} accuracy`, formatPercent(topK.accuracy)]] as [string, string][])
      : []),
    ["Test loss", loss.toPrecision(4)],
  ];
}

/** The value of --min-accuracy.
 *
 * @param tested the kind of data that it is for
 * @throws UsageError unless it is a share, or when there is no accuracy to compare with it
 */
export function thresholdOf(
  text: string | undefined,
  tested: Pick<Dataset, "task">,
): number | undefined {
  if (text === undefined) return undefined;
  const threshold = text.trim() === "" ? Number.NaN : Number(text);
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new UsageError(
      `--min-accuracy: expected a share from 0 to 1, such as 0.95, got "${text}".`,
    );
  }
  if (tested.task === "regression") {
    throw new UsageError("--min-accuracy: expected classes, got a regression; leave it out.");
  }
  return threshold;
}

/** Whether an accuracy is under the threshold; says so on stderr. */
export function missesThreshold(
  accuracy: number | undefined,
  threshold: number | undefined,
): boolean {
  if (threshold === undefined || accuracy === undefined || accuracy >= threshold) return false;
  process.stderr.write(
    `chainrule: the accuracy ${formatNumber(accuracy)} is under --min-accuracy ${threshold}.\n`,
  );
  return true;
}
