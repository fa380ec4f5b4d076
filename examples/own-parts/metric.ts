/** A metric of one's own: the share of predictions close to the truth. */

export function shareWithin(
  truth: ArrayLike<number>,
  predicted: ArrayLike<number>,
  tolerance: number,
): number {
  const close = Array.from(truth).filter((t, i) => Math.abs(t - predicted[i]) <= tolerance);
  return close.length / truth.length;
}
