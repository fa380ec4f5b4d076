/** Sampling a picture at the places that composed moves give. */

import type { InputValues } from "../rowValues.ts";
import type { AffineMap, FieldMap, PictureShape } from "./transform.ts";

/** What is seen beyond the picture's border: a value, or the border's pixels. */
export type Fill = number | "edge";

/** `first` applied to what `then` gives. */
function composed(first: AffineMap, then: AffineMap): AffineMap {
  const { yy, yx, xy, xx } = first;
  return {
    yy: yy * then.yy + yx * then.xy,
    yx: yy * then.yx + yx * then.xx,
    y0: yy * then.y0 + yx * then.x0 + first.y0,
    xy: xy * then.yy + xx * then.xy,
    xx: xy * then.yx + xx * then.xx,
    x0: xy * then.y0 + xx * then.x0 + first.x0,
  };
}

/** Where the pixels of a picture that went through `moves`, one after the other, come from: writes
 * `places` [height · width, 2] (y, x). */
export function placesOf(
  moves: readonly (AffineMap | FieldMap)[],
  { height, width }: PictureShape,
  places: Float64Array,
): void {
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      places[i++] = y;
      places[i++] = x;
    }
  }
  // The last move is the first on the way back to the original.
  let affine: AffineMap | undefined;
  const flush = () => {
    if (affine !== undefined) mapAll(affine, places);
    affine = undefined;
  };
  for (const move of moves.toReversed()) {
    if (typeof move === "function") {
      flush();
      move(places);
    } else {
      affine = affine === undefined ? move : composed(move, affine);
    }
  }
  flush();
}

function mapAll({ yy, yx, y0, xy, xx, x0 }: AffineMap, places: Float64Array): void {
  for (let i = 0; i < places.length; i += 2) {
    const y = places[i];
    const x = places[i + 1];
    places[i] = yy * y + yx * x + y0;
    places[i + 1] = xy * y + xx * x + x0;
  }
}

/** Samples pictures of one shape; keeps its working memory between them. */
export class Sampler {
  readonly #shape: PictureShape;
  readonly #fill: Fill;
  /** Pixels of `fill` around the copy of a picture: one when it has a value, else none. */
  readonly #margin: number;
  readonly #copy: InputValues;

  /** @param like gives the element type */
  constructor(shape: PictureShape, fill: Fill, like: InputValues) {
    this.#shape = shape;
    this.#fill = fill;
    this.#margin = fill === "edge" ? 0 : 1;
    const { height, width, channels } = shape;
    const size = (height + 2 * this.#margin) * (width + 2 * this.#margin) * channels;
    this.#copy = like instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
    if (fill !== "edge") this.#copy.fill(fill);
  }

  /** Replaces `pixels` [height, width, channels] by bilinear samples of them at the places. */
  resample(pixels: InputValues, places: Float64Array): void {
    const { height, width, channels } = this.#shape;
    const margin = this.#margin;
    this.#keepCopy(pixels);
    const copy = this.#copy;
    const lastRow = height - 1 + 2 * margin;
    const lastColumn = width - 1 + 2 * margin;
    const stride = (lastColumn + 1) * channels;
    let to = 0;
    for (let i = 0; i < places.length; i += 2) {
      const y = Math.min(Math.max(places[i] + margin, 0), lastRow);
      const x = Math.min(Math.max(places[i + 1] + margin, 0), lastColumn);
      // Not negative: |0 rounds down.
      const top = y | 0;
      const left = x | 0;
      const down = y - top;
      const right = x - left;
      const a = top * stride + left * channels;
      const b = left < lastColumn ? a + channels : a;
      const below = top < lastRow ? stride : 0;
      for (let channel = 0; channel < channels; channel++) {
        const upperLeft = copy[a + channel];
        const lowerLeft = copy[a + below + channel];
        const upper = upperLeft + (copy[b + channel] - upperLeft) * right;
        const lower = lowerLeft + (copy[b + below + channel] - lowerLeft) * right;
        pixels[to++] = upper + (lower - upper) * down;
      }
    }
  }

  #keepCopy(pixels: InputValues): void {
    if (this.#fill === "edge") {
      this.#copy.set(pixels);
      return;
    }
    const { height, width, channels } = this.#shape;
    const stride = (width + 2) * channels;
    for (let row = 0; row < height; row++) {
      const line = pixels.subarray(row * width * channels, (row + 1) * width * channels);
      this.#copy.set(line, (row + 1) * stride + channels);
    }
  }
}
