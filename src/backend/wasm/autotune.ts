/** Measures how long the steps of register tiles take on this engine and machine.
 *
 * Which tiles keep all accumulators in registers depends on the engine's register allocator: the same code
 * runs at half the speed in one version of V8 and at full speed in the next. So each tile that may be
 * chosen is emitted by the very emitter of contractions, as a product of just its size, and timed.
 */

import type { Buffer, ContractKernel } from "../../compile/index.ts";
import { call, detectFeatures, FunctionBuilder, i32, ModuleBuilder } from "./assembler/index.ts";
import { Constants } from "./constants.ts";
import { emitKernel } from "./emitKernel.ts";
import { arrangeKernel } from "./loops.ts";
import { Slots } from "./slots.ts";
import { nameOf, type TileCosts } from "./tileCosts.ts";
import { cyclesOf, fittingTiles, isFused, type Tile } from "./tiles.ts";
import { costsOf, type TileTimes } from "./tileTimes.ts";

/** Steps of a product: operands stay in the nearest cache. */
const depth = 128;

/** Cycles of a sample, by the model: some 10 µs. */
const sampleCycles = 40_000;

/** How many times faster an engine's best tier is than its first, at least: code that spills most of its
 * accumulators gains little. */
const tierUp = 1.1;

/** Milliseconds without a change after which the engine has compiled what it is going to. */
const calm = 20;

/** Milliseconds after which the measurements end in any case. */
const most = 500;

interface Candidate {
  readonly tile: Tile;
  readonly fused: boolean;
}

/** What the steps of register tiles cost on this engine and machine: times them, some 60 to 150 ms.
 *
 * @returns undefined where no trustworthy times came about: on an engine without vectors, with a coarse
 *   clock, or too busy to compile all tiles
 */
export function measureTiles(): TileCosts | undefined {
  const times = timeTiles();
  return times && costsOf(times);
}

/** Times all tiles in turn, round after round, until the engine has compiled them with its best tier and
 * no time falls any more. Each tile's time is its least. */
export function timeTiles(): TileTimes | undefined {
  const { simd, relaxedSimd } = detectFeatures();
  if (!simd) return undefined;
  const separate = fittingTiles(false).map((tile) => ({ tile, fused: false }));
  const fused = fittingTiles(true)
    .filter((tile) => isFused(tile, true))
    .map((tile) => ({ tile, fused: true }));
  const candidates: readonly Candidate[] = relaxedSimd ? [...separate, ...fused] : separate;
  const samplers = samplersOf(candidates);
  const start = performance.now();
  const early = samplers.map((sample) => Math.min(...[1, 4, 4, 4].map(sample)));
  const times = early.slice();
  for (let changed = start; ; ) {
    for (const [i, { tile, fused }] of candidates.entries()) {
      const time = samplers[i](Math.ceil(sampleCycles / depth / cyclesOf(tile, fused)));
      if (time < 0.9 * times[i]) changed = performance.now();
      times[i] = Math.min(times[i], time);
    }
    const now = performance.now();
    const isFinal = times.map((time, i) => time * tierUp < early[i]);
    const isAlike = new Set(isFinal).size === 1;
    if (isFinal[0] && isAlike && now > changed + calm) break;
    if (now < start + most) continue;
    // An engine of one tier never becomes faster; one of two that has not got to all tiles says nothing.
    if (!isAlike) return undefined;
    break;
  }
  if (times.some((time) => !(time > 0))) return undefined;
  const table = (wanted: boolean) =>
    Object.fromEntries(
      candidates.flatMap(({ tile, fused }, i) =>
        fused === wanted ? [[nameOf(tile), times[i]] as const] : [],
      ),
    );
  return { fused: table(true), separate: table(false) };
}

/** For each tile what runs its product some times, and returns nanoseconds a step. */
function samplersOf(candidates: readonly Candidate[]): ((times: number) => number)[] {
  const module = new ModuleBuilder("tiles");
  const buffers = buffersFor(candidates.map(({ tile }) => tile));
  const scratch =
    buffers.reduce((end, { offset, size }) => Math.max(end, offset + 4 * size), 0) + 64;
  let end = scratch;
  for (const [i, { tile, fused }] of candidates.entries()) {
    const product = new FunctionBuilder({ name: nameOf(tile), params: ["i32"], results: [] });
    const base = product.param(0);
    const slots = new Slots(product, base, scratch);
    const constants = new Constants((value) => slots.keepFirst(value));
    const loops = arrangeKernel(productOf(tile), {
      buffers,
      madd: fused,
      cycles: ({ rows, vectors }) =>
        rows === tile.rows && vectors === tile.vectors ? 1 : Number.POSITIVE_INFINITY,
    })!;
    emitKernel({ module, f: product, base, constants, slots, buffers, madd: fused }, loops);
    module.addFunction(product);
    end = Math.max(end, scratch + slots.bytes);
    const run = new FunctionBuilder({ params: ["i32"] });
    const left = run.param(0);
    run.loop((again) => {
      run.emit(call(product, i32.const(0)));
      run.brIf(again, run.tee(left, i32.sub(left, i32.const(1))));
    });
    module.addFunction(run, { export: `${i}` });
  }
  module.importMemory("env", "memory", { min: 1 });
  const memory = new WebAssembly.Memory({ initial: Math.ceil(end / 65536) });
  const compiled = new WebAssembly.Module(module.build());
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return candidates.map((_, i) => {
    const run = exports[`${i}`] as (times: number) => void;
    return (times) => {
      const start = performance.now();
      run(times);
      return ((performance.now() - start) * 1e6) / (times * depth);
    };
  });
}

/** Room for a [rows, depth], b [depth, columns] and their product, for the largest of the tiles. */
function buffersFor(tiles: readonly Tile[]): Buffer[] {
  const rows = Math.max(...tiles.map((tile) => tile.rows));
  const columns = 4 * Math.max(...tiles.map((tile) => tile.vectors));
  let offset = 0;
  return [rows * depth, depth * columns, rows * columns].map((size) => {
    const buffer: Buffer = { dtype: "float32", size, offset };
    offset += Math.ceil((4 * size) / 64) * 64;
    return buffer;
  });
}

/** a [rows, depth] by b [depth, 4 · vectors]. */
function productOf({ rows, vectors }: Tile): ContractKernel {
  const columns = 4 * vectors;
  const at = (...strides: number[]) => ({ offset: 0, strides });
  return {
    kind: "contract",
    dtype: "float32",
    extents: [rows, columns],
    reduced: [depth],
    a: { buffer: 0, at: at(depth, 0, 1) },
    b: { buffer: 1, at: at(0, 1, columns) },
    windows: [],
    stores: [
      { buffer: 2, at: at(columns, 1), value: { kind: "anchor", result: 0, dtype: "float32" } },
    ],
  };
}
