/** Chooses the register tile of a contraction. */

/** A tile of `rows` × `vectors` accumulators. */
export interface Tile {
  readonly rows: number;
  readonly vectors: number;
}

/** Vector registers of x86 that accumulators and operands may take together. */
const registers = 15;

/** Fewer accumulators than these wait longer for fused multiply-adds than for additions. */
const leastForMadd = 8;

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
  [5, 1],
  [1, 12],
  [1, 10],
  [1, 8],
  [1, 6],
  [1, 4],
  [1, 3],
  [1, 2],
  [1, 1],
].map(([rows, vectors]) => ({ rows, vectors }));

/** Operands of the smaller side stay in registers, those of the larger are taken one at a time; an
 * unfused product needs a place as well. */
function registersOf({ rows, vectors }: Tile, fused: boolean): number {
  return rows * vectors + Math.min(rows, vectors) + (fused ? 1 : 2);
}

const fitting = [false, true].map((madd) =>
  candidates.filter((tile) => registersOf(tile, isFused(tile, madd)) <= registers),
);

/** The tiles that fit in registers. */
export function fittingTiles(madd: boolean): readonly Tile[] {
  return fitting[Number(madd)];
}

/** Whether products and sums of a tile are one instruction. */
export function isFused({ rows, vectors }: Tile, madd: boolean): boolean {
  return madd && rows * vectors >= leastForMadd;
}

/** Whether stores take most of a product's time: then fewer accumulators leave registers to them. */
export function isShortSum(depth: number): boolean {
  return depth <= 8;
}

/** The tiles that a short sum may have: those that leave registers to its stores, unless these come later; and where these take tens of
 * instructions, so that the tile's own time matters little, a row of vectors, of which some are computed at once. */
const forShort = {
  quickStores: ({ rows, vectors }: Tile) => rows * vectors <= 9,
  longStores: ({ rows, vectors }: Tile) => rows === 1 && vectors <= 8,
  dots: () => true,
} as const;

/** Cycles of one step of a tile's contraction. */
export type StepCycles = (tile: Tile, fused: boolean) => number;

/** A model of them, for engines that keep a tile in registers: the most that arithmetic (two fused units, or
 * two each for products and for sums, of which many machines have only half), loads, the front end or the latency
 * of an accumulator takes. */
export function cyclesOf(tile: Tile, fused: boolean): number {
  const { rows, vectors } = tile;
  const products = rows * vectors;
  const arithmetic = products * (fused ? 0.5 : 0.75);
  const loads = (rows + vectors) / 2;
  // The address of each of many rows is computed at every step; V8 keeps those of a few through several steps.
  const addresses = rows > fewRows ? rows : 0;
  const issue = (products * (fused ? 1 : 2) + rows + vectors + addresses + 2) / 5;
  const latency = fused ? 4 : 3;
  // Loads never overlap entirely with the rest.
  return Math.max(arithmetic, loads, issue, latency) + (rows + vectors) / 10;
}

const fewRows = 8;

/** The candidate with the least time for m rows of n vectors, the edges included, and that time. The choice
 * never changes the order of a sum; with `madd` it does decide which sums are fused with their products. */
export function chooseTile(
  m: number,
  n: number,
  depth: number,
  madd: boolean,
  cycles: StepCycles = cyclesOf,
  stores: keyof typeof forShort = "quickStores",
): { readonly tile: Tile; readonly cost: number } {
  const isDot = stores === "dots";
  let best = candidates[candidates.length - 1];
  let bestCost = Infinity;
  for (const tile of fittingTiles(madd)) {
    if (tile.rows > m || tile.vectors > n) continue;
    if (isShortSum(depth) && !forShort[stores](tile)) continue;
    let cost = 0;
    const columns = pieces(n, tile.vectors);
    for (const [rows, rowTiles] of pieces(m, tile.rows)) {
      for (const [vectors, columnTiles] of columns) {
        const piece = { rows, vectors };
        // Rows of b that do not begin with cache lines make all tiles alike.
        const isSplit = !isDot && n > vectors && n % 4 === 0 && 4 % vectors !== 0;
        const step = cycles(piece, isDot ? madd : isFused(piece, madd)) + (isSplit ? lineSplit : 0);
        const time = step * depth + overhead + (rows * vectors) / 2;
        cost += rowTiles * columnTiles * time;
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
const overhead = 4;

/** Cycles of a step whose vectors of b straddle cache lines, where those of other tiles do not. */
const lineSplit = 0.5;

/** How many vectors of some take turns where each waits for its own results most of the time: 4, or 3 where then
 * none is left, whose code would be a copy. */
export function chooseAbreast(vectors: number): number {
  return [4, 3].find((count) => vectors % count === 0) ?? Math.min(vectors, 4);
}

/** Sizes of the pieces of a length, each with how often it occurs. */
export function pieces(length: number, size: number): [size: number, count: number][] {
  const whole = Math.floor(length / size);
  const rest = length % size;
  const found: [number, number][] = [];
  if (whole > 0) found.push([size, whole]);
  if (rest > 0) found.push([rest, 1]);
  return found;
}
