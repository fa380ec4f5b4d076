/** The offline datasets by name, and what is to be known about each. */

import { digits, iris } from "./embedded.ts";
import { blobs, circles, moons, xor } from "./generated.ts";
import { noisySpirals, twoSpirals } from "./spirals.ts";

/** The offline datasets, as functions.
 *
 * @example
 * const { train, test } = datasets.iris().split({ test: 0.2, stratify: true, seed: 1 });
 */
export const datasets = {
  iris,
  digits,
  twoSpirals,
  noisySpirals,
  moons,
  circles,
  xor,
  blobs,
} as const;

/** The name of a function in {@link datasets}. */
export type DatasetName = keyof typeof datasets;

/** What is to be known about a dataset before it is made. */
export interface CatalogueEntry {
  readonly name: DatasetName;
  /** Rows with the default options (training and test rows together). */
  readonly rows: number;
  readonly features: number;
  readonly classes: number;
  /** True when the rows are drawn from a seed. */
  readonly generated: boolean;
  readonly description: string;
  readonly source: string;
  readonly licence: string;
}

/** Every set of {@link datasets}, in the order to list them. */
export const datasetCatalogue: readonly CatalogueEntry[] = [
  {
    name: "iris",
    rows: 150,
    features: 4,
    classes: 3,
    generated: false,
    description: "Sepal and petal lengths and widths of three iris species, in centimetres",
    source: "R. A. Fisher, 1936; file from scikit-learn 1.2.1",
    licence: "BSD-3-Clause (scikit-learn)",
  },
  {
    name: "digits",
    rows: 1797,
    features: 64,
    classes: 10,
    generated: false,
    description: "Handwritten digits as 8 x 8 pixels from 0 to 16",
    source: "E. Alpaydin and C. Kaynak, 1998 (UCI); file from scikit-learn 1.2.1",
    licence: "BSD-3-Clause (scikit-learn)",
  },
  {
    name: "twoSpirals",
    rows: 194,
    features: 2,
    classes: 2,
    generated: false,
    description: "The two-spirals benchmark: two interleaved arms of three turns",
    source: "K. J. Lang and M. J. Witbrock, 1988 (CMU), by formula",
    licence: "none needed (a formula)",
  },
  {
    name: "noisySpirals",
    rows: 2000,
    features: 2,
    classes: 2,
    generated: true,
    description: "Two spiral arms with noise: 1000 training and 1000 test points",
    source: "generated",
    licence: "none needed (a formula)",
  },
  {
    name: "moons",
    rows: 200,
    features: 2,
    classes: 2,
    generated: true,
    description: "Two interleaving half circles with noise",
    source: "generated, as scikit-learn's make_moons",
    licence: "none needed (a formula)",
  },
  {
    name: "circles",
    rows: 200,
    features: 2,
    classes: 2,
    generated: true,
    description: "A circle inside another with noise",
    source: "generated, as scikit-learn's make_circles",
    licence: "none needed (a formula)",
  },
  {
    name: "xor",
    rows: 4,
    features: 2,
    classes: 2,
    generated: false,
    description: "Exclusive or: the four corners of the unit square, or noisy points around them",
    source: "by definition",
    licence: "none needed (a formula)",
  },
  {
    name: "blobs",
    rows: 200,
    features: 2,
    classes: 3,
    generated: true,
    description: "Normal clouds around random centers",
    source: "generated, as scikit-learn's make_blobs",
    licence: "none needed (a formula)",
  },
];
