import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../util/index.ts";
import { datasetCatalogue, datasets } from "./catalogue.ts";
import type { Dataset } from "./dataset.ts";

interface Golden {
  readonly moons: { readonly points: number[][]; readonly labels: number[] };
  readonly circles: { readonly points: number[][]; readonly labels: number[] };
  readonly iris: { readonly sums: number[]; readonly squares: number[] };
  readonly digits: { readonly labels: number[]; readonly checksum: number };
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("./golden/data.json", import.meta.url), "utf8"),
);

const { iris, digits, twoSpirals, noisySpirals, moons, circles, xor, blobs } = datasets;

const pointsOf = (set: Dataset) =>
  Array.from({ length: set.length }, (_, i) => [...set.inputs.subarray(2 * i, 2 * i + 2)]);

test("the catalogue says what the sets are", () => {
  expect(datasetCatalogue.map((entry) => entry.name)).toEqual(Object.keys(datasets));
  for (const entry of datasetCatalogue) {
    const made = datasets[entry.name]();
    const parts = "train" in made ? [made.train, made.test] : [made];
    expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(entry.rows);
    expect(parts[0].inputShape).toEqual([entry.features]);
    expect(parts[0].classCount).toBe(entry.classes);
  }
});

describe("measured sets", () => {
  test("iris agrees with scikit-learn's copy", () => {
    const set = iris();
    expect([...set.inputs.subarray(34 * 4, 35 * 4)]).toEqual([4.9, 3.1, 1.5, 0.2]);
    expect([...set.inputs.subarray(37 * 4, 38 * 4)]).toEqual([4.9, 3.6, 1.4, 0.1]);
    expect([...set.classCounts()]).toEqual([50, 50, 50]);
    for (let j = 0; j < 4; j++) {
      const column = [...set.withFeatures([j]).inputs];
      // 1e-9: sums of 150 values of one decimal.
      expect(column.reduce((sum, x) => sum + x, 0)).toBeCloseTo(golden.iris.sums[j], 9);
      expect(column.reduce((sum, x, i) => sum + x * x * (i + 1), 0)).toBeCloseTo(
        golden.iris.squares[j],
        7,
      );
    }
  });

  test("the digits agree with scikit-learn's copy, pixel by pixel", () => {
    const set = digits();
    expect([...set.labels]).toEqual(golden.digits.labels);
    expect([...set.classCounts()]).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    const pixels = [...set.inputs];
    expect(pixels.reduce((sum, x) => sum + x, 0)).toBe(561718);
    // A polynomial checksum modulo a prime, so that a moved or changed pixel shows.
    const checksum = pixels.reduce((hash, x) => (hash * 31 + x) % 1000003, 0);
    expect(checksum).toBe(golden.digits.checksum);
    expect([...set.inputs.subarray(0, 8)]).toEqual([0, 0, 5, 13, 9, 1, 0, 0]);
  });

  test("two spirals are the benchmark's points", () => {
    const set = twoSpirals();
    expect(set.length).toBe(194);
    const points = pointsOf(set);
    for (let i = 0; i < 97; i++) {
      const radius = (6.5 * (104 - i)) / 104;
      const angle = (i * Math.PI) / 16;
      expect(points[2 * i]).toEqual([radius * Math.sin(angle), radius * Math.cos(angle)]);
      expect(points[2 * i + 1]).toEqual(points[2 * i].map((value) => -value));
      expect([set.targets[2 * i], set.targets[2 * i + 1]]).toEqual([1, 0]);
    }
    // Rows 3 and 193 of the published table, which has 12 decimals.
    expect(points[2][0]).toBeCloseTo(1.255893947979, 12);
    expect(points[2][1]).toBeCloseTo(6.313805242596, 12);
    expect(points[192][1]).toBeCloseTo(0.5, 12);
  });
});

