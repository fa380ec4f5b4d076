/** Worker threads of Node.js that run parts of programs. */

import { Worker } from "node:worker_threads";
import { UsageError } from "../../util/index.ts";
import {
  type TeamOptions,
  type ThreadConnection,
  type ThreadMessage,
  ThreadTeam,
} from "./threads.ts";

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

function connect(): ThreadConnection {
  // The compiled package has .js files where the sources have .ts ones.
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  /** 1 from when the thread takes messages. */
  const state = new Int32Array(new SharedArrayBuffer(4));
  // Options of the process, such as --input-type, are not for the worker's file.
  const worker = new Worker(new URL(`./thread.node.${ending}`, import.meta.url), {
    execArgv: [],
    workerData: state,
  });
  worker.unref();
  const started = new Promise<void>((resolve, reject) => {
    worker.once("message", () => {
      worker.unref();
      resolve();
    });
    worker.once("error", (cause) => {
      reject(new UsageError(`startThreads: a thread did not start: ${cause.message}`, { cause }));
    });
  });
  // Who does not ask is told at the first run.
  started.catch(() => {});
  return {
    send: (message: ThreadMessage) => worker.postMessage(message),
    started: () => {
      if (Atomics.load(state, 0) === 0) worker.ref();
      return started;
    },
    hasStarted: (milliseconds) => {
      Atomics.wait(state, 0, 0, milliseconds);
      return Atomics.load(state, 0) === 1;
    },
    end: () => {
      worker.terminate();
    },
  };
}
