/** Tests of the transforms: by hand on small pictures, their ranges, their seeds, their errors. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Generator } from "../../util/index.ts";
import { type AugmentOptions, augmentRows, pictureShape } from "./augmentRows.ts";
import { placesOf, Sampler } from "./sample.ts";
import { type AffineMap, defineTransform, type Move, type Transform } from "./transform.ts";
import { transformFrom, transforms } from "./transforms.ts";

const still: AffineMap = { yy: 1, yx: 0, y0: 0, xy: 0, xx: 1, x0: 0 };
const shape = { height: 3, width: 3, channels: 1 };
const picture = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);

/** A picture after given moves. */
function moved(
  moves: readonly AffineMap[],
  {
    fill = "edge",
    pixels = picture,
    of = shape,
  }: { fill?: number | "edge"; pixels?: Float64Array; of?: typeof shape } = {},
): number[] {
  const places = new Float64Array(of.height * of.width * 2);
  placesOf(moves, of, places);
  const result = pixels.slice();
  new Sampler(of, fill, result).resample(result, places);
  return Array.from(result);
}

/** A row after transforms. */
function augmented(
  list: readonly Transform[],
  {
    pixels = picture,
    epoch = 1,
    row = 0,
    ...rest
  }: Partial<AugmentOptions> & {
    pixels?: Float64Array | Float32Array;
    epoch?: number;
    row?: number;
  } = {},
): number[] {
  const inputs = pixels.slice();
  const options = { transforms: list, shape, fill: "edge" as const, seed: 1, ...rest };
  augmentRows({ epoch, rows: Int32Array.of(row), inputs }, options);
  return Array.from(inputs);
}

describe("sampling", () => {
  test("nothing moved is nothing changed", () => {
    expect(moved([still])).toEqual(Array.from(picture));
    expect(moved([still], { fill: 0 })).toEqual(Array.from(picture));
  });

  test("whole pixels: beyond the border comes the border or the fill", () => {
    const oneUp = { ...still, y0: 1 };
    expect(moved([oneUp])).toEqual([4, 5, 6, 7, 8, 9, 7, 8, 9]);
    expect(moved([oneUp], { fill: -1 })).toEqual([4, 5, 6, 7, 8, 9, -1, -1, -1]);
    const farLeft = { ...still, x0: 7 };
    expect(moved([farLeft], { fill: -1 })).toEqual(Array(9).fill(-1));
    expect(moved([farLeft])).toEqual([3, 3, 3, 6, 6, 6, 9, 9, 9]);
  });

  test("parts of pixels are linear between neighbours, the fill too", () => {
    expect(moved([{ ...still, x0: 0.25 }])).toEqual([1.25, 2.25, 3, 4.25, 5.25, 6, 7.25, 8.25, 9]);
    expect(moved([{ ...still, y0: -0.5 }], { fill: 0 })).toEqual([
      0.5, 1, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5,
    ]);
  });

  test("a quarter turn and a mirror by hand", () => {
    // Row y, column x shows the original's row x, column 2 − y: a turn to the left.
    expect(moved([{ yy: 0, yx: 1, y0: 0, xy: -1, xx: 0, x0: 2 }])).toEqual([
      3, 6, 9, 2, 5, 8, 1, 4, 7,
    ]);
    expect(moved([{ ...still, xx: -1, x0: 2 }])).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7]);
  });

  test("moves in a row are the moves one after the other", () => {
    const down = { ...still, y0: -1 };
    const left = { yy: 0, yx: 1, y0: 0, xy: -1, xx: 0, x0: 2 };
    const twice = moved([left], { pixels: Float64Array.from(moved([down])) });
    expect(moved([down, left])).toEqual(twice);
    expect(moved([left, down])).not.toEqual(twice);
  });

  test("channels move together", () => {
    const of = { height: 1, width: 2, channels: 3 };
    const pixels = Float64Array.of(1, 2, 3, 4, 5, 6);
    expect(moved([{ ...still, xx: -1, x0: 1 }], { pixels, of })).toEqual([4, 5, 6, 1, 2, 3]);
  });
});

