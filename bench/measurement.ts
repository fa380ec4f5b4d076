/** What a measurement is, and how one is made: blocks of steps, each between two runs of a peak kernel. */

import type { FloatDType } from "../src/ir/index.ts";
import { leastSeconds, type Work } from "./limit.ts";
import { median, type Peak } from "./peak.ts";

export type System =
  | "chainrule"
  | "pytorch"
  | "scikit-learn"
  | "jax"
  | "tfjs-cpu"
  | "tfjs-wasm"
  | "jax-js"
  | "toygrad";

/** One line of `--json`. */
export interface Measurement {
  readonly workload: string;
  readonly system: System;
  readonly version: string;
  readonly threads: number;
  /** Ours: fast or strict. PyTorch: eager, eager with fused Adam, or compile. */
  readonly mode: string;
  readonly dtype: FloatDType;
  /** Median. */
  readonly usPerStep: number;
  readonly samplesPerSecond: number;
  readonly gflops: number;
  /** Of the limit of limit.ts; for peers that of WebAssembly too, so that rows compare. */
  readonly fractionOfLimit: number;
}

/** Something that does the same step again and again. */
export interface Stepper {
  readonly samplesPerStep: number;
  readonly work: Work;
  /** Does some steps. @returns milliseconds of the steps alone */
  run(steps: number): number;
}

/** The median block of a stepper, and what the peak kernel reached around it. */
export interface Timing {
  readonly usPerStep: number;
  /** GFLOPS. */
  readonly peak: number;
  readonly fractionOfLimit: number;
}

/** Milliseconds of a block: long against the clock's grain, short against a neighbour's burst. */
const blockMilliseconds = 1;

export const pause = (milliseconds: number) =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds of a phase of the warm-up. */
const phaseMilliseconds = 100;

/** Runs a stepper until the engine has compiled it with its best tier, which it does in the background and
 * takes up at a later call: for some seconds, and until three phases in a row are no faster than before. */
export async function warmUp(stepper: Stepper, seconds: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  let steps = 1;
  let best = Infinity;
  for (let steady = 0; steady < 3 || performance.now() < end; ) {
    const phaseEnd = performance.now() + phaseMilliseconds;
    let fastest = Infinity;
    do {
      const took = stepper.run(steps);
      fastest = Math.min(fastest, took / steps);
      if (took < 1) steps *= 2;
    } while (performance.now() < phaseEnd);
    steady = fastest < 0.9 * best ? 0 : steady + 1;
    best = Math.min(best, fastest);
    await pause(20);
  }
}

/** Times a warm stepper for some seconds. */
export function time(stepper: Stepper, peak: Peak, clock: number, seconds: number): Timing {
  const probe = stepper.run(1);
  const perStep = probe < 0.5 ? stepper.run(8) / 8 : probe;
  const steps = Math.max(1, Math.round(blockMilliseconds / Math.max(perStep, 1e-5)));
  const times: number[] = [];
  const peaks: number[] = [];
  const fractions: number[] = [];
  const end = performance.now() + seconds * 1000;
  let before = peak.measure();
  do {
    const took = stepper.run(steps) / 1000 / steps;
    const after = peak.measure();
    times.push(took);
    peaks.push(after);
    fractions.push(leastSeconds(stepper.work, { peak: (before + after) / 2, clock }) / took);
    before = after;
  } while (performance.now() < end || times.length < 3);
  return {
    usPerStep: median(times) * 1e6,
    peak: median(peaks),
    fractionOfLimit: median(fractions),
  };
}
