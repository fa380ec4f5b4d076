/** Ours and the peers in the same run: each measured in turn, round after round, the medians reported. */

import type { Mode } from "../../src/backend/index.ts";
import type { FloatDType } from "../../src/ir/index.ts";
import { argumentValues, arity } from "../functions.ts";
import { leastSeconds } from "../limit.ts";
import type { Measurement } from "../measurement.ts";
import { clockOf, compileMeasurement, measureCompile, prepare, type ReadyCase } from "../ours.ts";
import { median } from "../peak.ts";
import { rowsOf } from "../training.ts";
import type { FunctionWorkload, TrainingWorkload, Workload } from "../workloads.ts";
import { dataFile, type Installed, installJavaScript, installPython } from "./environment.ts";
import { machineFacts } from "./machine.ts";
import { type CompileRow, page } from "./page.ts";
import { writeBlock, writeSummary } from "./pageFile.ts";
import { PeerProcess } from "./process.ts";
import { summaryTable } from "./summary.ts";
import { commandOf, type Peer, peers } from "./systems.ts";

export interface CompareOptions {
  readonly chosen: readonly Workload[];
  readonly modes: readonly Mode[];
  readonly rounds: number;
  /** Of each measurement of a round. */
  readonly seconds: number;
  /** The page to write, if any. */
  readonly output: string | undefined;
  /** A file with a block for the summary, if any. */
  readonly summary: string | undefined;
  readonly json: boolean;
}

/** Why a system has no row. */
export interface Absence {
  readonly workload: string;
  readonly system: string;
  readonly mode: string;
  readonly threads: number;
  readonly dtype: FloatDType;
  readonly reason: string;
}

/** Seconds that a peer may take to prepare: it compiles, and does its first steps. */
const patience = 150;
/** Peers whose steps take longer (µs) are measured in fewer rounds: those of a second and more only by the
 * step of their preparation. */
const slowStep = 0.2e6;
const longStep = 1e6;
/** Rounds for a peer of slow steps. */
const slowRounds = 2;

export async function comparePeers(options: CompareOptions): Promise<void> {
  const started = new Date();
  const machine = machineFacts();
  const results: Measurement[] = [];
  const absences: Absence[] = [];
  const compiles: CompileRow[] = [];
  const report = (measurement: Measurement) => {
    results.push(measurement);
    const { workload, system, mode, threads, dtype, usPerStep } = measurement;
    if (options.json) console.log(JSON.stringify(measurement));
    console.error(
      `${workload} ${dtype} ${threads} thread${threads > 1 ? "s" : ""}: ${system} (${mode}) ` +
        `${usPerStep.toPrecision(4)} µs`,
    );
  };
  for (const workload of options.chosen) {
    if (workload.kind !== "compile") continue;
    for (const mode of options.modes) {
      try {
        const time = measureCompile(workload, mode);
        compiles.push({ workload, mode, ...time });
        report(compileMeasurement(workload, mode, time));
      } catch (error) {
        console.error(`${workload.name}: ${(error as Error).message.split("\n")[0]}`);
      }
    }
  }
  const installed = { python: installPython(), javascript: installJavaScript() };
  const pairings = pairingsOf(options.chosen);
  // After each comparison: a run that is interrupted leaves what it has measured.
  const write = (done: number) => {
    if (options.output === undefined) return;
    const progress = { done, all: pairings.length };
    const content = { started, machine, options, results, absences, compiles, progress };
    writeBlock(options.output, "peers", page(content));
  };
  if (pairings.length === 0) write(0);
  let running = new Map<Peer, PeerProcess>();
  const stopAll = () => {
    for (const process of running.values()) process.close();
    running = new Map();
  };
  try {
    for (const [i, { workload, dtype, threads }] of pairings.entries()) {
      // Their number of threads is that of their start.
      if (threads !== pairings[i - 1]?.threads) stopAll();
      const contest = { workload, dtype, threads, installed, running, absences };
      for (const measurement of await compare(contest, options)) report(measurement);
      write(i + 1);
    }
  } finally {
    stopAll();
  }
  const summary = summaryTable(results);
  if (options.summary !== undefined && summary !== undefined)
    writeSummary(options.summary, summary);
  if (options.output !== undefined) {
    console.error(`Wrote ${options.output}.`);
  } else {
    for (const { workload, system, mode, dtype, threads, reason } of absences) {
      console.error(`${workload} ${dtype} ${threads}: ${system} (${mode}) cannot: ${reason}`);
    }
  }
}

interface Pairing {
  readonly workload: TrainingWorkload | FunctionWorkload;
  readonly dtype: FloatDType;
  readonly threads: number;
}

/** What is compared: float32 on one thread and on two, float64 on one. */
function pairingsOf(chosen: readonly Workload[]): Pairing[] {
  const measured = chosen.filter((workload) => workload.kind !== "compile");
  return [1, 2].flatMap((threads) =>
    measured.flatMap((workload) => {
      const dtypes: FloatDType[] =
        workload.float64 && threads === 1 ? ["float32", "float64"] : ["float32"];
      return dtypes.map((dtype) => ({ workload, dtype, threads }));
    }),
  );
}

interface Contest {
  readonly workload: TrainingWorkload | FunctionWorkload;
  readonly dtype: FloatDType;
  readonly threads: number;
  readonly installed: Readonly<Record<Peer["language"], Installed>>;
  readonly running: Map<Peer, PeerProcess>;
  readonly absences: Absence[];
}

