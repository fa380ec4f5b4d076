/** How sure a measured share is. */

/** The 95 % interval of a proportion (Wilson 1927, "Probable inference, the law of succession").
 *
 * @param right how many of `total` succeeded
 * @returns the lower and the upper end, between 0 and 1
 * @example
 * wilsonInterval(29, 30); // about [0.833, 0.994]
 */
export function wilsonInterval(right: number, total: number): [number, number] {
  if (total <= 0) return [0, 1];
  const z = 1.959963984540054;
  const share = right / total;
  const scale = 1 + z ** 2 / total;
  const centre = (share + z ** 2 / (2 * total)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  return [Math.max(0, centre - reach), Math.min(1, centre + reach)];
}