describe("noisy spirals", () => {
  /** Share of points that lie nearer to the other class's arm than to their own. */
  function strayShare(set: Dataset, turns: number): number {
    const arm = Array.from({ length: 2001 }, (_, k) => {
      const [radius, angle] = [6.5 - (6 * k) / 2000, (2 * Math.PI * turns * k) / 2000];
      return [radius * Math.sin(angle), radius * Math.cos(angle)];
    });
    const distance = (x: number, y: number) =>
      Math.min(...arm.map(([a, b]) => Math.hypot(x - a, y - b)));
    const strays = pointsOf(set).filter(([x, y], i) => {
      const side = set.targets[i] === 1 ? 1 : -1;
      return distance(side * x, side * y) > distance(-side * x, -side * y);
    });
    return strays.length / set.length;
  }

  test("without noise the points lie on the arms of the benchmark", () => {
    const { train } = noisySpirals({ noise: 0, turns: 3, train: 200 });
    pointsOf(train).forEach(([x, y], i) => {
      const side = train.targets[i] === 1 ? 1 : -1;
      const radius = Math.hypot(x, y);
      const angle = ((6.5 - radius) * 104 * Math.PI) / 16 / 6.5;
      expect(side * x).toBeCloseTo(radius * Math.sin(angle), 9);
      expect(side * y).toBeCloseTo(radius * Math.cos(angle), 9);
    });
  });

  test("points are uniform along an arm, so half of them lie in the outer part of half its length", () => {
    const { train } = noisySpirals({ noise: 0, train: 4000 });
    const middle = Math.sqrt((6.5 ** 2 + 0.5 ** 2) / 2);
    const outer = pointsOf(train).filter(([x, y]) => Math.hypot(x, y) > middle).length;
    // Four standard deviations of a fair coin thrown 4000 times: 4 · √1000.
    expect(Math.abs(outer - 2000)).toBeLessThan(127);
  });

  test("with the default noise the arms hardly overlap", () => {
    const { train, test: held } = noisySpirals({ seed: 5 });
    expect(strayShare(train, 2)).toBeLessThanOrEqual(0.001);
    expect(strayShare(held, 2)).toBeLessThanOrEqual(0.001);
  });

  test("training and test points differ, and depend on the seed only", () => {
    const { train, test: held } = noisySpirals({ seed: 1 });
    expect(train.inputs).not.toEqual(held.inputs);
    expect([...train.classCounts()]).toEqual([500, 500]);
    expect(noisySpirals({ seed: 1, train: 10 }).test.inputs).toEqual(held.inputs);
    expect(noisySpirals({ seed: 2 }).test.inputs).not.toEqual(held.inputs);
  });

  test("options that make no spirals are refused", () => {
    expect(() => noisySpirals({ train: 1 })).toThrow(
      new UsageError("noisySpirals: expected at least 2 train points, got 1."),
    );
    expect(() => noisySpirals({ noise: -1 })).toThrow(/noise of at least 0/);
    expect(() => noisySpirals({ turns: 0 })).toThrow(/turns above 0/);
  });
});

describe("generated sets", () => {
  const sorted = (points: readonly number[][], labels: ArrayLike<number>) =>
    points
      .map(([x, y], i) => [labels[i], x, y])
      .sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);

  test.each([
    ["moons", moons({ points: 21, noise: 0 })],
    ["circles", circles({ points: 21, noise: 0, factor: 0.4 })],
  ] as const)("%s without noise are scikit-learn's points", (name, set) => {
    const ours = sorted(pointsOf(set), set.labels);
    const theirs = sorted(golden[name].points, golden[name].labels);
    ours.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(value).toBeCloseTo(theirs[i][j], 12);
      });
    });
  });

  test("xor is its four corners, or noisy points around them", () => {
    expect([...xor().inputs]).toEqual([0, 0, 0, 1, 1, 0, 1, 1]);
    expect([...xor().targets]).toEqual([0, 1, 1, 0]);
    const noisy = xor({ noise: 0.05, seed: 2 });
    expect(noisy.length).toBe(200);
    pointsOf(noisy).forEach(([x, y], i) => {
      expect(Math.round(x) ^ Math.round(y)).toBe(noisy.targets[i]);
    });
  });

  test("blobs lie around their centers with the deviation asked for", () => {
    const set = blobs({
      points: 3000,
      centers: [
        [0, 0, 0],
        [10, 20, 30],
      ],
      noise: 2,
      seed: 4,
    });
    expect(set.inputShape).toEqual([3]);
    expect([...set.classCounts()]).toEqual([1500, 1500]);
    const second = set.subset([...set.labels.keys()].filter((i) => set.labels[i] === 1));
    for (const [j, center] of [10, 20, 30].entries()) {
      const values = [...second.withFeatures([j]).inputs];
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const deviation = Math.sqrt(
        values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length,
      );
      // Four standard errors: 4 · 2 / √1500 and 4 · 2 / √3000.
      expect(Math.abs(mean - center)).toBeLessThan(0.21);
      expect(Math.abs(deviation - 2)).toBeLessThan(0.15);
    }
    expect([...blobs({ points: 5, centers: 3 }).classCounts()]).toEqual([2, 2, 1]);
  });

  test("the same seed gives the same points and another seed others", () => {
    for (const make of [moons, circles, blobs, (o: { seed: number }) => xor({ points: 9, ...o })]) {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          expect(make({ seed }).inputs).toEqual(make({ seed }).inputs);
          expect(make({ seed }).inputs).not.toEqual(make({ seed: seed + 1 }).inputs);
        }),
        { numRuns: 5 },
      );
    }
  });

  test("options that make no set are refused", () => {
    expect(() => moons({ points: 1 })).toThrow(
      new UsageError("moons: expected at least 2 points, got 1."),
    );
    expect(() => circles({ factor: 1 })).toThrow(/factor from 0 to below 1/);
    expect(() => xor({ noise: -0.1 })).toThrow(/noise of at least 0/);
    expect(() => blobs({ centers: 0 })).toThrow(/at least 1 for centers/);
    expect(() => blobs({ centers: [[1, 2], [3]] })).toThrow(/same number of features/);
    expect(() => blobs({ points: 2, centers: 3 })).toThrow(/at least 3 points/);
  });
});
