/** The measured datasets that come with the package: iris and the optical digits. */

import { Dataset } from "./dataset.ts";
import { digitsAlphabet, digitsLabels, digitsPixels } from "./digits.generated.ts";
import { irisTenths } from "./iris.generated.ts";

/** Fisher's iris: 150 flowers, four lengths in centimetres, three species of 50 in turn.
 *
 * R. A. Fisher, "The use of multiple measurements in taxonomic problems", 1936; the values agree with
 * the paper (UCI's copy differs in rows 35 and 38).
 *
 * @example
 * iris().classNames; // ["setosa", "versicolor", "virginica"]
 */
export function iris(): Dataset {
  const tenths = irisTenths.split(/[ ;]/).map(Number);
  return new Dataset({
    name: "iris",
    inputs: Float64Array.from(tenths, (value) => value / 10),
    inputShape: [4],
    targets: Int32Array.from({ length: 150 }, (_, i) => Math.floor(i / 50)),
    classNames: ["setosa", "versicolor", "virginica"],
    featureNames: ["sepal_length", "sepal_width", "petal_length", "petal_width"],
  });
}

/** Optical digits: 1797 handwritten digits as 8 x 8 pixels from 0 (paper) to 16 (ink), row-major.
 *
 * E. Alpaydin and C. Kaynak, "Optical recognition of handwritten digits", 1998 (the test part, which
 * is the set of scikit-learn's load_digits).
 *
 * @example
 * const flat = digits(); // inputShape [64]
 * const images = flat.withInputs(flat.inputs, [1, 8, 8]);
 */
export function digits(): Dataset {
  const inputs = new Float64Array((digitsPixels.length / 2) * 3);
  const digitOf = new Map(Array.from(digitsAlphabet, (character, i) => [character, i]));
  for (let i = 0; i < digitsPixels.length; i += 2) {
    const high = digitOf.get(digitsPixels[i])!;
    const low = digitOf.get(digitsPixels[i + 1])!;
    const three = high * digitsAlphabet.length + low;
    inputs.set([Math.floor(three / 289), Math.floor(three / 17) % 17, three % 17], (i / 2) * 3);
  }
  return new Dataset({
    name: "digits",
    inputs,
    inputShape: [64],
    targets: Int32Array.from(digitsLabels, Number),
    classNames: Array.from("0123456789"),
  });
}
