/** `chainrule doctor`: whether this machine has what Chainrule needs, proved by a small training. */

import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { type Backend, referenceBackend, wasmBackend } from "../../backend/index.ts";
import { detectFeatures } from "../../backend/wasm/assembler/index.ts";
import { cacheFolder } from "../../data/images/folders.node.ts";
import { datasets } from "../../data/index.ts";
import { layers, type Network, network } from "../../nn/index.ts";
import { train } from "../../train/index.ts";
import { describeEnvironment } from "../environment.ts";
import { exitCodes } from "../output/errors.ts";
import { textFacts } from "../output/table.ts";
import { Terminal } from "../output/terminal.ts";
import { addOutputOptions, type CommandContext, withExamples } from "./shared.ts";

/** One thing that must hold, or is good to have. */
interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Without it nothing is broken. */
  readonly isOptional?: boolean;
}

export function doctorCommand(context: CommandContext): Command {
  const command = context
    .command("doctor")
    .summary("check this machine")
    .description("Checks Node.js, WebAssembly, the folders, and the backends by a small training.");
  addOutputOptions(command);
  withExamples(command, [["chainrule doctor", "exit code 1 when something needed is missing"]]);
  return command.action(async (flags: { readonly json?: boolean }) => {
    const terminal = new Terminal(flags);
    const checks = [...engineChecks(), ...folderChecks(), ...(await trainingChecks())];
    const isWell = checks.every(({ ok, isOptional }) => ok || isOptional);
    const environment = describeEnvironment();
    if (terminal.isJson) terminal.json({ ok: isWell, environment, checks });
    else print(Object.entries(environment), checks, terminal);
    context.exitWith(isWell ? exitCodes.done : exitCodes.failed);
  });
}

function print(
  environment: readonly (readonly [string, string])[],
  checks: readonly Check[],
  terminal: Terminal,
): void {
  terminal.data(`${textFacts(environment)}\n`);
  const mark = ({ ok, isOptional }: Check) => {
    if (ok) return terminal.paint("green", "ok     ");
    return isOptional ? terminal.paint("yellow", "missing") : terminal.paint("red", "FAILED ");
  };
  for (const check of checks) terminal.data(`${mark(check)}  ${check.name}: ${check.detail}`);
}

function engineChecks(): Check[] {
  const { simd, relaxedSimd, threads } = detectFeatures();
  const has = (ok: boolean) => (ok ? "yes" : "no");
  return [
    { name: "WebAssembly SIMD", ok: simd, detail: has(simd) },
    {
      name: "relaxed SIMD (for --mode fast)",
      ok: relaxedSimd,
      detail: has(relaxedSimd),
      isOptional: true,
    },
    { name: "WebAssembly threads", ok: threads, detail: has(threads), isOptional: true },
  ];
}

function folderChecks(): Check[] {
  const data = process.env.CHAINRULE_DATA_DIR;
  const runs = writable(resolve("runs"));
  const cache = cacheFolder();
  const isKept = writable(cache);
  return [
    {
      name: "folder for runs",
      ok: runs,
      detail: `${resolve("runs")}${runs ? "" : " is not writable; use --out"}`,
    },
    {
      name: "cache for compiled steps, measured tiles and fetched data",
      ok: isKept,
      detail: `${cache}${isKept ? "" : " is not writable; set CHAINRULE_CACHE_DIR"}`,
      isOptional: true,
    },
    ...(data === undefined
      ? []
      : [{ name: "CHAINRULE_DATA_DIR", ok: existsSync(data), detail: data, isOptional: true }]),
  ];
}

/** Whether a folder can be written, or made. */
function writable(folder: string): boolean {
  let path = folder;
  while (!existsSync(path)) path = dirname(path);
  try {
    accessSync(path, constants.W_OK);
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Largest relative difference of weights after five steps of float32: rounding of about 1e-7 a step, and
 * room for the order of sums. */
const tolerance = 1e-5;

async function trainingChecks(): Promise<Check[]> {
  const reference = await trainedWith(referenceBackend());
  const compare = async (mode: "strict" | "fast"): Promise<Check> => {
    const name = `five steps of training, wasm ${mode} against the reference`;
    try {
      const difference = largestDifference(reference, await trainedWith(wasmBackend({ mode })));
      const ok = difference <= tolerance;
      return { name, ok, detail: `largest difference ${difference.toExponential(1)}` };
    } catch (error) {
      return { name, ok: false, detail: (error as Error).message };
    }
  };
  return [await compare("strict"), await compare("fast")];
}

async function trainedWith(backend: Backend): Promise<Network> {
  const net = network({
    input: [4],
    layers: [layers.linear(8), layers.tanh(), layers.linear(3)],
    seed: 1,
  });
  await train(net, datasets.iris(), { backend, epochs: 1, batchSize: 32 });
  return net;
}

/** Of all weights, relative to the largest of their parameter. */
function largestDifference(a: Network, b: Network): number {
  let largest = 0;
  for (const [path, values] of a.weights) {
    const others = b.weights.get(path)!;
    const scale = Math.max(1e-6, ...Array.from(values, Math.abs));
    values.forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - others[i]) / scale);
    });
  }
  return largest;
}
