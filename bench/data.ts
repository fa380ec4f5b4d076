/** The rows that workloads train on: embedded data sets, repeated until an epoch is long enough to time. */

import { type Dataset, digits, iris, noisySpirals } from "../src/data/index.ts";
import { Generator } from "../src/util/index.ts";
import type { DataSource } from "./workloads.ts";

/** At least `rows` rows. Inputs are float32; images are [height, width, channels]. */
export function loadData(source: DataSource, rows: number): Dataset {
  const data = sources[source]();
  const standard = data.withInputs(Float32Array.from(data.inputs));
  if (standard.length >= rows) return standard;
  return standard.subset(Int32Array.from({ length: rows }, (_, i) => i % standard.length));
}

const sources: Readonly<Record<DataSource, () => Dataset>> = {
  iris: () => iris().split({ test: 0.2, stratify: true, seed: 1 }).train,
  spirals: () => noisySpirals({ train: 300, test: 2, seed: 1 }).train,
  digits28: () => enlarged(28, [784], 1, 0),
  images28: () => enlarged(28, [28, 28, 1], 1, 0),
  images32: () => enlarged(32, [32, 32, 3], 3, 0.1),
};

/** The 8×8 digits as size × size images in [0, 1], interpolated, with normal noise in each channel: like
 * MNIST most of a digit's image is exactly 0, which a coloured image's noise undoes. */
function enlarged(
  size: number,
  shape: readonly number[],
  channels: number,
  noise: number,
): Dataset {
  const small = digits();
  const generator = new Generator(1).fork("noise");
  const images = new Float32Array(small.length * size * size * channels);
  const at = (image: number, y: number, x: number) =>
    y < 0 || y > 7 || x < 0 || x > 7 ? 0 : small.inputs[64 * image + 8 * y + x] / 16;
  let next = 0;
  for (let image = 0; image < small.length; image++) {
    for (let i = 0; i < size; i++) {
      const y = ((i + 0.5) * 10) / size - 1.5;
      for (let j = 0; j < size; j++) {
        const x = ((j + 0.5) * 10) / size - 1.5;
        const [top, left] = [Math.floor(y), Math.floor(x)];
        const [v, u] = [y - top, x - left];
        const value =
          (1 - v) * ((1 - u) * at(image, top, left) + u * at(image, top, left + 1)) +
          v * ((1 - u) * at(image, top + 1, left) + u * at(image, top + 1, left + 1));
        for (let channel = 0; channel < channels; channel++) {
          images[next++] = noise === 0 ? value : value + noise * generator.normal();
        }
      }
    }
  }
  return small.withInputs(images, shape);
}
