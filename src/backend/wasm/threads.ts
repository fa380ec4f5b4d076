/** Threads that run parts of programs beside the one that calls: what they are told, and what they do. */

import { UsageError } from "../../util/index.ts";
import { type RunProgram, runName } from "./runProgram.ts";

/** What a thread is told, in order. */
export type ThreadMessage =
  | {
      readonly kind: "load";
      /** By which later messages name the module. */
      readonly id: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly memory: WebAssembly.Memory;
    }
  | {
      readonly kind: "run";
      readonly id: number;
      readonly program: string;
      readonly base: number;
      readonly times: number;
    }
  | { readonly kind: "forget"; readonly id: number };

/** What a thread of a team does with its messages. */
export function threadBody(): (message: ThreadMessage) => void {
  const loaded = new Map<number, WebAssembly.Exports>();
  return (message) => {
    const { kind, id } = message;
    if (kind === "load") {
      const { bytes, memory } = message;
      const module = new WebAssembly.Module(bytes);
      loaded.set(id, new WebAssembly.Instance(module, { env: { memory } }).exports);
    } else if (kind === "run") {
      const run = loaded.get(id)?.[runName(message.program)] as RunProgram;
      run(message.base, message.times);
    } else {
      loaded.delete(id);
    }
  };
}

/** The part of a thread, of Node.js or of a page, that a team needs. */
export interface ThreadConnection {
  send(message: ThreadMessage): void;
  end(): void;
}

/** Runs divided programs of one memory on the threads of a team. */
export interface LoadedModules {
  /** Starts a program on all threads but the caller's, which must then run its own part. */
  start(program: string, base: number, times: number): void;
}

/** Threads that share the work of large programs with the thread that calls. */
export class ThreadTeam {
  /** Whether the caller's thread may sleep while it waits: a page's own must not. */
  readonly maySleep: boolean;
  readonly #connections: readonly ThreadConnection[];
  readonly #dropped = new FinalizationRegistry<number>((id) =>
    this.#sendAll({ kind: "forget", id }),
  );
  #loaded = 0;
  #isClosed = false;

  constructor(connections: readonly ThreadConnection[], { maySleep }: { maySleep: boolean }) {
    this.#connections = connections;
    this.maySleep = maySleep;
  }

  /** How many threads work, the caller's included. */
  get size(): number {
    return this.#connections.length + 1;
  }

  /** Gives each thread but the caller's its module, until the result is garbage. */
  load(modules: readonly Uint8Array<ArrayBuffer>[], memory: WebAssembly.Memory): LoadedModules {
    const id = this.#loaded++;
    for (const [i, bytes] of modules.entries()) {
      this.#connections[i].send({ kind: "load", id, bytes, memory });
    }
    const loaded: LoadedModules = {
      start: (program, base, times) => {
        // Waiting for a thread that is gone would never end.
        if (this.#isClosed) {
          throw new UsageError(
            `Program "${program}": its threads were closed; close them after the last run.`,
          );
        }
        this.#sendAll({ kind: "run", id, program, base, times });
      },
    };
    this.#dropped.register(loaded, id);
    return loaded;
  }

  /** Ends the threads: large programs of backends that were made with them cannot run any more. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.end();
  }

  #sendAll(message: ThreadMessage): void {
    if (this.#isClosed) return;
    for (const connection of this.#connections) connection.send(message);
  }
}

/** @throws UsageError unless `size` is a whole number of at least 1 */
export function expectTeamSize(size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  throw new UsageError(`threads: expected a whole number of at least 1, got ${size}.`);
}

/** Threads of a page, which must be cross-origin isolated. Results do not depend on their number.
 *
 * @param size how many threads work, the caller's included
 * @param start starts a Web Worker that runs `chainrule/backend/thread`, in the words that your bundler knows
 * @throws UsageError where memory cannot be shared, or for a size that is no whole number of at least 1
 * @example
 * const threads = await startWebThreads(navigator.hardwareConcurrency, () =>
 *   new Worker(new URL("chainrule/backend/thread", import.meta.url), { type: "module" }));
 * const backend = wasmBackend({ threads });
 */
export async function startWebThreads(size: number, start: () => Worker): Promise<ThreadTeam> {
  expectTeamSize(size);
  if (size > 1 && typeof SharedArrayBuffer === "undefined") {
    throw new UsageError(
      "startWebThreads: expected a page that may share memory, got one that is not cross-origin isolated; " +
        "serve it with Cross-Origin-Opener-Policy: same-origin and " +
        "Cross-Origin-Embedder-Policy: require-corp, or train on one thread.",
    );
  }
  const workers = Array.from({ length: size - 1 }, start);
  await Promise.all(workers.map(hasStarted));
  const connections = workers.map((worker) => ({
    send: (message: ThreadMessage) => worker.postMessage(message),
    end: () => worker.terminate(),
  }));
  return new ThreadTeam(connections, { maySleep: false });
}

/** A page that waits for a thread would keep its worker from starting: so it must have started before. */
function hasStarted(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = ({ message }) => {
      reject(new UsageError(`startWebThreads: a worker did not start: ${message}.`));
    };
  });
}
