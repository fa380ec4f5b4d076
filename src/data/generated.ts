/** Generated classification sets of simple shapes: moons, circles, xor and blobs. */

import { Generator, UsageError } from "../util/index.ts";
import { Dataset } from "./dataset.ts";

/** Options that every generator takes. */
export interface GeneratedOptions {
  /** Number of points. Default 200. */
  readonly points?: number;
  /** Standard deviation of the normal noise added to every coordinate. */
  readonly noise?: number;
  /** Default 0. */
  readonly seed?: number;
}

/** Options of {@link circles}. */
export interface CirclesOptions extends GeneratedOptions {
  /** Radius of the inner circle, the outer's being 1. Default 0.5. */
  readonly factor?: number;
}

/** Options of {@link blobs}. */
export interface BlobsOptions extends GeneratedOptions {
  /** The number of centers, drawn uniformly from [−10, 10] in every coordinate, or the centers
   * themselves [centers, features]. Default 3. */
  readonly centers?: number | readonly (readonly number[])[];
  /** Number of coordinates; that of the centers when these are given. Default 2. */
  readonly features?: number;
}

/** Two interleaving half circles of radius 1, as scikit-learn's make_moons:
 * class 0 is (cos t, sin t), class 1 is (1 − cos t, ½ − sin t), t evenly from 0 to π.
 *
 * @throws UsageError for fewer than 2 points or negative noise. Default noise 0.1.
 * @example
 * moons({ points: 500, noise: 0.2, seed: 1 });
 */
export function moons({ points = 200, noise = 0.1, seed = 0 }: GeneratedOptions = {}): Dataset {
  const outer = Math.floor(points / 2);
  const inner = points - outer;
  return planar("moons", { points, noise, seed }, (i) => {
    if (i < outer) {
      const t = angleAt(i, outer);
      return { label: 0, x: Math.cos(t), y: Math.sin(t) };
    }
    const t = angleAt(i - outer, inner);
    return { label: 1, x: 1 - Math.cos(t), y: 0.5 - Math.sin(t) };
  });
}

/** A circle inside another, as scikit-learn's make_circles: class 0 has radius 1, class 1 `factor`.
 *
 * @throws UsageError for fewer than 2 points, negative noise, or a factor outside [0, 1). Default
 *   noise 0.05.
 * @example
 * circles({ factor: 0.3 });
 */
export function circles({
  points = 200,
  noise = 0.05,
  seed = 0,
  factor = 0.5,
}: CirclesOptions = {}): Dataset {
  if (!(factor >= 0 && factor < 1)) {
    throw new UsageError(`circles: expected a factor from 0 to below 1, got ${factor}.`);
  }
  const outer = Math.floor(points / 2);
  return planar("circles", { points, noise, seed }, (i) => {
    const [label, radius, t] =
      i < outer
        ? [0, 1, (2 * Math.PI * i) / outer]
        : [1, factor, (2 * Math.PI * (i - outer)) / (points - outer)];
    return { label, x: radius * Math.cos(t), y: radius * Math.sin(t) };
  });
}

/** Exclusive or: the four corners of the unit square, of class 1 where the coordinates differ. With
 * `points` or `noise`, that many points (200) around the corners in turn (noise 0.1).
 *
 * @throws UsageError for fewer than 2 points or negative noise.
 * @example
 * xor().inputs; // [0, 0,  0, 1,  1, 0,  1, 1]
 * xor({ points: 400, noise: 0.2 }).length; // 400
 */
export function xor({ points, noise, seed = 0 }: GeneratedOptions = {}): Dataset {
  const exact = points === undefined && noise === undefined;
  const corner = (i: number) => {
    const [x, y] = [(i >> 1) & 1, i & 1];
    return { label: x ^ y, x, y };
  };
  const options = exact
    ? { points: 4, noise: 0, seed, shuffle: false }
    : { points: points ?? 200, noise: noise ?? 0.1, seed };
  return planar("xor", options, corner);
}

