/** Measured times of register tiles, and what they make of the cost of a tile's step. */

import { cyclesOf, type StepCycles, type Tile } from "./tiles.ts";

/** Nanoseconds of a tile's step on one engine and machine, by `nameOf(tile)`. */
export interface TileTimes {
  /** Of tiles whose products and sums are one instruction. */
  readonly fused: Readonly<Record<string, number>>;
  /** Of tiles whose products and sums are two. */
  readonly separate: Readonly<Record<string, number>>;
}

/** `4x2`: rows × vectors. */
export function nameOf({ rows, vectors }: Tile): string {
  return `${rows}x${vectors}`;
}

/** Deviations of a time from the model that are left to the model: a tile is measured with its operands
 * in the nearest cache, where those of more rows win less than they do in a product of large matrices.
 * Registers that an engine spills cost far more. */
const trust = 1.15;

/** The model of tiles.ts, corrected where measurements deviate from it; tiles that were not measured cost
 * what the model says. */
export function measuredCycles(times: TileTimes): StepCycles {
  const corrections = {
    fused: correctionsOf(times.fused, true),
    separate: correctionsOf(times.separate, false),
  };
  return (tile, fused) =>
    cyclesOf(tile, fused) * (corrections[fused ? "fused" : "separate"].get(nameOf(tile)) ?? 1);
}

/** Factors by tile. The clock is not known: the model's cycle is taken to last as long as in the tiles
 * that do well, the first quarter, for the engine may spill in most others. */
function correctionsOf(
  times: Readonly<Record<string, number>>,
  fused: boolean,
): ReadonlyMap<string, number> {
  const ratios = Object.entries(times).map(([name, time]): [string, number] => {
    const [rows, vectors] = name.split("x").map(Number);
    return [name, time / cyclesOf({ rows, vectors }, fused)];
  });
  const cycle = ratios.map(([, ratio]) => ratio).sort((a, b) => a - b)[ratios.length >> 2];
  return new Map(
    ratios.map(([name, ratio]) => {
      const deviation = ratio / cycle;
      if (deviation > trust) return [name, deviation / trust];
      return [name, deviation * trust < 1 ? deviation * trust : 1];
    }),
  );
}
