/** Class regions of a scored grid as SVG paths, by contours instead of cells. */

import { contours } from "d3-contour";
import { simplifyLine } from "./thin.ts";

/** Scores of every class at every grid point, and the pixels to which the grid is stretched. */
export interface ScoreGrid {
  readonly gridWidth: number;
  readonly gridHeight: number;
  readonly classes: number;
  /** [gridHeight, gridWidth, classes], the first row at the bottom of the plot. */
  readonly scores: ArrayLike<number>;
  readonly plotWidth: number;
  readonly plotHeight: number;
}

/** One path for each class that leads somewhere, to be painted in this order.
 *
 * The path of class k covers all places where k or a later class leads, so that each path paints over
 * the ones before it: no gaps appear where three regions meet.
 */
export function regionPaths(grid: ScoreGrid): { class: number; path: string }[] {
  const { gridWidth, gridHeight, classes } = grid;
  const field = new Float64Array(gridWidth * gridHeight);
  const regions: { class: number; path: string }[] = [];
  for (let k = 0; k < classes; k++) {
    for (let cell = 0; cell < field.length; cell++) {
      let before = Number.NEGATIVE_INFINITY;
      let after = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) {
        const score = grid.scores[cell * classes + c];
        if (c < k) before = Math.max(before, score);
        else after = Math.max(after, score);
      }
      field[cell] = k === 0 ? 1 : after - before;
    }
    const path = contourPath(grid, field, 0);
    // A class that leads nowhere covers exactly what the next one covers.
    if (regions.length > 0 && regions[regions.length - 1].path === path) regions.pop();
    if (path !== "") regions.push({ class: k, path });
  }
  return regions;
}

/** Paths of the places where class k leads the second best by at least each threshold. */
export function leadPaths(grid: ScoreGrid, k: number, thresholds: readonly number[]): string[] {
  const { gridWidth, gridHeight, classes, scores } = grid;
  const field = new Float64Array(gridWidth * gridHeight);
  for (let cell = 0; cell < field.length; cell++) {
    let other = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) {
      if (c !== k) other = Math.max(other, scores[cell * classes + c]);
    }
    field[cell] = scores[cell * classes + k] - other;
  }
  return thresholds.map((threshold) => contourPath(grid, field, threshold));
}

function contourPath(grid: ScoreGrid, field: Float64Array, threshold: number): string {
  const { gridWidth, gridHeight, plotWidth, plotHeight } = grid;
  const geometry = contours()
    .size([gridWidth, gridHeight])
    .smooth(true)
    .contour(field as unknown as number[], threshold);
  // Grid point i lies at i + 0.5; what the contours add around the outer points falls on the frame.
  const clamp = (share: number) => Math.min(1, Math.max(0, share));
  const x = (i: number) => clamp((i - 0.5) / (gridWidth - 1)) * plotWidth;
  const y = (j: number) => (1 - clamp((j - 0.5) / (gridHeight - 1))) * plotHeight;
  return geometry.coordinates
    .flat()
    .map((ring) =>
      ringPath(
        simplifyLine(
          ring.map(([i, j]) => [x(i), y(j)] as const),
          0.2,
        ),
      ),
    )
    .join("");
}

/** A closed ring in relative steps of a tenth of a pixel, which keeps pictures small. */
function ringPath(ring: readonly (readonly [number, number])[]): string {
  let previousX = 0;
  let previousY = 0;
  let path = "";
  let steps = 0;
  for (const [pointX, pointY] of ring.slice(0, -1)) {
    const x = Math.round(pointX * 10);
    const y = Math.round(pointY * 10);
    if (steps > 0 && x === previousX && y === previousY) continue;
    path += `${steps === 0 ? "M" : "l"}${(x - previousX) / 10},${(y - previousY) / 10}`;
    previousX = x;
    previousY = y;
    steps++;
  }
  return steps >= 3 ? `${path}Z` : "";
}
