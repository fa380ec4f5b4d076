/** What a random change of pictures is: plain data, and a function that draws one change. */

import type { Generator } from "../../util/index.ts";
import type { InputValues } from "../rowValues.ts";

/** The axes of one picture, row-major with channels last. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** From a place (row y, column x) of the changed picture to the place of the original that is seen there:
 * y′ = yy·y + yx·x + y0,  x′ = xy·y + xx·x + x0. Pixels have their centers at whole numbers. */
export interface AffineMap {
  readonly yy: number;
  readonly yx: number;
  readonly y0: number;
  readonly xy: number;
  readonly xx: number;
  readonly x0: number;
}

/** As {@link AffineMap}, by a shift that differs from place to place: moves `places` [n, 2] (y, x). */
export type FieldMap = (places: Float64Array) => void;

/** Moves parts of the picture. Moves in a row are composed and the picture is sampled once, so that
 * several of them blur no more than one. */
export interface Move {
  readonly type: "move";
  readonly kind: string;
  /** Plain JSON data from which `kind`'s factory makes the transform again. */
  readonly options: Readonly<Record<string, unknown>>;
  draw(random: Generator, shape: PictureShape): AffineMap | FieldMap;
}

/** Changes the values of pixels where they are. */
export interface PixelChange {
  readonly type: "pixels";
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Changes one picture [height, width, channels] in place. */
  apply(pixels: InputValues, shape: PictureShape, random: Generator): void;
}

export type Transform = Move | PixelChange;

/** A transform of one's own that changes pixels; it runs beside training, not in a worker.
 *
 * @example
 * const invert = defineTransform({
 *   name: "invert",
 *   apply: (pixels, _, random) => {
 *     if (random.uniform() < 0.5) for (let i = 0; i < pixels.length; i++) pixels[i] = 1 - pixels[i];
 *   },
 * });
 */
export function defineTransform({
  name,
  apply,
}: {
  readonly name: string;
  readonly apply: PixelChange["apply"];
}): PixelChange {
  return { type: "pixels", kind: name, options: {}, apply };
}
