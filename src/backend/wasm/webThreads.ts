/** Threads of a page: Web Workers that run parts of programs. */

import { UsageError } from "../../util/index.ts";
import type { TeamStatus } from "./teamStatus.ts";
import { type TeamOptions, type ThreadConnection, ThreadTeam } from "./threads.ts";

/** Threads of a page, which must be cross-origin isolated. Results do not depend on their number.
 *
 * @param size how many threads work, the caller's included
 * @param start starts a Web Worker that runs `chainrule/backend/thread`, in the words that your bundler knows
 * @throws UsageError where memory cannot be shared, when a worker does not start, or for a size that is no whole
 *   number of at least 1
 * @example
 * const threads = await startWebThreads(navigator.hardwareConcurrency, () =>
 *   new Worker(new URL("chainrule/backend/thread", import.meta.url), { type: "module" }));
 * const backend = wasmBackend({ threads });
 */
export async function startWebThreads(
  size: number,
  start: () => Worker,
  options: TeamOptions = {},
): Promise<ThreadTeam> {
  if (size > 1 && typeof SharedArrayBuffer === "undefined") {
    throw new UsageError(
      "startWebThreads: expected a page that may share memory, got one that is not cross-origin isolated; " +
        "serve it with Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp, or train on one thread.",
    );
  }
  const begin = (thread: number, status: TeamStatus) => connect(start(), thread, status);
  const team = new ThreadTeam(size, begin, { ...options, maySleep: false });
  try {
    await team.started();
  } catch (error) {
    team.close();
    throw error;
  }
  return team;
}

/** What a page tells its worker first. Until the worker has answered, its page may have to take part in passing
 * messages on, which it cannot while it waits. */
export interface Greeting {
  readonly kind: "greet";
  readonly thread: number;
  readonly shared: SharedArrayBuffer;
}

function connect(worker: Worker, thread: number, status: TeamStatus): ThreadConnection {
  const started = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = ({ message }) => {
      status.fail(`thread ${thread} failed: ${message}`);
      reject(new UsageError(`startWebThreads: a worker did not start: ${message}.`));
    };
  });
  // Who does not ask is told at the first run.
  started.catch(() => {});
  const { shared } = status;
  worker.postMessage({ kind: "greet", thread, shared } satisfies Greeting);
  return {
    send: (message) => worker.postMessage(message),
    started: () => started,
    end: () => worker.terminate(),
  };
}
