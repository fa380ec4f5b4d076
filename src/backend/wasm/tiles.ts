/** Chooses the register tile of a contraction. */

/** A tile of `rows` × `vectors` accumulators. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/** Vector registers of x86 that accumulators and operands may take together. */
const registers = 15;

const candidates: readonly Tile[] = [
  [4, 2],
  [3, 3],
  [2, 4],
  [5, 2],
  [6, 2],
  [2, 5],
  [2, 6],
  [3, 2],
  [4, 1],
  [6, 1],
  [8, 1],
  [12, 1],
  [2, 3],
  [2, 2],
  [3, 1],
  [2, 1],
  [1, 12],
  [1, 8],
  [1, 6],
  [1, 4],
  [1, 3],
  [1, 2],
  [1, 1],
].map(([rows, vectors]) => ({ rows, vectors }));

/** Operands of the smaller side stay in registers, those of the larger are taken one at a time. */
export function registersOf({ rows, vectors }: Tile): number {
  return rows * vectors + Math.min(rows, vectors) + 1;
}

/** Cycles of one step of the contraction, on a machine with two units for arithmetic and two for
 * loads: an accumulator cannot take its next term before `latency` cycles. */
function cyclesOf({ rows, vectors }: Tile, madd: boolean): number {
  const products = rows * vectors;
  const fused = madd && products >= leastForMadd;
  const arithmetic = fused ? products / 2 : products;
  const loads = (rows + vectors) / 2;
  const issue = (products * (fused ? 1 : 2) + rows + vectors + 2) / 4;
  const latency = fused ? 4 : 3;
  return Math.max(arithmetic, loads, issue, latency);
}

/** Fewer accumulators than these wait longer for fused multiply-adds than for additions. */
export const leastForMadd = 8;

/** The candidate with the least time for m rows of n vectors, the edges included, and that time. */
export function chooseTile(
  m: number,
  n: number,
  depth: number,
  madd: boolean,
): { readonly tile: Tile; readonly cost: number } {
  let best = candidates[candidates.length - 1];
  let bestCost = Infinity;
  for (const tile of candidates) {
    if (registersOf(tile) > registers || tile.rows > m || tile.vectors > n) continue;
    let cost = 0;
    for (const [rows, rowTiles] of pieces(m, tile.rows)) {
      for (const [vectors, columnTiles] of pieces(n, tile.vectors)) {
        const cycles = cyclesOf({ rows, vectors }, madd) * depth + overhead + rows * vectors;
        cost += rowTiles * columnTiles * cycles;
      }
    }
    if (cost < bestCost) {
      best = tile;
      bestCost = cost;
    }
  }
  return { tile: best, cost: bestCost };
}

/** Cycles to start a tile and to leave its loop. */
const overhead = 12;

/** Sizes of the pieces of a length, each with how often it occurs. */
export function pieces(length: number, size: number): [size: number, count: number][] {
  const whole = Math.floor(length / size);
  const rest = length % size;
  const found: [number, number][] = [];
  if (whole > 0) found.push([size, whole]);
  if (rest > 0) found.push([rest, 1]);
  return found;
}
