/** Peak kernels: the most arithmetic that WebAssembly vectors do here and now, measured beside a workload.
 *
 * Each runs independent chains x ← a·x + b that stay in registers, long enough apart to hide the latency
 * of an instruction. Which number of chains is best differs between machines, so that a few are tried.
 */

import {
  call,
  FunctionBuilder,
  f32x4,
  f64x2,
  i32,
  ModuleBuilder,
  v128,
} from "../src/backend/wasm/assembler/index.ts";
import { emitBarrier } from "../src/backend/wasm/barrier.ts";
import { MemoryPool, memoryLimits } from "../src/backend/wasm/memoryPool.ts";
import { type RunProgram, runName } from "../src/backend/wasm/runProgram.ts";
import type { ThreadTeam } from "../src/backend/wasm/threads.ts";
import type { FloatDType } from "../src/ir/index.ts";

export interface PeakOptions {
  readonly dtype: FloatDType;
  /** Whether a·x + b is one relaxed instruction, or a product and a sum. */
  readonly madd: boolean;
}

/** What the machine can do at most. */
export interface Peak {
  /** Runs the kernel for some 50 µs. @returns GFLOPS reached */
  measure(): number;
}

/** More than 13 chains and their two operands do not fit in 16 registers. */
const chainCounts = [8, 10, 12, 13];

/** Iterations of a measurement: about 10⁶ operations. */
const iterations = 10_000;

/** The best of the kernels, warmed up.
 * @param team threads that all run a copy of the kernel at once: the peak is what they reach together */
export function peakKernel(options: PeakOptions, team?: ThreadTeam): Peak {
  const kernels = chainCounts.map((chains) => build(chains, options, team));
  for (let i = 0; i < 200; i++) for (const kernel of kernels) kernel();
  const rates = kernels.map((kernel) => median(Array.from({ length: 15 }, kernel)));
  return { measure: kernels[rates.indexOf(Math.max(...rates))] };
}

function build(chains: number, options: PeakOptions, team?: ThreadTeam): () => number {
  const flops = iterations * chains * 2 * (options.dtype === "float32" ? 4 : 2);
  const threads = team?.size ?? 1;
  const memory = new MemoryPool({ shared: threads > 1 }).memory;
  const modules = Array.from({ length: threads }, (_, thread) =>
    moduleOf(chains, options, { thread, threads }),
  );
  const helpers = threads > 1 ? team?.load(modules.slice(1), memory) : undefined;
  const module = new WebAssembly.Module(modules[0]);
  const env = { memory, ...helpers?.imports };
  const { exports } = new WebAssembly.Instance(module, { env });
  const [meet, run] = ["meet", "kernel"].map((name) => exports[runName(name)] as RunProgram);
  return () => {
    // All threads are awake when the clock starts.
    helpers?.start("meet", 0, 1);
    helpers?.start("kernel", 0, iterations);
    meet(0, 1);
    const start = performance.now();
    run(0, iterations);
    return (threads * flops) / (performance.now() - start) / 1e6;
  };
}

/** A module of programs in the form that threads run: the kernel, and one in which threads only meet. */
function moduleOf(
  chains: number,
  { dtype, madd }: PeakOptions,
  { thread, threads }: { readonly thread: number; readonly threads: number },
): Uint8Array<ArrayBuffer> {
  const { constant, mul, add, relaxedMadd } = dtype === "float32" ? f32x4 : f64x2;
  const module = new ModuleBuilder("peak");
  module.importMemory("env", "memory", memoryLimits(threads > 1));
  const barrier =
    threads > 1
      ? module.helper("barrier", () =>
          emitBarrier({ module, thread, threads, address: 64, maySleep: false }),
        )
      : undefined;
  const meet = new FunctionBuilder({ name: "meet", params: ["i32", "i32"], results: [] });
  if (barrier !== undefined) meet.emit(call(barrier));
  module.addFunction(meet, { export: runName("meet") });
  const f = new FunctionBuilder({ name: "kernel", params: ["i32", "i32"], results: [] });
  const times = f.param(1);
  const a = f.hold(constant(0.999));
  const b = f.hold(constant(0.5));
  const sums = Array.from({ length: chains }, () => f.hold(constant(0)));
  f.loop((again) => {
    for (const x of sums) f.set(x, madd ? relaxedMadd(a, x, b) : add(mul(a, x), b));
    f.brIf(again, f.tee(times, i32.sub(times, i32.const(1))));
  });
  // Stored, so that the engine cannot leave the work out.
  for (const [i, x] of sums.entries())
    f.emit(v128.store(i32.const(4096 * (thread + 1)), 16 * i, x));
  if (barrier !== undefined) f.emit(call(barrier));
  module.addFunction(f, { export: runName("kernel") });
  return module.build();
}

/** The clock in GHz, from a chain of integer additions and rotations, each of which takes one cycle. */
export function measureClock(): number {
  const links = 64;
  const module = new ModuleBuilder("clock");
  const f = new FunctionBuilder({ params: ["i32", "i32"], results: ["i32"] });
  const times = f.param(0);
  const x = f.param(1);
  f.loop((again) => {
    for (let i = 0; i < links / 2; i++) f.set(x, i32.rotl(i32.add(x, times), i32.const(7)));
    f.brIf(again, f.tee(times, i32.sub(times, i32.const(1))));
  });
  f.return(x);
  module.addFunction(f, { export: "run" });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build()));
  const run = exports.run as (times: number, x: number) => number;
  const measure = () => {
    const start = performance.now();
    run(iterations, 1);
    return (iterations * links) / (performance.now() - start) / 1e6;
  };
  for (let i = 0; i < 100; i++) measure();
  return median(Array.from({ length: 30 }, measure));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
