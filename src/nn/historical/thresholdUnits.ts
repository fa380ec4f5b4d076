/** A layer of threshold units, as Hebb's and Rosenblatt's rules train it, one sample after the other. */

import { UsageError } from "../../util/index.ts";

/** Units yᵢ = sign(Σⱼ wᵢⱼ xⱼ + bᵢ), 1 where the sum is at least 0 and else the low value. */
export interface ThresholdUnits {
  /** [units][inputs] */
  readonly weights: readonly (readonly number[])[];
  /** [units] */
  readonly biases: readonly number[];
  /** What a silent unit gives: −1 (bipolar) or 0 (binary). */
  readonly low: -1 | 0;
}

/** One sample: what goes in, and what each unit shall give. */
export interface ThresholdSample {
  readonly input: readonly number[];
  readonly target: readonly number[];
}

/** What one sample changed. */
export interface ThresholdUpdate {
  /** From 1. */
  readonly epoch: number;
  /** Index of the sample. */
  readonly sample: number;
  /** What the units gave before the update. */
  readonly output: readonly number[];
  /** The units after the update. */
  readonly units: ThresholdUnits;
}

/** Weighted sums Σⱼ wᵢⱼ xⱼ + bᵢ, [units]. */
export function netInputs({ weights, biases }: ThresholdUnits, input: readonly number[]): number[] {
  return weights.map((row, i) => row.reduce((sum, w, j) => sum + w * input[j], biases[i]));
}

/** What the units give, [units].
 * @throws UsageError for an input of another length */
export function activate(units: ThresholdUnits, input: readonly number[]): number[] {
  const width = units.weights[0].length;
  if (input.length !== width) {
    throw new UsageError(`activate: expected ${width} inputs, got ${input.length}.`);
  }
  return netInputs(units, input).map((sum) => (sum >= 0 ? 1 : units.low));
}

/** Units with all weights 0 for samples. @throws UsageError for samples that do not fit together */
export function blankUnits(samples: readonly ThresholdSample[], low: -1 | 0): ThresholdUnits {
  if (samples.length === 0) throw new UsageError("Expected at least one sample, got none.");
  const [{ input, target }] = samples;
  for (const [i, sample] of samples.entries()) {
    if (sample.input.length === input.length && sample.target.length === target.length) continue;
    throw new UsageError(
      `Sample ${i}: expected ${input.length} inputs and ${target.length} targets as in sample 0, ` +
        `got ${sample.input.length} and ${sample.target.length}.`,
    );
  }
  return { weights: target.map(() => input.map(() => 0)), biases: target.map(() => 0), low };
}

/** wᵢⱼ + δᵢ xⱼ and bᵢ + δᵢ for changes δ, [units]. */
export function moved(
  units: ThresholdUnits,
  input: readonly number[],
  changes: readonly number[],
): ThresholdUnits {
  return {
    ...units,
    weights: units.weights.map((row, i) => row.map((w, j) => w + changes[i] * input[j])),
    biases: units.biases.map((bias, i) => bias + changes[i]),
  };
}
