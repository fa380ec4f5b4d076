/** The two-spirals problem: the CMU benchmark's 194 points, and noisy training and test sets of its arms. */

import { Generator, UsageError } from "../util/index.ts";
import { Dataset } from "./dataset.ts";

/** Options of {@link noisySpirals}. */
export interface NoisySpiralsOptions {
  /** Training points. Default 1000. */
  readonly train?: number;
  /** Test points. Default 1000. */
  readonly test?: number;
  /** Standard deviation of the normal noise on x and on y, in units in which an arm's radius goes from
   * 6.5 to 0.5. Default 0.15. */
  readonly noise?: number;
  /** Full turns of an arm. Default 2. */
  readonly turns?: number;
  /** Default 0. */
  readonly seed?: number;
}

const outerRadius = 6.5;
const innerRadius = 0.5;

/** The two-spirals benchmark, 194 points: for i = 0 … 96
 *
 *     angle = i π / 16    radius = 6.5 (104 − i) / 104    (x, y) = radius (sin angle, cos angle)
 *
 * in class 1, each followed by its mirror (−x, −y) in class 0.
 * Lang and Witbrock, "Learning to tell two spirals apart", 1988, with the points of A. P. Wieland's
 * program for the CMU benchmark collection.
 *
 * @example
 * twoSpirals().length; // 194
 */
export function twoSpirals(): Dataset {
  const steps = 97;
  const inputs = new Float64Array(4 * steps);
  const targets = new Int32Array(2 * steps);
  for (let i = 0; i < steps; i++) {
    const angle = (i * Math.PI) / 16;
    const radius = (outerRadius * (104 - i)) / 104;
    const x = radius * Math.sin(angle);
    const y = radius * Math.cos(angle);
    inputs.set([x, y, -x, -y], 4 * i);
    targets[2 * i] = 1;
  }
  return spiralDataset("two-spirals", inputs, targets);
}

/** Random points of the two spiral arms, with normal noise: a training and a test set.
 *
 * The arms are those of {@link twoSpirals} with `turns` turns instead of 3. Points are uniform along an
 * arm's length (to the approximation that an arm's speed is its radius) and alternate between the
 * classes. Neighbouring arms are 3 / turns apart and the inner ends 1 apart, so that with the default
 * noise fewer than one point in a thousand lies nearer to the other arm than to its own.
 *
 * @throws UsageError for a count below 2, noise below 0, or turns of 0 or less.
 * @example
 * const { train, test } = noisySpirals({ noise: 0.1, seed: 1 });
 */
export function noisySpirals({
  train = 1000,
  test = 1000,
  noise = 0.15,
  turns = 2,
  seed = 0,
}: NoisySpiralsOptions = {}): { readonly train: Dataset; readonly test: Dataset } {
  if (!(noise >= 0 && turns > 0)) {
    throw new UsageError(
      `noisySpirals: expected noise of at least 0 and turns above 0, got noise ${noise} and turns ${turns}.`,
    );
  }
  const generator = new Generator(seed).fork("noisy spirals");
  const part = (name: "train" | "test", points: number) => {
    if (!Number.isInteger(points) || points < 2) {
      throw new UsageError(`noisySpirals: expected at least 2 ${name} points, got ${points}.`);
    }
    return noisyArms(`noisy-spirals (${name})`, points, noise, turns, generator.fork(name));
  };
  return { train: part("train", train), test: part("test", test) };
}

function noisyArms(
  name: string,
  points: number,
  noise: number,
  turns: number,
  generator: Generator,
): Dataset {
  const inputs = new Float64Array(2 * points);
  const targets = new Int32Array(points);
  for (let i = 0; i < points; i++) {
    targets[i] = (i + 1) % 2;
    const side = targets[i] === 1 ? 1 : -1;
    // The density of the radius is proportional to the radius: uniform in its square.
    const squared = generator.uniform() * (outerRadius ** 2 - innerRadius ** 2);
    const radius = Math.sqrt(outerRadius ** 2 - squared);
    const angle = (2 * Math.PI * turns * (outerRadius - radius)) / (outerRadius - innerRadius);
    inputs[2 * i] = side * radius * Math.sin(angle) + noise * generator.normal();
    inputs[2 * i + 1] = side * radius * Math.cos(angle) + noise * generator.normal();
  }
  return spiralDataset(name, inputs, targets);
}

function spiralDataset(name: string, inputs: Float64Array, targets: Int32Array): Dataset {
  return new Dataset({
    name,
    inputs,
    inputShape: [2],
    targets,
    classNames: ["0", "1"],
    featureNames: ["x", "y"],
  });
}
