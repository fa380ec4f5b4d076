/** The Hebbian network: connections grow where both ends are active together. */

import {
  activate,
  blankUnits,
  moved,
  type ThresholdSample,
  type ThresholdUnits,
  type ThresholdUpdate,
} from "./thresholdUnits.ts";

/** Learns samples of values −1 and 1 by Hebb's rule, each once: Δwᵢⱼ = η tᵢ xⱼ, Δbᵢ = η tᵢ.
 *
 * After it W = η Σ t xᵀ: inputs that are orthogonal are recalled without error; two classes that
 * overlap like those of xor cancel out. Hebb, "The Organization of Behavior", 1949; supervised form as in
 * Fausett, "Fundamentals of Neural Networks", 1994, 2.2.
 *
 * @returns the units, and what each sample changed
 * @throws UsageError for samples that do not fit together
 * @example
 * const { units } = learnHebbian([{ input: [1, 1], target: [1] }, { input: [1, -1], target: [-1] }]);
 * activate(units, [1, 1]); // [1]
 */
export function learnHebbian(
  samples: readonly ThresholdSample[],
  { learningRate = 1 }: { readonly learningRate?: number } = {},
): { readonly units: ThresholdUnits; readonly updates: readonly ThresholdUpdate[] } {
  let units = blankUnits(samples, -1);
  const updates = samples.map(({ input, target }, sample) => {
    const output = activate(units, input);
    units = moved(
      units,
      input,
      target.map((t) => learningRate * t),
    );
    return { epoch: 1, sample, output, units };
  });
  return { units, updates };
}
