/** Worker threads of Node.js that run parts of programs. */

import { Worker } from "node:worker_threads";
import { UsageError } from "../../util/index.ts";
import type { TeamStatus } from "./teamStatus.ts";
import { type TeamOptions, type ThreadConnection, ThreadTeam } from "./threads.ts";

/** Threads for a backend. Results do not depend on their number.
 *
 * They start when a program is large enough for them, and do not keep the process alive.
 *
 * @param size how many threads work, the caller's included; `availableParallelism()` of node:os is the most
 *   that helps
 * @throws UsageError for a size that is no whole number of at least 1
 * @example
 * const backend = wasmBackend({ threads: startThreads(2) });
 * await train(net, data, { backend });
 */
export function startThreads(size: number, options: TeamOptions = {}): ThreadTeam {
  return new ThreadTeam(size, connect, { ...options, maySleep: true });
}

/** What a thread is given at its start. */
export interface ThreadData {
  readonly thread: number;
  readonly shared: SharedArrayBuffer;
}

function connect(thread: number, status: TeamStatus): ThreadConnection {
  // The compiled package has .js files where the sources have .ts ones.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  // Options of the process, such as --input-type, are not for the worker's file.
  const worker = new Worker(new URL(`./thread.node.${ending}`, import.meta.url), {
    execArgv: [],
    workerData: { thread, shared: status.shared } satisfies ThreadData,
  });
  worker.unref();
  let isStarting = true;
  const started = new Promise<void>((resolve, reject) => {
    worker.once("message", () => {
      isStarting = false;
      worker.unref();
      resolve();
    });
    const fail = (what: string, cause?: Error) => {
      status.fail(`thread ${thread} ${what}`);
      reject(new UsageError(`startThreads: a thread did not start: it ${what}`, { cause }));
    };
    worker.once("error", (cause) => fail(`failed: ${cause.message}`, cause));
    worker.once("exit", (code) => fail(`ended with exit code ${code}`));
  });
  // Who does not ask is told at the first run.
  started.catch(() => {});
  return {
    send: (message) => worker.postMessage(message),
    started: () => {
      if (isStarting) worker.ref();
      return started;
    },
    end: () => {
      worker.terminate();
    },
  };
}
