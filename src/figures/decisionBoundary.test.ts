import { describe, expect, test } from "vitest";
import { decisionBoundary, renderSvg } from "./index.ts";
import { regionPaths } from "./regions.ts";

const size = 50;
const plane = (probability: (x: number, y: number) => readonly number[]) =>
  Array.from({ length: size * size }, (_, cell) =>
    probability((cell % size) / (size - 1), Math.floor(cell / size) / (size - 1)),
  ).flat();

const frame = {
  xRange: [0, 1] as const,
  yRange: [0, 1] as const,
  gridWidth: size,
  gridHeight: size,
  featureNames: ["width", "height"] as const,
};

const leftRight = plane((x) => [1 - x, x]);

describe("a vertical boundary", () => {
  const figure = decisionBoundary({
    ...frame,
    scores: leftRight,
    classNames: ["left", "right"],
    points: [
      { x: 0.1, y: 0.5, class: 0 },
      { x: 0.9, y: 0.5, class: 0, split: "test" },
    ],
  });

  test("halves the plane and finds the example on the wrong side", async () => {
    expect(figure.text).toBe(
      "Of the plane of width and height, the network gives left 50 % and right 50 %. " +
        "On the wrong side: 0 of 1 train example and 1 of 1 test example.",
    );
    expect(figure.data[1]).toEqual({
      width: 0.9,
      height: 0.5,
      class: "left",
      predicted: "right",
      split: "test",
    });
    expect(await renderSvg(figure)).toContain("wrong side");
  });

  test("runs through the middle of the plot", () => {
    const regions = regionPaths({
      gridWidth: size,
      gridHeight: size,
      classes: 2,
      scores: leftRight,
      plotWidth: 400,
      plotHeight: 400,
    });
    expect(regions.map((region) => region.class)).toEqual([0, 1]);
    const xs = corners(regions[1].path).map(([x]) => x);
    expect(Math.min(...xs)).toBeCloseTo(200, 0);
    expect(Math.max(...xs)).toBe(400);
    const frameCorners = corners(regions[0].path).map(String).sort();
    expect(frameCorners).toEqual(["0,0", "0,400", "400,0", "400,400"]);
  });
});

test("row 0 lies at the bottom", () => {
  const regions = regionPaths({
    gridWidth: size,
    gridHeight: size,
    classes: 2,
    scores: plane((_, y) => [1 - y, y]),
    plotWidth: 100,
    plotHeight: 100,
  });
  expect(Math.max(...corners(regions[1].path).map(([, y]) => y))).toBeCloseTo(50, 0);
});

test("class indices and the probability of class 1 alone are understood", () => {
  const base = { ...frame, points: [], classNames: ["left", "right"] };
  const indices = decisionBoundary({ ...base, scores: plane((x) => [x > 0.5 ? 1 : 0]) });
  const single = decisionBoundary({ ...base, scores: plane((x) => [x]) });
  expect(indices.text).toBe(single.text);
});

test("a class that leads nowhere is named with no area", () => {
  const figure = decisionBoundary({
    ...frame,
    scores: plane((x) => [(1 - x) / 2, x / 2, 0]),
    points: [],
    classNames: ["a", "b", "c"],
  });
  expect(figure.text).toContain("a 50 %, b 50 % and c 0 %");
});

test("a cloud of points is sampled, and the words say so", async () => {
  const points = Array.from({ length: 5000 }, (_, i) => ({
    x: (i % 71) / 71,
    y: (i % 97) / 97,
    class: (i % 71) / 71 > 0.5 ? 1 : 0,
  }));
  const figure = decisionBoundary({
    ...frame,
    scores: leftRight,
    points,
    classNames: ["left", "right"],
  });
  expect(figure.text).toContain("An even sample of 600 examples is drawn.");
  expect(figure.data).toHaveLength(5000);
  expect((await renderSvg(figure)).length).toBeLessThan(200_000);
});

test("scores that do not fit the grid are an error that says what to do", () => {
  expect(() =>
    decisionBoundary({ ...frame, scores: [1, 2, 3], points: [], classNames: ["a", "b"] }),
  ).toThrow(
    "decisionBoundary: expected scores [50, 50, 2] or class indices [50, 50] on a grid of at least 2 by 2, " +
      "got 3 values; evaluate the network once for every grid point.",
  );
});

/** The corners of a path of relative steps. */
function corners(path: string): [number, number][] {
  let x = 0;
  let y = 0;
  return Array.from(path.matchAll(/([Ml])(-?[\d.]+),(-?[\d.]+)/g), ([, step, dx, dy]) => {
    x = step === "M" ? Number(dx) : x + Number(dx);
    y = step === "M" ? Number(dy) : y + Number(dy);
    return [x, y];
  });
}
