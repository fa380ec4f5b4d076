import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cachedTiles } from "./autotune.node.ts";
import type { TileCosts } from "./tileCosts.ts";

const costs: TileCosts = { fused: { "4x2": 1.25 }, separate: { "1x1": 0.5, "4x2": 2 } };

describe("cachedTiles", () => {
  let folder: string;
  let measured: number;
  const measure = () => {
    measured++;
    return costs;
  };
  const file = () => {
    const tiles = join(folder, "tiles");
    const names = readdirSync(tiles);
    expect(names).toHaveLength(1);
    return join(tiles, names[0]);
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tiles-"));
    measured = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("measures once, and reads what it kept", () => {
    expect(cachedTiles(folder, measure)).toEqual(costs);
    expect(cachedTiles(folder, measure)).toEqual(costs);
    expect(measured).toBe(1);
    expect(JSON.parse(readFileSync(file(), "utf8")).engine).toContain(process.versions.v8);
  });

  test.each([
    ["is cut off", (text: string) => text.slice(0, 40)],
    ["is of another engine", (text: string) => text.replace("V8 ", "V8 0.")],
    ["holds something else", () => "[1]"],
    ["holds costs that are none", (text: string) => text.replace("1.25", "-1")],
  ])("a file that %s is measured anew and replaced", (_, broken) => {
    cachedTiles(folder, measure);
    writeFileSync(file(), broken(readFileSync(file(), "utf8")));
    expect(cachedTiles(folder, measure)).toEqual(costs);
    expect(cachedTiles(folder, measure)).toEqual(costs);
    expect(measured).toBe(2);
  });

  test("a folder that cannot be written to does no harm", () => {
    const blocked = join(folder, "a file");
    writeFileSync(blocked, "");
    expect(cachedTiles(blocked, measure)).toEqual(costs);
  });

  test("where nothing trustworthy was measured, nothing is kept", () => {
    expect(cachedTiles(folder, () => undefined)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });
});
