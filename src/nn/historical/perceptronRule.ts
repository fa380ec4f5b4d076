/** Rosenblatt's perceptron rule: learn from mistakes only. */

import { UsageError } from "../../util/index.ts";
import {
  activate,
  blankUnits,
  moved,
  type ThresholdSample,
  type ThresholdUnits,
  type ThresholdUpdate,
} from "./thresholdUnits.ts";

/** What the rule found. */
export interface PerceptronResult {
  readonly units: ThresholdUnits;
  /** Whether an epoch passed without a mistake. */
  readonly hasConverged: boolean;
  /** Wrong outputs in each epoch. */
  readonly mistakes: readonly number[];
  /** What each wrong sample changed. */
  readonly updates: readonly ThresholdUpdate[];
}

export interface PerceptronOptions {
  /** η; with weights that begin at 0 it only scales them. Default 1. */
  readonly learningRate?: number;
  /** Passes over the samples after which the rule gives up; default 100. */
  readonly epochs?: number;
  /** What a silent unit gives, and how targets are written: 0 (the default) or −1. */
  readonly low?: -1 | 0;
}

/** Learns samples by Rosenblatt's rule, from weights 0: after each wrong output y
 * Δwᵢⱼ = η (tᵢ − yᵢ) xⱼ and Δbᵢ = η (tᵢ − yᵢ).
 *
 * If some line separates the classes, the rule finds one after finitely many mistakes (Novikoff, 1962);
 * for xor there is none (Minsky and Papert, 1969). Rosenblatt, "The perceptron: a probabilistic model for
 * information storage and organization in the brain", Psychological Review 65, 1958. The same descent by
 * gradients: `layers.linear(1)` with `losses.perceptron()`.
 *
 * @throws UsageError for samples that do not fit together, or targets other than `low` and 1
 */
export function learnPerceptron(
  samples: readonly ThresholdSample[],
  { learningRate = 1, epochs = 100, low = 0 }: PerceptronOptions = {},
): PerceptronResult {
  let units = blankUnits(samples, low);
  expectTargets(samples, low);
  const mistakes: number[] = [];
  const updates: ThresholdUpdate[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    let wrong = 0;
    for (const [sample, { input, target }] of samples.entries()) {
      const output = activate(units, input);
      const errors = target.map((t, i) => t - output[i]);
      const wrongNow = errors.filter((error) => error !== 0).length;
      if (wrongNow === 0) continue;
      wrong += wrongNow;
      units = moved(
        units,
        input,
        errors.map((error) => learningRate * error),
      );
      updates.push({ epoch, sample, output, units });
    }
    mistakes.push(wrong);
    if (wrong === 0) return { units, hasConverged: true, mistakes, updates };
  }
  return { units, hasConverged: false, mistakes, updates };
}

function expectTargets(samples: readonly ThresholdSample[], low: -1 | 0): void {
  for (const [i, { target }] of samples.entries()) {
    const odd = target.find((t) => t !== low && t !== 1);
    if (odd === undefined) continue;
    throw new UsageError(`Sample ${i}: expected targets that are ${low} or 1, got ${odd}.`);
  }
}
