/** A smooth random field of displacements: random at the points of a grid, bicubic in between. */

import type { Generator } from "../../util/index.ts";
import type { FieldMap, PictureShape } from "./transform.ts";

/** Points of the grid before the picture's first pixel and behind its last one, which the interpolation
 * needs. */
const margin = 1;

/** Displacements with deviation `pixels` at points `spacing` apart, by Catmull and Rom's cubic. */
export function randomField(
  random: Generator,
  { height, width }: PictureShape,
  { pixels, spacing }: { readonly pixels: number; readonly spacing: number },
): FieldMap {
  const rows = Math.ceil((height - 1) / spacing) + 2 + 2 * margin;
  const columns = Math.ceil((width - 1) / spacing) + 2 + 2 * margin;
  // [rows, columns, 2]: y and x of each displacement; Box and Muller give two at a time.
  const grid = new Float64Array(rows * columns * 2);
  for (let i = 0; i < grid.length; i += 2) {
    const [a, b] = random.words();
    const radius = pixels * Math.sqrt(-2 * Math.log(((a >>> 0) + 1) / 2 ** 32));
    const angle = (2 * Math.PI * (b >>> 0)) / 2 ** 32;
    grid[i] = radius * Math.cos(angle);
    grid[i + 1] = radius * Math.sin(angle);
  }
  const lines = interpolatedRows(grid, rows, width, spacing);
  const field = interpolatedColumns(lines, height, width, spacing);
  return (places) => displace(places, field, height, width);
}

/** The grid's rows at every column of the picture: [rows, columns, 2] → [rows, width, 2]. */
function interpolatedRows(
  grid: Float64Array,
  rows: number,
  width: number,
  spacing: number,
): Float64Array {
  const columns = grid.length / (2 * rows);
  const result = new Float64Array(rows * width * 2);
  const weights = new Float64Array(4);
  for (let x = 0; x < width; x++) {
    const left = Math.floor(x / spacing);
    cubicWeights(x / spacing - left, weights);
    for (let row = 0; row < rows; row++) {
      const from = 2 * (row * columns + left);
      const to = 2 * (row * width + x);
      for (let c = 0; c < 4; c++) {
        result[to] += weights[c] * grid[from + 2 * c];
        result[to + 1] += weights[c] * grid[from + 2 * c + 1];
      }
    }
  }
  return result;
}

/** The rows' values at every row of the picture: [rows, width, 2] → [height, width, 2]. */
function interpolatedColumns(
  lines: Float64Array,
  height: number,
  width: number,
  spacing: number,
): Float64Array {
  const result = new Float64Array(height * width * 2);
  const weights = new Float64Array(4);
  for (let y = 0; y < height; y++) {
    const top = Math.floor(y / spacing);
    cubicWeights(y / spacing - top, weights);
    const [a, b, c, d] = weights;
    const stride = 2 * width;
    const from = top * stride;
    for (let i = 0; i < stride; i++) {
      const at = from + i;
      result[y * stride + i] =
        a * lines[at] +
        b * lines[at + stride] +
        c * lines[at + 2 * stride] +
        d * lines[at + 3 * stride];
    }
  }
  return result;
}

/** Adds to each place the field [height, width, 2] there (bilinear between pixels); beyond the picture it
 * goes on as at the border. */
function displace(places: Float64Array, field: Float64Array, height: number, width: number): void {
  for (let i = 0; i < places.length; i += 2) {
    const y = Math.min(Math.max(places[i], 0), height - 1);
    const x = Math.min(Math.max(places[i + 1], 0), width - 1);
    const top = y | 0;
    const left = x | 0;
    const down = y - top;
    const right = x - left;
    const a = 2 * (top * width + left);
    const b = left < width - 1 ? a + 2 : a;
    const below = top < height - 1 ? 2 * width : 0;
    const c = a + below;
    const d = b + below;
    for (let axis = 0; axis < 2; axis++) {
      const upper = field[a + axis] + (field[b + axis] - field[a + axis]) * right;
      const lower = field[c + axis] + (field[d + axis] - field[c + axis]) * right;
      places[i + axis] += upper + (lower - upper) * down;
    }
  }
}

/** Weights of four neighbours for a place `t` in [0, 1) behind the second one (Catmull and Rom, 1974). */
function cubicWeights(t: number, weights: Float64Array): void {
  weights[0] = t * (-0.5 + t * (1 - 0.5 * t));
  weights[1] = 1 + t * t * (-2.5 + 1.5 * t);
  weights[2] = t * (0.5 + t * (2 - 1.5 * t));
  weights[3] = t * t * (-0.5 + 0.5 * t);
}
