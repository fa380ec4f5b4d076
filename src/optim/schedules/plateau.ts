/** A schedule that watches a measure. */

import { UsageError } from "../../util/index.ts";
import { expectCounts, expectRates } from "../rates.ts";
import { defineSchedule, type MeasuredEpoch, type Schedule } from "./schedule.ts";

export interface ReduceOnPlateauOptions {
  /** Of the validation set if there is one, else of the training set; the loss unless told. */
  readonly monitor?: "loss" | "accuracy";
  /** 0.1 unless told. */
  readonly factor?: number;
  /** Epochs without a better value that are borne; 10 unless told. */
  readonly patience?: number;
  /** By how much a value must be better; 1e-4 unless told. */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best value or a difference; relative unless told. */
  readonly thresholdMode?: "relative" | "absolute";
  /** Epochs after a reduction in which nothing is counted; 0 unless told. */
  readonly cooldown?: number;
  /** The rate never falls below; 0 unless told. */
  readonly least?: number;
}

/** η ← max(η · factor, least) when the monitored measure has not become better for more than `patience`
 * epochs. A function of the measures so far, so that a run that is taken up again goes on alike.
 *
 * As in PyTorch, which leaves out changes of 1e-8 or less.
 * @throws UsageError for options out of range, or (while training) accuracy where there is none.
 */
export function reduceOnPlateau(options: ReduceOnPlateauOptions = {}): Schedule {
  const { monitor = "loss", factor = 0.1, patience = 10, threshold = 1e-4 } = options;
  const { thresholdMode = "relative", cooldown = 0, least = 0 } = options;
  expectRates("Schedule reduceOnPlateau", { factor, threshold, least });
  expectCounts("Schedule reduceOnPlateau", { patience, cooldown }, 0);
  if (factor >= 1) {
    throw new UsageError(`Schedule reduceOnPlateau: expected a factor below 1, got ${factor}.`);
  }
  const all = { monitor, factor, patience, threshold, thresholdMode, cooldown, least };
  let last: { history: readonly MeasuredEpoch[]; base: number; rate: number } | undefined;
  return defineSchedule({
    name: "reduceOnPlateau",
    options: all,
    rate: ({ history, base }) => {
      // The steps of an epoch ask with one history: it is gone through once.
      if (last?.history !== history || last.base !== base) {
        last = { history, base, rate: reduced(history, base, all) };
      }
      return last.rate;
    },
  });
}

function reduced(
  history: readonly MeasuredEpoch[],
  base: number,
  options: Required<ReduceOnPlateauOptions>,
): number {
  const { factor, patience, threshold, thresholdMode, cooldown, least, monitor } = options;
  // Accuracy grows: its negative is to become smaller, and a relative threshold is a share of its size.
  const margin = (best: number) =>
    thresholdMode === "relative" ? threshold * Math.abs(best) : threshold;
  let rate = base;
  let best = Number.POSITIVE_INFINITY;
  let badEpochs = 0;
  let cooling = 0;
  for (const epoch of history) {
    const value = monitored(epoch, monitor);
    if (best === Number.POSITIVE_INFINITY || value < best - margin(best)) {
      best = value;
      badEpochs = 0;
    } else {
      badEpochs++;
    }
    if (cooling > 0) {
      cooling--;
      badEpochs = 0;
    }
    if (badEpochs > patience) {
      const next = Math.max(rate * factor, least);
      if (rate - next > 1e-8) rate = next;
      cooling = cooldown;
      badEpochs = 0;
    }
  }
  return rate;
}

function monitored({ train, validation }: MeasuredEpoch, monitor: "loss" | "accuracy"): number {
  const measures = validation ?? train;
  if (monitor === "loss") return measures.loss;
  if (measures.accuracy !== undefined) return -measures.accuracy;
  throw new UsageError(
    'Schedule reduceOnPlateau: expected epochs with an accuracy to monitor, got none; use monitor: "loss".',
  );
}
