/** The wrongly classified test rows that teach the most: those of which the network was surest. */

import type { Dataset, PackedValues } from "../../data/index.ts";
import type { ReportMistake } from "../../report/index.ts";
import type { Predictions } from "./testing.ts";

const mostMistakes = 12;
const mostFeatures = 8;

/** @param images height and width of rows that are pictures */
export function mistakesOf(
  test: Dataset,
  { values, probabilities }: Predictions,
  images?: readonly [number, number],
): ReportMistake[] {
  const { labels, classNames = [], classCount } = test;
  const confidence = (row: number) => probabilities?.[row * classCount + values[row]] ?? 0;
  const wrong = Array.from(labels.keys()).filter((row) => labels[row] !== values[row]);
  wrong.sort((a, b) => confidence(b) - confidence(a) || a - b);
  const shades = images && shadesOf(test);
  return wrong.slice(0, mostMistakes).map((row) => ({
    index: row,
    actual: classNames[labels[row]],
    predicted: classNames[values[row]],
    confidence: confidence(row),
    ...(shades ? { image: imageOf(test, row, images, shades) } : featuresOf(test, row)),
  }));
}

/** The smallest and the largest pixel of all images, which become 0 and 1. */
function shadesOf(test: Dataset): readonly [least: number, most: number] {
  const { packed } = test;
  const values = packed === undefined ? test.inputs : meaningsIn(packed);
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** What the bytes that occur mean. */
function meaningsIn({ codes, meanings }: PackedValues): Float32Array {
  const occurs = new Uint8Array(256);
  for (let i = 0; i < codes.length; i++) occurs[codes[i]] = 1;
  return meanings.filter((_, code) => occurs[code] === 1);
}

function imageOf(
  test: Dataset,
  row: number,
  [height, width]: readonly [number, number],
  [least, most]: readonly [number, number],
): NonNullable<ReportMistake["image"]> {
  const range = most - least || 1;
  const pixels = Array.from(rowOf(test, row), (value) => (value - least) / range);
  return { width, height, pixels };
}

function featuresOf(test: Dataset, row: number): Pick<ReportMistake, "features"> {
  if (test.inputSize > mostFeatures) return {};
  const name = (j: number) => test.featureNames?.[j] ?? `feature ${j}`;
  return {
    features: Array.from(rowOf(test, row), (value, j) => ({ name: name(j), value })),
  };
}

function rowOf(test: Dataset, row: number): ArrayLike<number> {
  return test.subset([row]).inputs;
}
