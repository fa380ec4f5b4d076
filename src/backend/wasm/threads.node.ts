/** Worker threads of Node.js that run parts of programs. */

import { Worker } from "node:worker_threads";
import {
  expectTeamSize,
  type ThreadConnection,
  type ThreadMessage,
  ThreadTeam,
} from "./threads.ts";

/** Threads for a backend. Results do not depend on their number.
 *
 * The threads do not keep the process alive.
 *
 * @param size how many threads work, the caller's included; `availableParallelism()` of node:os is the most
 *   that helps
 * @throws UsageError for a size that is no whole number of at least 1
 * @example
 * const backend = wasmBackend({ threads: startThreads(2) });
 * await train(net, data, { backend });
 */
export function startThreads(size: number): ThreadTeam {
  expectTeamSize(size);
  return new ThreadTeam(Array.from({ length: size - 1 }, connect), { maySleep: true });
}

function connect(): ThreadConnection {
  // The compiled package has .js files where the sources have .ts ones.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  // Options of the process, such as --input-type, are not for the worker's file.
  const worker = new Worker(new URL(`./thread.node.${ending}`, import.meta.url), { execArgv: [] });
  worker.unref();
  return {
    send: (message: ThreadMessage) => worker.postMessage(message),
    end: () => {
      worker.terminate();
    },
  };
}
