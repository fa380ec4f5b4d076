/** Where a noisy curve of losses falls fastest. */

/** The position from which losses fall fastest to values that were not there before; undefined when they
 * never fall.
 *
 * Differences of neighbours would find the end of a spike, where a loss only returns to what it was. So the
 * slope is that of the least loss so far, taken over a tenth of the curve. The first tenth is left out as
 * a place: there a smoothed loss rests on few values.
 *
 * @param losses smoothed, at rates that grow by one factor: differences are slopes over log(rate)
 */
export function steepestFall(losses: readonly number[]): number | undefined {
  let least = Number.POSITIVE_INFINITY;
  const lowest = losses.map((loss) => {
    least = Math.min(least, loss);
    return least;
  });
  const last = lowest.indexOf(least);
  const first = Math.floor(losses.length / 10);
  const reach = Math.max(1, Math.round(losses.length / 20));
  let steepest: number | undefined;
  let slope = 0;
  for (let i = Math.max(1, first); i < last; i++) {
    const [from, to] = [Math.max(0, i - reach), Math.min(last, i + reach)];
    const mean = (lowest[to] - lowest[from]) / (to - from);
    if (mean < slope) [steepest, slope] = [i, mean];
  }
  return steepest;
}
