/** The peers: how each is started, on how many threads it can run, and with which element types. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { FloatDType } from "../../src/ir/index.ts";
import type { System } from "../measurement.ts";
import { cacheFolder, type Installed, scripts } from "./environment.ts";

export interface Peer {
  readonly system: System;
  /** How the system runs its steps. */
  readonly mode: string;
  readonly language: "python" | "javascript";
  /** The program in scripts/bench-peers and its arguments. */
  readonly program: readonly string[];
  readonly dtypes: readonly FloatDType[];
  /** Whether it can use more than one thread. */
  readonly threaded: boolean;
}

const both: readonly FloatDType[] = ["float32", "float64"];
const single: readonly FloatDType[] = ["float32"];

const python = (system: System, mode: string, ...program: string[]): Peer => ({
  system,
  mode,
  language: "python",
  program,
  dtypes: both,
  threaded: true,
});

const javascript = (system: System, ...program: string[]): Peer => ({
  system,
  mode: "eager",
  language: "javascript",
  program,
  dtypes: single,
  threaded: false,
});

export const peers: readonly Peer[] = [
  python("pytorch", "eager", "pytorch_peer.py", "eager"),
  python("pytorch", "eager, fused Adam", "pytorch_peer.py", "fused"),
  python("pytorch", "compile", "pytorch_peer.py", "compile"),
  python("scikit-learn", "fit", "sklearn_peer.py"),
  python("jax", "jit, scan", "jax_peer.py"),
  javascript("tfjs-cpu", "tfjs.mjs", "cpu"),
  javascript("tfjs-wasm", "tfjs.mjs", "wasm"),
  { ...javascript("jax-js", "jax-js.mjs"), mode: "jit" },
  javascript("toygrad", "toygrad.mjs"),
];

/** The command that starts a peer, and its environment. */
export function commandOf(
  peer: Peer,
  { folder }: Extract<Installed, { ok: true }>,
  threads: number,
): { readonly command: string; readonly args: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const [file, ...rest] = peer.program;
  if (peer.language === "javascript") {
    return { command: process.execPath, args: [join(folder, file), ...rest], env: process.env };
  }
  // What torch.compile has compiled is kept for the next run: no row counts the time it takes.
  const compiled = join(cacheFolder(), "inductor");
  const env: NodeJS.ProcessEnv = { ...process.env, TORCHINDUCTOR_CACHE_DIR: compiled };
  // Set on some machines for old builds; they keep a current one from its best kernels.
  delete env.OPENBLAS_CORETYPE;
  delete env.OPENBLAS_L2_SIZE;
  for (const name of ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"]) {
    env[name] = String(threads);
  }
  const pin = peer.system === "jax" && process.platform === "linux" ? pinned(threads) : [];
  const [command, ...args] = [...pin, join(folder, "bin", "python"), join(scripts, file), ...rest];
  return { command, args, env };
}

/** JAX takes its number of threads from the processors it may use: the last ones, for the first is the one
 * that serves interrupts. */
function pinned(threads: number): string[] {
  const last = availableParallelism() - 1;
  return ["taskset", "-c", `${Math.max(0, last - threads + 1)}-${last}`];
}