describe("moves stay in their range", () => {
  const drawn = (move: Move) => {
    const maps = Array.from(
      { length: 400 },
      (_, i) => move.draw(new Generator(i), shape) as AffineMap,
    );
    const range = (value: (map: AffineMap) => number) => {
      const values = maps.map(value);
      return [Math.min(...values), Math.max(...values)];
    };
    return { maps, range };
  };

  test("shift", () => {
    const [low, high] = drawn(transforms.shift({ pixels: 3 })).range(({ y0 }) => y0);
    expect(low).toBeGreaterThanOrEqual(-3);
    expect(low).toBeLessThan(-2.9);
    expect(high).toBeLessThan(3);
    expect(high).toBeGreaterThan(2.9);
  });

  test("crop takes each whole shift as often", () => {
    const counts = new Map<number, number>();
    for (const { x0 } of drawn(transforms.crop({ padding: 1 })).maps) {
      counts.set(x0, (counts.get(x0) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([-1, 0, 1]);
    // 400 draws of 3: 133 each, deviation 9.4; four deviations.
    for (const count of counts.values()) expect(Math.abs(count - 133.3)).toBeLessThan(38);
  });

  test("rotate keeps the center and the lengths", () => {
    const { maps, range } = drawn(transforms.rotate({ degrees: 30 }));
    for (const { yy, yx, y0, xy, xx, x0 } of maps) {
      expect(yy * xx - yx * xy).toBeCloseTo(1, 12);
      expect([yy + yx + y0, xy + xx + x0]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
    }
    const [low, high] = range(({ yx }) => (Math.asin(yx) * 180) / Math.PI);
    expect(low).toBeGreaterThan(-30.001);
    expect(high).toBeGreaterThan(29);
    expect(high).toBeLessThan(30.001);
  });

  test("scale", () => {
    const [low, high] = drawn(transforms.scale({ from: 0.5, to: 2 })).range(({ yy }) => 1 / yy);
    expect(low).toBeGreaterThan(0.499);
    expect(low).toBeLessThan(0.52);
    expect(high).toBeGreaterThan(1.95);
    expect(high).toBeLessThan(2.001);
  });

  test("a larger picture shows its middle", () => {
    const { height, width } = { height: 5, width: 5 };
    const pixels = Float64Array.from({ length: 25 }, (_, i) => i);
    const result = augmented([transforms.scale({ from: 2, to: 2 })], {
      pixels,
      shape: { height, width, channels: 1 },
    });
    expect([result[0], result[12], result[24]]).toEqual([6, 12, 18]);
  });

  test("flip", () => {
    expect(augmented([transforms.flip({ probability: 1 })])).toEqual([3, 2, 1, 6, 5, 4, 9, 8, 7]);
    const vertical = transforms.flip({ axis: "vertical", probability: 1 });
    expect(augmented([vertical])).toEqual([7, 8, 9, 4, 5, 6, 1, 2, 3]);
    expect(augmented([transforms.flip({ probability: 0 })])).toEqual(Array.from(picture));
    const share = drawn(transforms.flip()).maps.filter(({ xx }) => xx < 0).length / 400;
    // Deviation 0.025; four deviations.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.1);
  });
});

describe("elastic", () => {
  const large = { height: 29, width: 22, channels: 1 };
  const displacements = (options: { pixels: number; spacing: number }, seed: number) => {
    const places = new Float64Array(29 * 22 * 2);
    placesOf([transforms.elastic(options).draw(new Generator(seed), large)], large, places);
    return places.map(
      (place, i) => place - (i % 2 === 0 ? Math.floor(i / 44) : (i / 2 - 0.5) % 22),
    );
  };

  test("displacements at the grid's points are normal with the deviation asked for", () => {
    let sum = 0;
    let squares = 0;
    let count = 0;
    for (let seed = 0; seed < 100; seed++) {
      const field = displacements({ pixels: 2, spacing: 7 }, seed);
      for (let y = 0; y < 29; y += 7) {
        for (let x = 0; x < 22; x += 7) {
          for (const axis of [0, 1]) {
            const value = field[2 * (y * 22 + x) + axis];
            sum += value;
            squares += value * value;
            count++;
          }
        }
      }
    }
    // 4000 values: the mean deviates by 2/√4000 = 0.03, the deviation by 2/√8000 = 0.022; four of each.
    expect(Math.abs(sum / count)).toBeLessThan(0.13);
    expect(Math.abs(Math.sqrt(squares / count) - 2)).toBeLessThan(0.09);
  });

  test("neighbours move alike", () => {
    const field = displacements({ pixels: 1, spacing: 7 }, 3);
    for (let i = 2; i < 2 * 22; i++) expect(Math.abs(field[i] - field[i - 2])).toBeLessThan(0.7);
  });

  test("no strength, no change", () => {
    const pixels = Float32Array.from({ length: 29 * 22 }, (_, i) => i);
    const list = [transforms.elastic({ pixels: 0 })];
    expect(augmented(list, { pixels, shape: large })).toEqual(Array.from(pixels));
  });
});

describe("changes of pixels", () => {
  test("erase fills one rectangle of the share asked for", () => {
    const large = { height: 20, width: 20, channels: 2 };
    const pixels = new Float64Array(800).fill(1);
    let erased = 0;
    for (let row = 0; row < 100; row++) {
      const list = [transforms.erase({ probability: 1, area: [0.1, 0.3], value: -1 })];
      const result = augmented(list, { pixels, shape: large, row });
      const cells = result.flatMap((value, i) => (value === -1 ? [i] : []));
      const places = cells
        .filter((i) => i % 2 === 0)
        .map((i) => [Math.floor(i / 40), (i / 2) % 20]);
      const extent = (axis: number) => {
        const values = places.map((place) => place[axis]);
        return Math.max(...values) - Math.min(...values) + 1;
      };
      expect(cells).toHaveLength(2 * extent(0) * extent(1));
      erased += cells.length / 800;
    }
    // Evenly from 0.1 to 0.3, but for the few rectangles that do not fit.
    expect(Math.abs(erased / 100 - 0.2)).toBeLessThan(0.03);
    expect(augmented([transforms.erase({ probability: 0 })])).toEqual(Array.from(picture));
  });

  test("noise has mean 0 and the deviation asked for", () => {
    const pixels = new Float64Array(40_001);
    const values = augmented([transforms.noise({ deviation: 0.5 })], {
      pixels,
      shape: { height: 1, width: 40_001, channels: 1 },
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(
      values.reduce((sum, value) => sum + value * value, 0) / values.length,
    );
    // Deviations of the two: 0.5/√40000 = 0.0025 and 0.5/√80000 = 0.0018; four of each.
    expect(Math.abs(mean)).toBeLessThan(0.01);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.0072);
    expect(values.at(-1)).not.toBe(0);
  });
});

describe("seeds", () => {
  const all = Object.values(transforms).map((make) => make());
  const pixels = Float32Array.from({ length: 64 }, (_, i) => (i * 37) % 11);
  const small = { height: 8, width: 8, channels: 1 };
  const of = (seed: number, epoch: number, row: number) =>
    augmented(all, { pixels, shape: small, seed, epoch, row });

  test("a row's change depends on the seed, the epoch and the row", () => {
    expect(of(1, 1, 1)).toEqual(of(1, 1, 1));
    const different = [of(1, 1, 1), of(2, 1, 1), of(1, 2, 1), of(1, 1, 2)].map((row) => row.join());
    expect(new Set(different).size).toBe(4);
  });

  test("and on nothing else: not on the other rows, nor on the order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(999), { minLength: 1, maxLength: 5 }), (rows) => {
        const inputs = new Float32Array(rows.length * 64);
        rows.forEach((_, i) => {
          inputs.set(pixels, i * 64);
        });
        const options = { transforms: all, shape: small, fill: "edge" as const, seed: 5 };
        augmentRows({ epoch: 3, rows: Int32Array.from(rows), inputs }, options);
        rows.forEach((row, i) => {
          expect(Array.from(inputs.subarray(i * 64, (i + 1) * 64))).toEqual(of(5, 3, row));
        });
      }),
      { numRuns: 20 },
    );
  });
});

test("every transform comes back from its description", () => {
  for (const make of Object.values(transforms)) {
    const transform = make();
    const { kind, options } = JSON.parse(JSON.stringify(transform));
    const again = transformFrom({ kind, options });
    expect(again).toMatchObject({ kind, options: transform.options });
  }
  expect(() => transformFrom({ kind: "twist" })).toThrow(
    'Transform: expected one of shift, crop, rotate, scale, flip, elastic, erase, noise, got "twist".',
  );
});

test("a transform of one's own sees the pixels after those before it", () => {
  const double = defineTransform({
    name: "double",
    apply: (pixels) => {
      for (let i = 0; i < pixels.length; i++) pixels[i] *= 2;
    },
  });
  expect(augmented([transforms.flip({ probability: 1 }), double])).toEqual([
    6, 4, 2, 12, 10, 8, 18, 16, 14,
  ]);
});

test("rows that are no pictures can only have their values changed", () => {
  expect(pictureShape([28, 28], [])).toEqual({ height: 28, width: 28, channels: 1 });
  expect(pictureShape([4], [transforms.noise()])).toEqual({ height: 1, width: 4, channels: 1 });
  expect(() => pictureShape([784], [transforms.noise(), transforms.shift()])).toThrow(
    "Transform shift: expected pictures [height, width, channels], got rows of shape [784]; give the dataset that shape with dataset.withInputs.",
  );
});

test("options are checked", () => {
  expect(() => transforms.shift({ pixels: -1 })).toThrow(
    "Transform shift: expected pixels of at least 0, got -1.",
  );
  expect(() => transforms.crop({ padding: 1.5 })).toThrow(
    "expected padding to be a whole number of at least 0, got 1.5.",
  );
  expect(() => transforms.flip({ probability: 2 })).toThrow(
    "Transform flip: expected probability from 0 to 1, got 2.",
  );
  expect(() => transforms.scale({ from: 0 })).toThrow(
    "Transform scale: expected from of at least 0.01, got 0.",
  );
  expect(() => transforms.erase({ area: [0.5, 0.1] })).toThrow(
    "expected area [smallest, largest], got [0.5, 0.1]",
  );
});
