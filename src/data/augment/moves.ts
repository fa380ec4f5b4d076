/** The transforms that move parts of a picture: shift, crop, rotate, scale, flip, elastic. */

import type { Generator } from "../../util/index.ts";
import { expectAtLeast, expectShare, expectWhole } from "./expect.ts";
import { randomField } from "./field.ts";
import type { AffineMap, Move, PictureShape } from "./transform.ts";

const between = (random: Generator, low: number, high: number) =>
  low + (high - low) * random.uniform();

const still: AffineMap = { yy: 1, yx: 0, y0: 0, xy: 0, xx: 1, x0: 0 };

/** A linear map that leaves the picture's center in place. */
function aroundCenter(
  { height, width }: PictureShape,
  { yy, yx, xy, xx }: Pick<AffineMap, "yy" | "yx" | "xy" | "xx">,
): AffineMap {
  const y = (height - 1) / 2;
  const x = (width - 1) / 2;
  return { yy, yx, y0: y - yy * y - yx * x, xy, xx, x0: x - xy * y - xx * x };
}

/** Shifts by up to `pixels` up or down, and left or right, not only by whole pixels. */
export function shift({ pixels = 2 }: { readonly pixels?: number } = {}): Move {
  expectAtLeast("shift", { pixels }, 0);
  return {
    type: "move",
    kind: "shift",
    options: { pixels },
    draw: (random) => ({
      ...still,
      y0: between(random, -pixels, pixels),
      x0: between(random, -pixels, pixels),
    }),
  };
}

/** A window of the picture's own size, at a random place of the picture with `padding` pixels around it:
 * a shift by whole pixels. */
export function crop({ padding = 4 }: { readonly padding?: number } = {}): Move {
  expectWhole("crop", { padding }, 0);
  return {
    type: "move",
    kind: "crop",
    options: { padding },
    draw: (random) => ({
      ...still,
      y0: random.integer(2 * padding + 1) - padding,
      x0: random.integer(2 * padding + 1) - padding,
    }),
  };
}

/** Turns by up to `degrees` either way around the center. */
export function rotate({ degrees = 10 }: { readonly degrees?: number } = {}): Move {
  expectAtLeast("rotate", { degrees }, 0);
  return {
    type: "move",
    kind: "rotate",
    options: { degrees },
    draw: (random, shape) => {
      const angle = (between(random, -degrees, degrees) * Math.PI) / 180;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      return aroundCenter(shape, { yy: cos, yx: sin, xy: -sin, xx: cos });
    },
  };
}

/** Makes the picture larger or smaller around its center: a factor from `from` to `to`, evenly in its
 * logarithm. */
export function scale({
  from = 0.9,
  to = 1.1,
}: {
  readonly from?: number;
  readonly to?: number;
} = {}): Move {
  expectAtLeast("scale", { from, to }, 0.01);
  return {
    type: "move",
    kind: "scale",
    options: { from, to },
    draw: (random, shape) => {
      const factor = Math.exp(between(random, Math.log(from), Math.log(to)));
      return aroundCenter(shape, { yy: 1 / factor, yx: 0, xy: 0, xx: 1 / factor });
    },
  };
}

/** Mirrors with a probability: left and right ("horizontal"), or top and bottom ("vertical"). */
export function flip({
  axis = "horizontal",
  probability = 0.5,
}: {
  readonly axis?: "horizontal" | "vertical";
  readonly probability?: number;
} = {}): Move {
  expectShare("flip", { probability });
  return {
    type: "move",
    kind: "flip",
    options: { axis, probability },
    draw: (random, shape) => {
      if (random.uniform() >= probability) return still;
      const isVertical = axis === "vertical";
      return aroundCenter(shape, {
        yy: isVertical ? -1 : 1,
        yx: 0,
        xy: 0,
        xx: isVertical ? 1 : -1,
      });
    },
  };
}

/** Bends the picture: normal displacements with deviation `pixels` at the points of a grid with `spacing`
 * pixels between them, and smooth ones in between.
 *
 * Simard, Steinkraus, Platt, ICDAR 2003; with the grid and the bicubic interpolation of Ronneberger,
 * Fischer, Brox, MICCAI 2015.
 */
export function elastic({
  pixels = 1,
  spacing = 7,
}: {
  readonly pixels?: number;
  readonly spacing?: number;
} = {}): Move {
  expectAtLeast("elastic", { pixels }, 0);
  expectAtLeast("elastic", { spacing }, 1);
  return {
    type: "move",
    kind: "elastic",
    options: { pixels, spacing },
    draw: (random, shape) => randomField(random, shape, { pixels, spacing }),
  };
}
