/** The transforms that change pixels where they are: erase, noise. */

import { UsageError } from "../../util/index.ts";
import { expectAtLeast, expectShare } from "./expect.ts";
import type { PixelChange } from "./transform.ts";

/** Tries to find a rectangle that fits into the picture. */
const tries = 10;

/** Overwrites a random rectangle with a probability. Its area is a share of the picture's, and its sides
 * have ratios from 0.3 to 3.3.
 *
 * Zhong, Zheng, Kang, Li, Yang, "Random erasing data augmentation", AAAI 2020.
 */
export function erase({
  probability = 0.5,
  area = [0.02, 0.2],
  value = 0,
}: {
  readonly probability?: number;
  /** Smallest and largest share of the picture. */
  readonly area?: readonly [from: number, to: number];
  /** What the rectangle is filled with. */
  readonly value?: number;
} = {}): PixelChange {
  const [from, to] = area;
  expectShare("erase", { probability, "area[0]": from, "area[1]": to });
  if (from > to) {
    throw new UsageError(
      `Transform erase: expected area [smallest, largest], got [${from}, ${to}].`,
    );
  }
  return {
    type: "pixels",
    kind: "erase",
    options: { probability, area, value },
    apply: (pixels, { height, width, channels }, random) => {
      if (random.uniform() >= probability) return;
      for (let i = 0; i < tries; i++) {
        const size = height * width * (from + (to - from) * random.uniform());
        const ratio = Math.exp(Math.log(0.3) + Math.log(11) * random.uniform());
        const rows = Math.round(Math.sqrt(size * ratio));
        const columns = Math.round(Math.sqrt(size / ratio));
        if (rows < 1 || columns < 1 || rows > height || columns > width) continue;
        const top = random.integer(height - rows + 1);
        const left = random.integer(width - columns + 1);
        for (let row = top; row < top + rows; row++) {
          const start = (row * width + left) * channels;
          pixels.fill(value, start, start + columns * channels);
        }
        return;
      }
    },
  };
}

/** Adds normal noise of a standard deviation to every value. */
export function noise({ deviation = 0.05 }: { readonly deviation?: number } = {}): PixelChange {
  expectAtLeast("noise", { deviation }, 0);
  return {
    type: "pixels",
    kind: "noise",
    options: { deviation },
    apply: (pixels, _, random) => {
      // Box and Muller, both halves of each pair.
      for (let i = 0; i < pixels.length; i += 2) {
        const [a, b] = random.words();
        const radius = deviation * Math.sqrt(-2 * Math.log(((a >>> 0) + 1) / 2 ** 32));
        const angle = (2 * Math.PI * (b >>> 0)) / 2 ** 32;
        pixels[i] += radius * Math.cos(angle);
        if (i + 1 < pixels.length) pixels[i + 1] += radius * Math.sin(angle);
      }
    },
  };
}
