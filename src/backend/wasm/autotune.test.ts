import { describe, expect, test } from "vitest";
import type { ContractKernel } from "../../compile/index.ts";
import { build } from "../../ir/index.ts";
import { timeTiles } from "./autotune.ts";
import { arrangeContraction } from "./contractionLoops.ts";
import { wasmBackend } from "./index.ts";
import { measuredCycles, nameOf, type TileCosts } from "./tileCosts.ts";
import { chooseTile, cyclesOf, fittingTiles, isFused, type Tile } from "./tiles.ts";
import { costsOf } from "./tileTimes.ts";

/** Costs on an engine whose cycle takes half a nanosecond, by how the times of the tiles deviate from the model. */
function costsWhere(deviation: (tile: Tile) => number): TileCosts {
  const group = (fused: boolean) =>
    Object.fromEntries(
      fittingTiles(fused)
        .filter((tile) => !fused || isFused(tile, true))
        .map((tile) => [nameOf(tile), 0.5 * cyclesOf(tile, fused) * deviation(tile)]),
    );
  return costsOf({ fused: group(true), separate: group(false) });
}

const choose = (madd: boolean, costs?: TileCosts) =>
  nameOf(chooseTile(120, 32, 500, madd, costs && measuredCycles(costs)).tile);

describe("measured tiles", () => {
  test("an engine that agrees with the model, whatever its clock, changes no choice", () => {
    for (const madd of [false, true]) {
      expect(
        choose(
          madd,
          costsWhere(() => 1),
        ),
      ).toBe(choose(madd));
      // Within what the model is trusted with.
      const noisy = costsWhere(({ rows }) => (rows % 2 === 0 ? 1 : 1.1));
      expect(choose(madd, noisy)).toBe(choose(madd));
    }
  });

  test("tiles that an engine spills are left for those that it keeps in registers", () => {
    const spilling = costsWhere(({ rows, vectors }) => (rows * vectors > 8 ? 2.4 : 1));
    expect(choose(true)).toBe("6x2");
    expect(choose(true, spilling)).toBe("4x2");
    expect(choose(false, spilling)).toBe("4x2");
  });

  test("a tile that was not measured costs what the model says", () => {
    const cycles = measuredCycles({ fused: {}, separate: { "1x1": 7 } });
    expect(cycles({ rows: 4, vectors: 2 }, true)).toBe(cyclesOf({ rows: 4, vectors: 2 }, true));
    expect(cycles({ rows: 2, vectors: 2 }, false)).toBe(cyclesOf({ rows: 2, vectors: 2 }, false));
  });
});

test("whatever was measured, a sum has the same order: blocks and loops do not depend on the tile", () => {
  const [m, n, depth] = [16, 8, 20_000];
  const at = (...strides: number[]) => ({ offset: 0, strides });
  const product: ContractKernel = {
    kind: "contract",
    dtype: "float32",
    extents: [m, n],
    reduced: [depth],
    a: { buffer: 0, at: at(depth, 0, 1) },
    b: { buffer: 1, at: at(0, 1, n) },
    windows: [],
    stores: [{ buffer: 2, at: at(n, 1), value: { kind: "anchor", result: 0, dtype: "float32" } }],
  };
  const loopsWith = (wanted: Tile) =>
    arrangeContraction(product, 4, false, (tile) => (nameOf(tile) === nameOf(wanted) ? 1 : 1000));
  const [one, ...others] = fittingTiles(false).map(loopsWith);
  expect(one.blockCount).toBe(1);
  expect(new Set(others.map(({ tile }) => nameOf(tile))).size).toBeGreaterThan(8);
  for (const { extents, column, blockCount } of others) {
    expect(blockCount).toBe(one.blockCount);
    expect(extents.slice(column + 1)).toEqual(one.extents.slice(one.column + 1));
  }
});

test("whatever was measured, strict training gives the same bits", () => {
  const x = build.input("x", [16, 20_000], "float32");
  const w = build.input("w", [20_000, 30], "float32");
  const v = build.input("v", [30, 7], "float32");
  const products = [build.matmul(x, w)];
  products.push(build.matmul(products[0], v));
  const result = (tiles?: TileCosts) => {
    const executable = wasmBackend({ tiles }).compile([{ name: "main", outputs: products }]);
    for (const [i, input] of [x, w, v].entries()) {
      const size = input.shape[0] * input.shape[1];
      const values = Float32Array.from({ length: size }, (_, at) => Math.sin(i + at * (at % 13)));
      executable.write(input, values);
    }
    executable.run("main");
    return products.map((product) => executable.read(product));
  };
  const expected = result();
  for (const favourite of ["1x1", "6x1", "3x3", "1x8", "2x5"]) {
    const tiles = costsWhere((tile) => (nameOf(tile) === favourite ? 1 : 20));
    expect(result(tiles)).toEqual(expected);
  }
});

test("every tile that may be chosen is timed", () => {
  // On a machine that is too busy to compile them all there are no times, rather than wrong ones.
  const times = (timeTiles() ?? timeTiles() ?? timeTiles())!;
  for (const madd of [false, true]) {
    for (const tile of fittingTiles(madd)) {
      const group = isFused(tile, madd) ? times.fused : times.separate;
      expect(group[nameOf(tile)]).toBeGreaterThan(0);
    }
  }
  // One step of one vector: neither a millisecond nor a tenth of a cycle.
  expect(times.separate["1x1"]).toBeGreaterThan(0.02);
  expect(times.separate["1x1"]).toBeLessThan(1000);
  // More accumulators take longer.
  expect(times.separate["12x1"]).toBeGreaterThan(times.separate["1x1"]);
});
