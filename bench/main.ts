/** The benchmarks' command line: `npm run bench -- [workload…] [options]`. */

import { parseArgs } from "node:util";
import type { Mode } from "../src/backend/index.ts";
import type { FloatDType } from "../src/ir/index.ts";
import type { Measurement } from "./measurement.ts";
import { casesOf, compileMeasurement, measureCompile, prepare } from "./ours.ts";
import { alignColumns, fraction, shortNumber } from "./table.ts";
import { workloads as allWorkloads, chooseWorkloads, type Workload } from "./workloads.ts";

const usage = `npm run bench -- [workload…] [options]

  npm run bench -- iris-b120 --mode fast
  npm run bench -- matmul --json
  npm run bench -- --peers                 everything; writes docs/performance.md and the README's table
  npm run bench -- --engines               under Node.js 20, 24 and 26; writes its table there too
  npm run bench -- lenet-b128 --profile    where a step's time goes, kernel by kernel

Workloads: ${allWorkloads.map(({ name }) => name).join(" ")}

  --mode fast|strict   only one mode; otherwise both
  --dtype D            only float32 or float64; otherwise both, and --profile float32
  --threads N          threads of a step (1)
  --peers              the other systems too, in interleaved rounds (some 20 minutes for everything)
  --engines            ours under several versions of Node.js, in interleaved rounds
  --profile            times each kernel of a step on its own
  --seconds S          time to measure each row for (1; with --peers and --engines in each round, 0.15)
  --rounds N           rounds of --peers and --engines (5)
  --output FILE        where --peers and --engines write; given workloads alone are written nowhere else
  --json               one line a measurement on stdout`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: "string" },
    dtype: { type: "string" },
    threads: { type: "string", default: "1" },
    peers: { type: "boolean", default: false },
    engines: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    seconds: { type: "string" },
    rounds: { type: "string", default: "5" },
    output: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const workloads = chooseWorkloads(positionals);
  const modes = chosen("mode", values.mode, ["fast", "strict"]);
  const dtypes = chosen("dtype", values.dtype, ["float32", "float64"]);
  const threads = wholeNumber("threads", values.threads);
  const json = values.json;
  if (values.profile) {
    const { profile } = await import("./profile.ts");
    for (const mode of modes) {
      for (const workload of workloads) {
        if (workload.kind !== "compile") console.log(await profile(workload, mode, dtypes[0]));
      }
    }
  } else if (values.peers || values.engines) {
    const rounds = wholeNumber("rounds", values.rounds);
    const seconds = Number(values.seconds ?? 0.15);
    // A page of a few workloads would replace the page of all.
    const isAll = positionals.length === 0;
    const output = values.output ?? (isAll ? "docs/performance.md" : undefined);
    const summary = isAll && values.output === undefined ? "README.md" : undefined;
    if (values.peers) {
      const { comparePeers } = await import("./peers/compare.ts");
      await comparePeers({ chosen: workloads, modes, rounds, seconds, output, summary, json });
    }
    if (values.engines) {
      const { compareEngines } = await import("./engines/compare.ts");
      await compareEngines({ chosen: workloads, modes, threads, rounds, seconds, output, json });
    }
  } else {
    await measureOurs({
      workloads,
      modes,
      dtypes,
      threads,
      seconds: Number(values.seconds ?? 1),
      json,
    });
  }
}

interface Wanted {
  readonly workloads: readonly Workload[];
  readonly modes: readonly Mode[];
  readonly dtypes: readonly FloatDType[];
  readonly threads: number;
  readonly seconds: number;
  /** Whether results are told as JSON, or else as a table. */
  readonly json: boolean;
}

async function measureOurs({
  workloads,
  modes,
  dtypes,
  threads,
  seconds,
  json,
}: Wanted): Promise<void> {
  const rows = [
    ["workload", "dtype", "mode", "µs/step", "samples/s", "GFLOPS", "peak", "of limit", "bar"],
  ];
  const add = (
    { workload, dtype, mode, ...m }: Measurement,
    peak: number,
    bar: number | undefined,
  ) => {
    const row = [workload, dtype, mode, shortNumber(m.usPerStep), shortNumber(m.samplesPerSecond)];
    row.push(shortNumber(m.gflops), shortNumber(peak), fraction(m.fractionOfLimit));
    row.push(bar !== undefined && dtype === "float32" && mode === "fast" ? String(bar) : "");
    rows.push(row);
    if (json) console.log(JSON.stringify({ workload, dtype, mode, ...m }));
    else console.error(row.join("  "));
  };
  const notes: string[] = [];
  for (const workload of workloads) {
    try {
      if (workload.kind === "compile") {
        for (const mode of modes) {
          const result = measureCompile(workload, mode);
          add(compileMeasurement(workload, mode, result), Number.NaN, undefined);
          notes.push(
            `${workload.name}, ${mode}: ${result.first.toFixed(1)} ms for the first network of a process, ` +
              `${result.later.toFixed(1)} ms for later ones, ${result.kept.toFixed(1)} ms for a first one ` +
              `that an earlier process compiled and kept (bar ${workload.bars.milliseconds}); ` +
              `${result.codeBytes} bytes of WebAssembly.`,
          );
        }
        continue;
      }
      for (const one of casesOf(workload, modes, threads)) {
        if (!dtypes.includes(one.dtype)) continue;
        const ready = await prepare(one, Math.min(1, seconds));
        const { measurement, peak } = ready.measure(seconds);
        add(measurement, peak, workload.bars.limit);
      }
    } catch (error) {
      notes.push(`${workload.name}: ${(error as Error).message.split("\n")[0]}`);
    }
  }
  if (!json) console.log(alignColumns(rows));
  for (const note of notes) console.error(note);
}

/** The one that an option names, or all. */
function chosen<T extends string>(
  option: string,
  value: string | undefined,
  all: readonly [T, T],
): readonly T[] {
  if (value === undefined) return all;
  const found = all.find((one) => one === value);
  if (found !== undefined) return [found];
  throw new Error(`bench: expected --${option} ${all.join(" or ")}, got "${value}".`);
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`bench: expected --${name} to be a whole number from 1, got "${text}".`);
}

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
