/** What a step of a register tile costs, where that was measured. */

import { cyclesOf, type StepCycles, type Tile } from "./tiles.ts";

/** What the steps of tiles cost on one engine and machine, as multiples of what the model of tiles.ts says, by
 * `nameOf(tile)`. */
export interface TileCosts {
  /** Of tiles whose products and sums are one instruction. */
  readonly fused: Readonly<Record<string, number>>;
  /** Of tiles whose products and sums are two. */
  readonly separate: Readonly<Record<string, number>>;
}

/** `4x2`: rows × vectors. */
export function nameOf({ rows, vectors }: Tile): string {
  return `${rows}x${vectors}`;
}

/** The model, corrected; tiles that were not measured cost what it says. */
export function measuredCycles(costs: TileCosts): StepCycles {
  return (tile, fused) =>
    cyclesOf(tile, fused) * (costs[fused ? "fused" : "separate"][nameOf(tile)] ?? 1);
}