/** One row's measurement in every round. */
interface Contestant {
  readonly system: Measurement["system"];
  readonly mode: string;
  readonly version: string;
  readonly usPerStep: number[];
  /** Of ours: GFLOPS of the peak kernel in every round. */
  readonly peaks: number[];
  /** Rounds to measure it in; all unless said. */
  readonly rounds?: number;
  measure(): Promise<number>;
}

async function compare(contest: Contest, options: CompareOptions): Promise<Measurement[]> {
  const { workload, dtype, threads } = contest;
  const { work, samplesPerStep, contestants: ours } = await prepareOurs(contest, options);
  const others = await preparePeers(contest, options);
  // Ours before each peer, so that a slow moment of the machine strikes neighbours alike.
  for (let round = 0; round < options.rounds; round++) {
    const now = others.filter(({ rounds = options.rounds }) => round < rounds);
    for (const other of now.length > 0 ? now : [undefined]) {
      for (const one of ours) one.usPerStep.push(await one.measure());
      if (other !== undefined) other.usPerStep.push(await other.measure());
    }
  }
  const clock = clockOf() * threads;
  // A peer is compared with the limit of our fast mode, as measured in the same rounds.
  const fast = ours.find(({ mode }) => mode === "fast") ?? ours[0];
  return [...ours, ...others].flatMap((one): Measurement[] => {
    const times = one.usPerStep.filter((time) => Number.isFinite(time));
    if (times.length === 0) return [];
    const usPerStep = median(times);
    const peaks = one.peaks.length > 0 ? one.peaks : (fast?.peaks ?? []);
    const peak = median(peaks);
    return [
      {
        workload: workload.name,
        system: one.system,
        version: one.version,
        threads,
        mode: one.mode,
        dtype,
        usPerStep,
        samplesPerSecond: (samplesPerStep / usPerStep) * 1e6,
        gflops: work.flops / usPerStep / 1e3,
        fractionOfLimit: leastSeconds(work, { peak, clock }) / (usPerStep * 1e-6),
      },
    ];
  });
}

async function prepareOurs(contest: Contest, options: CompareOptions) {
  const { workload, dtype, threads, absences } = contest;
  const contestants: Contestant[] = [];
  let ready: ReadyCase | undefined;
  for (const mode of options.modes) {
    try {
      const one = await prepare({ workload, mode, threads, dtype }, 0.5);
      ready = one;
      const peaks: number[] = [];
      contestants.push({
        system: "chainrule",
        mode,
        version: one.measure(0.05).measurement.version,
        usPerStep: [],
        peaks,
        measure: async () => {
          const { measurement, peak } = one.measure(options.seconds / 2);
          peaks.push(peak);
          return measurement.usPerStep;
        },
      });
    } catch (error) {
      const reason = (error as Error).message.split("\n")[0];
      absences.push({ workload: workload.name, system: "chainrule", mode, threads, dtype, reason });
    }
  }
  ready ??= await prepare({ workload, mode: "strict", threads: 1, dtype }, 0);
  const { work, samplesPerStep } = ready.stepper;
  return { work, samplesPerStep, contestants };
}

async function preparePeers(contest: Contest, options: CompareOptions): Promise<Contestant[]> {
  const { workload, dtype, threads, running, absences } = contest;
  const contestants: Contestant[] = [];
  const request = { command: "prepare" as const, dtype, threads, workload, ...filesOf(workload) };
  for (const peer of peers) {
    if (threads > 1 && !peer.threaded) continue;
    const absent = (reason: string) => {
      const { system, mode } = peer;
      absences.push({ workload: workload.name, system, mode, threads, dtype, reason });
    };
    if (!peer.dtypes.includes(dtype)) {
      absent(`no ${dtype}`);
      continue;
    }
    const process = start(peer, contest);
    if (typeof process === "string") {
      absent(process);
      continue;
    }
    const { error, version = "", usPerStep = 0 } = await process.ask(request, patience);
    if (error !== undefined) {
      absent(error);
      if (!process.isAlive) running.delete(peer);
      continue;
    }
    contestants.push({
      system: peer.system,
      mode: peer.mode,
      version,
      usPerStep: usPerStep > slowStep ? [usPerStep] : [],
      peaks: [],
      ...(usPerStep > slowStep && { rounds: usPerStep > longStep ? 0 : slowRounds }),
      measure: async () => {
        const { seconds } = options;
        const answer = await process.ask({ command: "measure", seconds }, patience);
        return answer.usPerStep ?? Number.NaN;
      },
    });
  }
  return contestants;
}

/** The peer's process, started if it does not run yet, or why it cannot start. */
function start(peer: Peer, { installed, running, threads }: Contest): PeerProcess | string {
  const known = running.get(peer);
  if (known?.isAlive) return known;
  const environment = installed[peer.language];
  if (!environment.ok) return environment.reason;
  const process = new PeerProcess(commandOf(peer, environment, threads));
  running.set(peer, process);
  return process;
}

/** Writes the workload's data, and says where. */
function filesOf(workload: TrainingWorkload | FunctionWorkload) {
  if (workload.kind === "function") {
    const [rows, columns] = workload.shape;
    const file = (i: number) =>
      dataFile(`${workload.name}.${i}.f32`, () => argumentValues(rows * columns, i));
    return { arguments: Array.from({ length: arity(workload) }, (_, i) => file(i)) };
  }
  const data = rowsOf(workload);
  return {
    inputShape: data.inputShape,
    x: dataFile(`${workload.name}.x.f32`, () => Float32Array.from(data.inputs)),
    y: dataFile(`${workload.name}.y.i32`, () => data.labels.slice()),
  };
}