/** Normal clouds around centers, as scikit-learn's make_blobs; class c is center c, and `noise` is the
 * standard deviation of a cloud (default 1). The points divide evenly, the first classes taking one
 * more each when they cannot.
 *
 * @throws UsageError for fewer points than centers, negative noise, fewer than 1 center, or centers
 *   of different lengths.
 * @example
 * blobs({ points: 300, centers: 4, features: 3, seed: 1 }).inputShape; // [3]
 */
export function blobs({
  points = 200,
  noise = 1,
  seed = 0,
  centers = 3,
  features,
}: BlobsOptions = {}): Dataset {
  const generator = new Generator(seed).fork("blobs");
  const places =
    typeof centers === "number"
      ? randomCenters(centers, features ?? 2, generator.fork("centers"))
      : centers;
  const size = features ?? places[0]?.length ?? 0;
  if (places.length === 0 || size < 1 || places.some((place) => place.length !== size)) {
    throw new UsageError(
      `blobs: expected at least one center, each with the same number of features, got ${JSON.stringify(places)} for ${size} features.`,
    );
  }
  checkOptions("blobs", points, noise, places.length);
  const inputs = new Float64Array(points * size);
  const targets = new Int32Array(points);
  const draws = generator.fork("points");
  for (let i = 0; i < points; i++) {
    targets[i] = i % places.length;
    for (let j = 0; j < size; j++) {
      inputs[i * size + j] = places[targets[i]][j] + noise * draws.normal();
    }
  }
  return new Dataset({
    name: "blobs",
    inputs,
    inputShape: [size],
    targets,
    classNames: places.map((_, c) => String(c)),
    featureNames: size === 2 ? ["x", "y"] : places[0].map((_, j) => `x${j + 1}`),
  }).subset(generator.fork("order").permutation(points));
}

interface PlanarOptions {
  readonly points: number;
  readonly noise: number;
  readonly seed: number;
  readonly shuffle?: boolean;
}

/** Two classes in the plane: the points of a curve with noise, in random order. */
function planar(
  name: string,
  { points, noise, seed, shuffle = true }: PlanarOptions,
  pointAt: (i: number) => { readonly label: number; readonly x: number; readonly y: number },
): Dataset {
  checkOptions(name, points, noise, 2);
  const generator = new Generator(seed).fork(name);
  const draws = generator.fork("points");
  const inputs = new Float64Array(2 * points);
  const targets = new Int32Array(points);
  for (let i = 0; i < points; i++) {
    const { label, x, y } = pointAt(i);
    targets[i] = label;
    inputs[2 * i] = x + noise * draws.normal();
    inputs[2 * i + 1] = y + noise * draws.normal();
  }
  const dataset = new Dataset({
    name,
    inputs,
    inputShape: [2],
    targets,
    classNames: ["0", "1"],
    featureNames: ["x", "y"],
  });
  return shuffle ? dataset.subset(generator.fork("order").permutation(points)) : dataset;
}

/** Evenly from 0 to π, both ends included. */
function angleAt(i: number, count: number): number {
  return count === 1 ? 0 : (Math.PI * i) / (count - 1);
}

function randomCenters(count: number, features: number, generator: Generator): number[][] {
  const whole = (value: number) => Number.isInteger(value) && value >= 1;
  if (!whole(count) || !whole(features)) {
    throw new UsageError(
      `blobs: expected whole numbers of at least 1 for centers and features, got ${count} and ${features}.`,
    );
  }
  return Array.from({ length: count }, () =>
    Array.from({ length: features }, () => 20 * generator.uniform() - 10),
  );
}

function checkOptions(name: string, points: number, noise: number, least: number): void {
  if (!Number.isInteger(points) || points < least) {
    throw new UsageError(`${name}: expected at least ${least} points, got ${points}.`);
  }
  if (!(noise >= 0)) throw new UsageError(`${name}: expected noise of at least 0, got ${noise}.`);
}
