/** Fewer points that look the same: long series thinned, paths simplified, point clouds sampled. */

/** At most about `2 * buckets` points: each bucket keeps its lowest and highest, the ends stay. */
export function thinSeries<P extends { readonly value: number }>(
  points: readonly P[],
  buckets: number,
): P[] {
  if (points.length <= 2 * buckets) return [...points];
  const kept: P[] = [points[0]];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const from = 1 + Math.floor((bucket * (points.length - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (points.length - 2)) / buckets);
    let low = from;
    let high = from;
    for (let i = from; i < to; i++) {
      if (points[i].value < points[low].value) low = i;
      if (points[i].value > points[high].value) high = i;
    }
    if (low === high) kept.push(points[low]);
    else kept.push(points[Math.min(low, high)], points[Math.max(low, high)]);
  }
  kept.push(points[points.length - 1]);
  return kept;
}

/** Every n-th item, so that at most `limit` remain. */
export function sampleEvenly<T>(items: readonly T[], limit: number): T[] {
  if (items.length <= limit) return [...items];
  return Array.from({ length: limit }, (_, i) => items[Math.floor((i * items.length) / limit)]);
}

/** A line with the fewest of its own points that stays within `tolerance` of the original
 * (Ramer 1972; Douglas and Peucker 1973). */
export function simplifyLine(
  points: readonly (readonly [number, number])[],
  tolerance: number,
): (readonly [number, number])[] {
  if (points.length < 3) return [...points];
  const keep = new Uint8Array(points.length);
  keep[0] = 1;
  keep[points.length - 1] = 1;
  const pending: [number, number][] = [[0, points.length - 1]];
  for (let range = pending.pop(); range; range = pending.pop()) {
    const [from, to] = range;
    let farthest = -1;
    let distance = tolerance;
    for (let i = from + 1; i < to; i++) {
      const d = distanceToSegment(points[i], points[from], points[to]);
      if (d > distance) {
        distance = d;
        farthest = i;
      }
    }
    if (farthest >= 0) {
      keep[farthest] = 1;
      pending.push([from, farthest], [farthest, to]);
    }
  }
  return points.filter((_, i) => keep[i] === 1);
}

function distanceToSegment(
  [px, py]: readonly [number, number],
  [ax, ay]: readonly [number, number],
  [bx, by]: readonly [number, number],
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const square = dx * dx + dy * dy;
  const t = square === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / square));
  return Math.hypot(px - ax - t * dx, py - ay - t * dy);
}
