/** Our own measurements. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Mode } from "../src/backend/index.ts";
import type { FloatDType } from "../src/ir/index.ts";
import { makeBackend, type Setting, teamOf } from "./backends.ts";
import type { CompileTimes } from "./compileTime.ts";
import { functionStepper } from "./functions.ts";
import { type Measurement, type Stepper, time, warmUp } from "./measurement.ts";
import { measureClock, median, type Peak, peakKernel } from "./peak.ts";
import { trainingStepper } from "./training.ts";
import type { CompileWorkload, FunctionWorkload, TrainingWorkload } from "./workloads.ts";

const { version } = JSON.parse(
  readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"),
) as { readonly version: string };

/** One row to measure. */
export interface Case extends Setting {
  readonly workload: TrainingWorkload | FunctionWorkload;
  readonly dtype: FloatDType;
}

/** A warm case, to be timed as often as one likes. */
export interface ReadyCase {
  readonly stepper: Stepper;
  /** What comes out, and the peak in GFLOPS beside it. */
  measure(seconds: number): { readonly measurement: Measurement; readonly peak: number };
}

/** The cases of a workload in one mode and on some threads. */
export function casesOf(
  workload: TrainingWorkload | FunctionWorkload,
  modes: readonly Mode[],
  threads: number,
): Case[] {
  const dtypes: FloatDType[] = workload.float64 ? ["float32", "float64"] : ["float32"];
  return dtypes.flatMap((dtype) => modes.map((mode) => ({ workload, mode, threads, dtype })));
}

export async function prepare(one: Case, warmUpSeconds: number): Promise<ReadyCase> {
  const { workload, mode, threads, dtype } = one;
  const backend = makeBackend(one);
  const stepper =
    workload.kind === "training"
      ? trainingStepper(workload, dtype, backend)
      : functionStepper(workload, dtype, backend);
  const peak = peakFor(dtype, mode, threads);
  // Cores load and store side by side.
  const clock = clockOf() * threads;
  await warmUp(stepper, warmUpSeconds);
  return {
    stepper,
    measure: (seconds) => {
      const timing = time(stepper, peak, clock, seconds);
      const { usPerStep, fractionOfLimit } = timing;
      return {
        peak: timing.peak,
        measurement: {
          workload: workload.name,
          system: "chainrule",
          version,
          threads,
          mode,
          dtype,
          usPerStep,
          samplesPerSecond: (stepper.samplesPerStep / usPerStep) * 1e6,
          gflops: stepper.work.flops / usPerStep / 1e3,
          fractionOfLimit,
        },
      };
    },
  };
}

const peaks = new Map<string, Peak>();

/** The peak kernel to compare with: fused multiply-adds only for the mode that may use them, and as many
 * copies at once as there are threads. */
export function peakFor(dtype: FloatDType, mode: Mode, threads = 1): Peak {
  const key = `${dtype} ${mode} ${threads}`;
  const peak = peaks.get(key) ?? peakKernel({ dtype, madd: mode === "fast" }, teamOf(threads));
  peaks.set(key, peak);
  return peak;
}

let knownClock: number | undefined;

/** The clock in GHz, measured once. */
export function clockOf(): number {
  knownClock ??= measureClock();
  return knownClock;
}

/** Processes whose median counts. */
const compileProcesses = 5;

/** Milliseconds to the first result of a compiled step: medians of fresh processes. */
export interface CompileTime {
  /** Of a process's first network. */
  readonly first: number;
  /** Of those that follow in the same process. */
  readonly later: number;
  /** Of a process's first network, compiled by an earlier process that kept it in a file. */
  readonly kept: number;
  readonly codeBytes: number;
}

/** Compiles in fresh processes. */
export function measureCompile({ of }: CompileWorkload, mode: Mode): CompileTime {
  const script = join(import.meta.dirname, "compileTime.ts");
  const compile = (...folder: string[]): CompileTimes =>
    JSON.parse(execFileSync(process.execPath, [script, of, mode, ...folder], { encoding: "utf8" }));
  const folder = mkdtempSync(join(tmpdir(), "chainrule-code-"));
  try {
    const [, ...kept] = Array.from({ length: compileProcesses + 1 }, () => compile(folder));
    const fresh = Array.from({ length: compileProcesses }, () => compile());
    return {
      first: median(fresh.map(({ milliseconds }) => milliseconds[0])),
      later: median(fresh.flatMap(({ milliseconds }) => milliseconds.slice(1))),
      kept: median(kept.map(({ milliseconds }) => milliseconds[0])),
      codeBytes: fresh[0].codeBytes,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A compile time as a row: a step is the call. */
export function compileMeasurement(
  workload: CompileWorkload,
  mode: Mode,
  { first }: CompileTime,
): Measurement {
  return {
    workload: workload.name,
    system: "chainrule",
    version,
    threads: 1,
    mode,
    dtype: "float32",
    usPerStep: first * 1000,
    samplesPerSecond: 0,
    gflops: 0,
    fractionOfLimit: 0,
  };
}
