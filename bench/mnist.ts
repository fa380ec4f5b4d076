/** Whole trainings of the MNIST experiments, from process start to end, beside PyTorch with the same network,
 * recipe and number of threads: `node bench/mnist.ts [experiment…] [options]`. Runs of both take turns. */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { experiments } from "../experiments/index.ts";
import { resolveConfig } from "../src/config/index.ts";
import { median } from "./peak.ts";
import { installPython, scripts } from "./peers/environment.ts";
import { machineFacts } from "./peers/machine.ts";
import { alignColumns, shortNumber } from "./table.ts";

const usage = `node bench/mnist.ts [experiment…] [options]

  node bench/mnist.ts                                   mnist-lenet, seeds 1 to 5
  node bench/mnist.ts mnist-lenet-report --epochs 1 --seeds 1

  --data-dir FOLDER   the files of MNIST (CHAINRULE_DATA_DIR, or ../shared/data)
  --seeds 1,2,…       one run of each system a seed (1,2,3,4,5)
  --threads N         of both systems (1)
  --epochs N          instead of the experiment's own, for a quicker look
  --loop NAME         PyTorch's batches: tensors in memory, or loader, its DataLoader (tensors)
  --no-peer           Chainrule alone
  --json              one line a run on stdout`;

/** What one run of a system showed. */
interface Run {
  readonly system: "Chainrule" | "PyTorch";
  readonly experiment: string;
  readonly seed: number;
  readonly accuracy: number;
  /** From process start to its end. */
  readonly seconds: number;
  readonly trainingSeconds: number;
  /** Most memory that the process held, where the system tells. */
  readonly megabytes: number | undefined;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    "data-dir": { type: "string" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    threads: { type: "string", default: "1" },
    epochs: { type: "string" },
    loop: { type: "string", default: "tensors" },
    "no-peer": { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const root = join(import.meta.dirname, "..");
const dataDir =
  values["data-dir"] ?? (process.env.CHAINRULE_DATA_DIR || join(root, "..", "shared", "data"));

/** Runs a process and sees how long it takes and how much memory it holds. */
async function observe(command: string, args: readonly string[], input = "") {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  child.stdin.end(input);
  let megabytes: number | undefined;
  const watch = setInterval(() => {
    megabytes = peakMegabytes(child.pid) ?? megabytes;
  }, 50);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  clearInterval(watch);
  if (code !== 0) throw new Error(`bench: ${command} ended with ${code}.`);
  return { output, seconds: (performance.now() - start) / 1000, megabytes };
}

/** The high-water mark of a process's memory; Linux only. */
function peakMegabytes(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1000;
  } catch {
    return undefined;
  }
}

async function runOurs(experiment: string, seed: number): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-bench-"));
  try {
    const { output, ...facts } = await observe(process.execPath, [
      join(root, "bin", "chainrule.js"),
      ...["train", experiment, "--data-dir", dataDir, "--seed", String(seed), "--json", "--quiet"],
      ...["--threads", values.threads, "--out", join(folder, "run")],
      ...(values.epochs === undefined ? [] : ["--epochs", values.epochs]),
    ]);
    const end = JSON.parse(output.trim().split("\n").at(-1)!);
    const { accuracy } = end.test;
    return {
      system: "Chainrule",
      experiment,
      seed,
      accuracy,
      trainingSeconds: end.seconds,
      ...facts,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runPyTorch(python: string, experiment: string, seed: number): Promise<Run> {
  const config = resolveConfig({ ...experiments[experiment], seed });
  const last = config.network.length - 1;
  const input = {
    ...config,
    network: config.network.map((layer, i) => (i === last ? { units: 10, ...layer } : layer)),
    epochs: Number(values.epochs ?? config.epochs),
    threads: Number(values.threads),
    loop: values.loop,
    dataDir,
  };
  const { output, ...facts } = await observe(
    python,
    [join(scripts, "pytorch_mnist.py")],
    JSON.stringify(input),
  );
  const { accuracy, trainingSeconds } = JSON.parse(output);
  return { system: "PyTorch", experiment, seed, accuracy, trainingSeconds, ...facts };
}

function report(runs: readonly Run[]): string {
  const rows = [["experiment", "accuracy", "seconds", "training", "MB", "times as fast"]];
  for (const experiment of new Set(runs.map((run) => run.experiment))) {
    const medianOf = (system: Run["system"]) =>
      median(runs.filter((run) => is(run, system)).map(({ seconds }) => seconds));
    const is = (run: Run, system: string) => run.experiment === experiment && run.system === system;
    for (const system of ["Chainrule", "PyTorch"] as const) {
      const own = runs.filter((run) => is(run, system));
      if (own.length === 0) continue;
      const accuracies = own.map(({ accuracy }) => accuracy);
      const memory = own.flatMap(({ megabytes }) => megabytes ?? []);
      rows.push([
        `${experiment}, ${system}`,
        `${Math.min(...accuracies).toFixed(4)}–${Math.max(...accuracies).toFixed(4)}`,
        shortNumber(medianOf(system)),
        shortNumber(median(own.map(({ trainingSeconds }) => trainingSeconds))),
        memory.length > 0 ? shortNumber(Math.max(...memory)) : "–",
        system === "Chainrule" ? shortNumber(medianOf("PyTorch") / medianOf("Chainrule")) : "",
      ]);
    }
  }
  return alignColumns(rows);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(usage);
    return;
  }
  const chosen = positionals.length > 0 ? positionals : ["mnist-lenet"];
  const installed = values["no-peer"] ? undefined : installPython();
  if (installed?.ok === false) console.error(`PyTorch ${installed.reason}`);
  const runs: Run[] = [];
  for (const seed of values.seeds.split(",").map(Number)) {
    for (const experiment of chosen) {
      const found = [await runOurs(experiment, seed)];
      if (installed?.ok) {
        const python = join(installed.folder, "bin", "python");
        found.push(await runPyTorch(python, experiment, seed));
      }
      runs.push(...found);
      for (const run of found) {
        if (values.json) console.log(JSON.stringify(run));
        else
          console.error(
            `${run.system}, seed ${seed}: ${run.accuracy} in ${run.seconds.toFixed(1)} s`,
          );
      }
    }
  }
  if (values.json) return;
  const { processor, load } = machineFacts();
  console.log(
    `${processor}, ${values.threads} threads, medians of whole processes, load ${load.toFixed(1)}`,
  );
  console.log(report(runs));
}

await main();
