/** Finds the items of a list by what they have in common. */

/** The positions of the items that have each key, in order. */
export function positionsBy<T, K>(
  items: readonly T[],
  keysOf: (item: T) => Iterable<K>,
): Map<K, number[]> {
  const positions = new Map<K, number[]>();
  items.forEach((item, i) => {
    for (const key of keysOf(item)) {
      const known = positions.get(key);
      if (known === undefined) positions.set(key, [i]);
      else known.push(i);
    }
  });
  return positions;
}
