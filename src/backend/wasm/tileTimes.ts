/** From measured times of register tiles to what their steps cost. */

import type { TileCosts } from "./tileCosts.ts";
import { cyclesOf } from "./tiles.ts";

/** Nanoseconds of a tile's step, by `nameOf(tile)`. */
export interface TileTimes {
  readonly fused: Readonly<Record<string, number>>;
  readonly separate: Readonly<Record<string, number>>;
}

/** Deviations of a time from the model that are left to the model: a tile is measured with its operands
 * in the nearest cache, where those of more rows win less than they do in a product of large matrices.
 * Registers that an engine spills cost far more. */
const trust = 1.15;

/** The model's costs, corrected where measurements deviate from it. */
export function costsOf(times: TileTimes): TileCosts {
  return {
    fused: correctionsOf(times.fused, true),
    separate: correctionsOf(times.separate, false),
  };
}

/** Factors by tile. The clock is not known: the model's cycle is taken to last as long as in the tiles
 * that do well, the first quarter, for the engine may spill in most others. */
function correctionsOf(
  times: Readonly<Record<string, number>>,
  fused: boolean,
): Record<string, number> {
  const ratios = Object.entries(times).map(([name, time]): [string, number] => {
    const [rows, vectors] = name.split("x").map(Number);
    return [name, time / cyclesOf({ rows, vectors }, fused)];
  });
  const cycle = ratios.map(([, ratio]) => ratio).sort((a, b) => a - b)[ratios.length >> 2];
  return Object.fromEntries(
    ratios.map(([name, ratio]) => {
      const deviation = ratio / cycle;
      if (deviation > trust) return [name, deviation / trust];
      return [name, deviation * trust < 1 ? deviation * trust : 1];
    }),
  );
}
