/** The backend of an experiment, on all that this machine has. */

import { availableParallelism } from "node:os";
import { cachedTiles, codeCache, startThreads } from "../../backend/index.node.ts";
import { type Backend, printing } from "../../backend/index.ts";
import { backendOf, type ResolvedConfig } from "../../config/index.ts";
import { cacheFolder } from "../../data/images/folders.node.ts";

/** More threads wait for each other longer than they help with steps of the usual size. */
const mostThreads = 8;

/** The backend that an experiment asks for. Its threads start when a step is large enough for them; the first
 * on a machine's engine takes some 0.1 s to measure which register tiles suit it, in either mode; code is kept for
 * later commands. With `CHAINRULE_TRACE=1` it prints every pass. */
export function backendHere(config: ResolvedConfig): Backend {
  const { backend, threads } = config;
  const size = threads === "auto" ? Math.min(availableParallelism(), mostThreads) : threads;
  const tiles = backend === "wasm" ? cachedTiles(cacheFolder()) : undefined;
  const code = codeCache(cacheFolder());
  const trace = process.env.CHAINRULE_TRACE ? printing(console.error) : undefined;
  return backendOf(config, { threads: startThreads(size), tiles, code, trace });
}
