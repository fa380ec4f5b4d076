/** Caches: when a contraction sums in blocks, and when it copies a panel of its right operand.
 *
 * Each tile of a product reads a strip of `a` and a strip of `b` over all summed indices. If both operands
 * are larger than the cache, every tile fetches its strips from afar again. Two remedies:
 *
 *     blocks:  c = Σ over blocks (Σ within the block a · b): the outermost summed dimensions run outside of
 *              the tiles, whose partial sums are added up in memory, in the order of the blocks;
 *     panels:  b's strip of one tile's columns, contiguous in memory, read by all rows of tiles in turn; or
 *              all strips, where they fit a cache together, so that each strip of a is read by all of them.
 */

import { type Affine, bytesPerElement } from "../../compile/index.ts";
import { type Merged, sizeOfMerged } from "./dimensions.ts";

/** Bytes of both operands that a block of the sum may touch: they should stay in a second-level cache. */
const blockBytes = 1 << 18;

/** Summed terms in a block, at least: so many that adding to memory costs a few per cent. */
const leastBlockDepth = 128;

/** A first-level cache: lines of 64 bytes in sets, each for addresses that agree modulo 4096. */
const cache = { line: 64, sets: 64, ways: 8 } as const;

/** With fewer tiles than these the operands are not read often enough. */
const leastTiles = 4;

/** Panels with fewer rows of tiles to read them do not repay their copying. */
const leastPanelReads = 24;

/** The summed dimensions outside of the tiles, and those inside. */
export interface Blocking {
  readonly blocks: readonly Merged[];
  readonly inner: readonly Merged[];
}

export interface BlockingProblem {
  readonly dtype: "float32" | "float64";
  /** The summed dimensions, outermost first. */
  readonly summed: readonly Merged[];
  /** The dimensions of the result. */
  readonly outer: readonly Merged[];
  readonly operands: readonly Affine[];
  /** How many tiles the result has. */
  readonly tiles: number;
  /** Whether a summed dimension's range depends on an index of the result, so that it stays inside. */
  isClipped(dim: Merged): boolean;
}

/** Blocks that fit the cache, as large as they can be; none where operands fit as a whole, or where blocks that
 * fit would be too short. */
export function chooseBlocks(problem: BlockingProblem): Blocking {
  const { dtype, summed, outer, operands, tiles, isClipped } = problem;
  const fits = (inner: readonly Merged[]) =>
    operands.reduce((sum, at) => sum + footprint(at, [...outer, ...inner], dtype), 0) <= blockBytes;
  const whole: Blocking = { blocks: [], inner: summed };
  if (tiles < leastTiles || fits(summed)) return whole;
  for (let at = 0; at < summed.length && !isClipped(summed[at]); at++) {
    const dim = summed[at];
    const rest = summed.slice(at + 1);
    for (const size of divisorsOf(dim.extent)) {
      const inner = size === 1 ? rest : [{ ...dim, extent: size }, ...rest];
      if (sizeOfMerged(inner) < leastBlockDepth) break;
      if (!fits(inner)) continue;
      const block = { ...dim, extent: dim.extent / size, step: size };
      return { blocks: [...summed.slice(0, at), block], inner };
    }
  }
  return whole;
}

/** Bytes of all panels, at most, that may lie beside each other: half of a second-level cache. */
const allPanelsBytes = 1 << 17;

/** Products for each element that is moved, at most, with which all panels lie beside each other. */
const mostProducts = 64;

/** How many parts of b, each for the columns of one tile, are copied into panels at a time. */
export type PanelCount = "none" | "one" | "all";

export interface PanelUse {
  /** Vectors in a row of the panel, and of all panels. */
  readonly vectors: number;
  readonly columns: number;
  /** Elements that are loaded and stored for each result. */
  readonly moved: number;
  readonly elementBytes: number;
  /** Rows of tiles that read it. */
  readonly reads: number;
}

/** One panel at a time stays nearest, but the cache lines of `a` and of the results come back for each of them:
 * all lie beside each other where much is moved. */
export function choosePanels(
  b: Affine,
  summed: readonly Merged[],
  inner: readonly Merged[],
  use: PanelUse,
): PanelCount {
  if (!needsPanel(b, inner, use)) return "none";
  const fits = 16 * use.columns * sizeOfMerged(inner) <= allPanelsBytes;
  return fits && mostProducts * use.moved >= sizeOfMerged(summed) ? "all" : "one";
}

/** Whether b's strip for the columns of a tile is read often, and does not stay in the first-level cache by
 * itself: its rows are far apart, at distances that leave only some sets of the cache. */
function needsPanel(b: Affine, inner: readonly Merged[], use: PanelUse): boolean {
  if (use.reads < leastPanelReads || inner.length === 0) return false;
  const bytes = 16 * use.vectors;
  const { innermost } = inner[inner.length - 1];
  const stride = use.elementBytes * Math.abs(b.strides[innermost]);
  if (stride <= bytes) return false;
  const lines = sizeOfMerged(inner) * Math.ceil(bytes / cache.line);
  const apart = stride % cache.line === 0 ? commonDivisor(cache.sets, stride / cache.line) : 1;
  return lines > ((cache.sets / apart) * cache.ways) / 2;
}

/** Bytes that an operand's accesses touch over some dimensions: every combination of indices its own element, or
 * fewer where they overlap. */
function footprint({ strides }: Affine, dims: readonly Merged[], dtype: "float32" | "float64") {
  let elements = 1;
  let span = 1;
  for (const { extent, innermost } of dims) {
    const stride = strides[innermost];
    if (stride === undefined || stride === 0) continue;
    elements *= extent;
    span += Math.abs(stride) * (extent - 1);
  }
  return Math.min(elements, span) * bytesPerElement[dtype];
}

/** The largest first. */
function divisorsOf(n: number): number[] {
  return Array.from({ length: n }, (_, i) => n - i).filter((divisor) => n % divisor === 0);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
