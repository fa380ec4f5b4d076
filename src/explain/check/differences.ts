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
 * At a kink, as of ReLU at 0, D(h) settles on the mean of both slopes, which is no derivative. So the jump
 *
 *   J(h) = (f(x + h) − 2f(x) + f(x − h)) / h = c₁h + c₃h³ + …
 *
 * of the slope is extrapolated too, by (2·4ᵏ⁻¹ J(h/2) − J(h)) / (2·4ᵏ⁻¹ − 1); what is left of it is an error.
 *
 * @param h the first step; entries whose error grows again (rounding) are not used
 */
export function differentiateNumerically(
  f: (x: number) => number,
  x: number,
  h = 1e-2 * Math.max(1, Math.abs(x)),
): Difference {
  const levels = 8;
  const middle = f(x);
  let step = h;
  const measure = () => {
    const [above, below] = [f(x + step), f(x - step)];
    return { slope: (above - below) / (2 * step), jump: (above - 2 * middle + below) / step };
  };
  const first = measure();
  let row = [first.slope];
  let jumps = [first.jump];
  let best: Difference = { value: row[0], error: Number.POSITIVE_INFINITY };
  for (let i = 1; i < levels; i++) {
    step /= 2;
    const { slope, jump } = measure();
    const next = [slope];
    const nextJumps = [jump];
    for (let k = 1; k <= i; k++) {
      const factor = 4 ** k;
      next[k] = (factor * next[k - 1] - row[k - 1]) / (factor - 1);
      nextJumps[k] = ((factor / 2) * nextJumps[k - 1] - jumps[k - 1]) / (factor / 2 - 1);
      const error = Math.max(
        Math.abs(next[k] - next[k - 1]),
        Math.abs(next[k] - row[k - 1]),
        Math.abs(nextJumps[k]) / 2,
      );
      if (error <= best.error) best = { value: next[k], error };
    }
    if (Math.abs(next[i] - row[i - 1]) > 4 * best.error && best.error < Number.POSITIVE_INFINITY)
      break;
    row = next;
    jumps = nextJumps;
  }
  return best;
}
