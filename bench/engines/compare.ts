/** The same workloads under several engines, in the same run: each measured in turn, round after round, the
 * medians reported. */

import type { Mode } from "../../src/backend/index.ts";
import type { FloatDType } from "../../src/ir/index.ts";
import type { Measurement } from "../measurement.ts";
import { median } from "../peak.ts";
import { machineFacts } from "../peers/machine.ts";
import { writeBlock } from "../peers/pageFile.ts";
import { PeerProcess } from "../peers/process.ts";
import type { FunctionWorkload, TrainingWorkload, Workload } from "../workloads.ts";
import { buildForEngines, type Engine, engines } from "./engines.ts";
import { enginesTable } from "./table.ts";

export interface EnginesOptions {
  readonly chosen: readonly Workload[];
  readonly modes: readonly Mode[];
  readonly threads: number;
  readonly rounds: number;
  /** Of each measurement of a round. */
  readonly seconds: number;
  /** The page whose table is replaced, if any. */
  readonly output: string | undefined;
  readonly json: boolean;
}

/** A measurement and the engine it was made in. */
export interface EngineMeasurement {
  readonly engine: string;
  readonly measurement: Measurement;
}

/** Seconds that an engine may take to prepare or to measure. */
const patience = 120;

export async function compareEngines(options: EnginesOptions): Promise<void> {
  const { chosen, modes, output, json } = options;
  const started = new Date();
  const machine = machineFacts();
  const list = engines();
  const script = buildForEngines();
  const processes = new Map(
    list.map((engine) => [
      engine,
      new PeerProcess({ command: engine.executable, args: [script], env: process.env }),
    ]),
  );
  const results: EngineMeasurement[] = [];
  const workloads = chosen.filter((workload) => workload.kind !== "compile");
  const contests = workloads.flatMap((workload) => modes.map((mode) => ({ workload, mode })));
  const write = (done: number) => {
    if (output === undefined) return;
    const names = list.map(({ name }) => name);
    const progress = { done, all: contests.length };
    writeBlock(
      output,
      "engines",
      enginesTable({ started, machine, names, results, options, progress }),
    );
  };
  try {
    for (const [i, { workload, mode }] of contests.entries()) {
      for (const one of await contest(processes, workload, mode, options)) {
        results.push(one);
        const { measurement, engine } = one;
        if (json) console.log(JSON.stringify(measurement));
        const { usPerStep, fractionOfLimit } = measurement;
        console.error(
          `${workload.name} ${mode}: ${engine} ${usPerStep.toPrecision(4)} µs, ` +
            `${fractionOfLimit.toFixed(2)} of its limit`,
        );
      }
      write(i + 1);
    }
  } finally {
    for (const process of processes.values()) process.close();
  }
}

async function contest(
  processes: ReadonlyMap<Engine, PeerProcess>,
  workload: TrainingWorkload | FunctionWorkload,
  mode: Mode,
  { threads, rounds, seconds }: EnginesOptions,
): Promise<EngineMeasurement[]> {
  const dtype: FloatDType = "float32";
  const runs = new Map<Engine, Measurement[]>();
  for (const [engine, process] of processes) {
    const request = { command: "prepare" as const, workload, mode, dtype, threads };
    const { error } = await process.ask(request, patience);
    if (error === undefined) runs.set(engine, []);
    else console.error(`${workload.name} ${mode}: ${engine.name} cannot: ${error}`);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [engine, measurements] of runs) {
      const answer = await processes.get(engine)!.ask({ command: "measure", seconds }, patience);
      if (answer.error !== undefined) throw new Error(`bench: ${engine.name}: ${answer.error}`);
      measurements.push(answer as Measurement);
    }
  }
  return [...runs].map(([engine, measurements]) => ({
    engine: engine.name,
    measurement: middle(measurements, engine),
  }));
}

/** The medians of the rounds, each number's own. */
function middle(measurements: readonly Measurement[], { name }: Engine): Measurement {
  const of = (key: "usPerStep" | "samplesPerSecond" | "gflops" | "fractionOfLimit") =>
    median(measurements.map((measurement) => measurement[key]));
  const [first] = measurements;
  return {
    ...first,
    version: `${first.version}, ${name}`,
    usPerStep: of("usPerStep"),
    samplesPerSecond: of("samplesPerSecond"),
    gflops: of("gflops"),
    fractionOfLimit: of("fractionOfLimit"),
  };
}
