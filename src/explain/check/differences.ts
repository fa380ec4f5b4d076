/** Numerical derivatives: central differences with Richardson extrapolation, in float64. */

/** A derivative and how far it can be trusted. */
export interface Difference {
  readonly value: number;
  /** Estimated error, from the last two entries of the table. */
  readonly error: number;
}

/** f′(x) by central differences at steps h, h/2, h/4 …, extrapolated to h = 0 (Ridders, 1982).
 *
 *   D(h) = (f(x + h) − f(x − h)) / 2h = f′(x) + c₂h² + c₄h⁴ + …, so that
 *   (4ᵏ D(h/2) − D(h)) / (4ᵏ − 1) loses its leading error term.
 *
 * @param h the first step; entries whose error grows again (rounding) are not used
 */
export function differentiateNumerically(
  f: (x: number) => number,
  x: number,
  h = 1e-2 * Math.max(1, Math.abs(x)),
): Difference {
  const levels = 8;
  let step = h;
  const slope = () => (f(x + step) - f(x - step)) / (2 * step);
  let row = [slope()];
  let best: Difference = { value: row[0], error: Number.POSITIVE_INFINITY };
  for (let i = 1; i < levels; i++) {
    step /= 2;
    const next = [slope()];
    for (let k = 1; k <= i; k++) {
      const factor = 4 ** k;
      next[k] = (factor * next[k - 1] - row[k - 1]) / (factor - 1);
      const error = Math.max(Math.abs(next[k] - next[k - 1]), Math.abs(next[k] - row[k - 1]));
      if (error <= best.error) best = { value: next[k], error };
    }
    if (Math.abs(next[i] - row[i - 1]) > 4 * best.error && best.error < Number.POSITIVE_INFINITY)
      break;
    row = next;
  }
  return best;
}
