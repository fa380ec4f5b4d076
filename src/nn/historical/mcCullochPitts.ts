/** The neuron of McCulloch and Pitts: a threshold on counted inputs, with inhibition that forbids. */

import { UsageError } from "../../util/index.ts";

/** A neuron without anything to learn. */
export interface McCullochPittsNeuron {
  /** How many excitatory inputs must be active at least. */
  readonly threshold: number;
  /** How many times each input is connected; 0 for an inhibitory one. */
  readonly weights: readonly number[];
  /** Inputs of which any active one keeps the neuron silent. */
  readonly inhibitory: readonly number[];
}

/** A neuron of `inputs` binary inputs.
 *
 * Fires (1) at the next moment when no inhibitory input is active and Σ wᵢ xᵢ ≥ threshold over the others,
 * else stays silent (0). Weights are 1 unless told. McCulloch and Pitts, "A logical calculus of the ideas
 * immanent in nervous activity", Bulletin of Mathematical Biophysics 5, 1943.
 *
 * @throws UsageError for weights that are not counts, or inhibitory inputs that do not exist
 * @example
 * const and = mcCullochPitts({ inputs: 2, threshold: 2 });
 * fires(and, [1, 1]); // 1
 */
export function mcCullochPitts({
  inputs,
  threshold,
  weights = new Array<number>(inputs).fill(1),
  inhibitory = [],
}: {
  readonly inputs: number;
  readonly threshold: number;
  readonly weights?: readonly number[];
  readonly inhibitory?: readonly number[];
}): McCullochPittsNeuron {
  const areCounts = weights.every((weight) => Number.isInteger(weight) && weight >= 0);
  if (weights.length !== inputs || !areCounts) {
    throw new UsageError(
      `mcCullochPitts: expected ${inputs} weights that are whole numbers from 0, got ` +
        `[${weights.join(", ")}]; inhibition is not a negative weight but { inhibitory }.`,
    );
  }
  const stray = inhibitory.find((i) => !Number.isInteger(i) || i < 0 || i >= inputs);
  if (stray !== undefined) {
    throw new UsageError(
      `mcCullochPitts: expected inhibitory inputs from 0 to ${inputs - 1}, got ${stray}.`,
    );
  }
  return {
    threshold,
    inhibitory,
    weights: weights.map((weight, i) => (inhibitory.includes(i) ? 0 : weight)),
  };
}

/** Whether a neuron fires: 1 or 0. @throws UsageError for inputs other than as many zeros and ones */
export function fires(neuron: McCullochPittsNeuron, inputs: readonly number[]): 0 | 1 {
  const { weights, inhibitory, threshold } = neuron;
  if (inputs.length !== weights.length || inputs.some((x) => x !== 0 && x !== 1)) {
    throw new UsageError(
      `fires: expected ${weights.length} inputs that are 0 or 1, got [${inputs.join(", ")}].`,
    );
  }
  if (inhibitory.some((i) => inputs[i] === 1)) return 0;
  const sum = weights.reduce((total, weight, i) => total + weight * inputs[i], 0);
  return sum >= threshold ? 1 : 0;
}
