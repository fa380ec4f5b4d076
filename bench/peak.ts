/** Peak kernels: the most arithmetic that WebAssembly vectors do here and now, measured beside a workload.
 *
 * Each runs independent chains x ← a·x + b that stay in registers, long enough apart to hide the latency
 * of an instruction. Which number of chains is best differs between machines, so that a few are tried.
 */

import {
  FunctionBuilder,
  f32x4,
  f64x2,
  i32,
  ModuleBuilder,
  v128,
} from "../src/backend/wasm/assembler/index.ts";
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

/** The best of the kernels, warmed up. */
export function peakKernel(options: PeakOptions): Peak {
  const kernels = chainCounts.map((chains) => build(chains, options));
  for (let i = 0; i < 200; i++) for (const kernel of kernels) kernel();
  const rates = kernels.map((kernel) => median(Array.from({ length: 15 }, kernel)));
  return { measure: kernels[rates.indexOf(Math.max(...rates))] };
}

function build(chains: number, { dtype, madd }: PeakOptions): () => number {
  const { constant, mul, add, relaxedMadd } = dtype === "float32" ? f32x4 : f64x2;
  const module = new ModuleBuilder("peak");
  module.defineMemory({ min: 1 });
  const f = new FunctionBuilder({ params: ["i32"], results: [] });
  const times = f.param(0);
  const a = f.hold(constant(0.999));
  const b = f.hold(constant(0.5));
  const sums = Array.from({ length: chains }, () => f.hold(constant(0)));
  f.loop((again) => {
    for (const x of sums) f.set(x, madd ? relaxedMadd(a, x, b) : add(mul(a, x), b));
    f.brIf(again, f.tee(times, i32.sub(times, i32.const(1))));
  });
  // Stored, so that the engine cannot leave the work out.
  for (const [i, x] of sums.entries()) f.emit(v128.store(i32.const(0), 16 * i, x));
  module.addFunction(f, { export: "run" });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.build()));
  const run = exports.run as (times: number) => void;
  const flops = iterations * chains * 2 * (dtype === "float32" ? 4 : 2);
  return () => {
    const start = performance.now();
    run(iterations);
    return flops / (performance.now() - start) / 1e6;
  };
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
