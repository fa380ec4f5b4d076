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
  /** Resolves when the thread takes messages; rejects when it cannot start. */
  started(): Promise<void>;
  /** Whether it takes messages, now or after waiting for some time without leaving the caller. */
  hasStarted(milliseconds: number): boolean;
  end(): void;
}

/** Runs divided programs of one memory on the threads of a team. */
export interface LoadedModules {
  /** Starts a program on all threads but the caller's, which must then run its own part. */
  start(program: string, base: number, times: number): void;
}

/** What code for a team depends on. */
export interface TeamProperties {
  /** How many threads work, the caller's included. */
  readonly size: number;
  /** Whether the caller's thread may sleep while it waits: a page's own must not. */
  readonly maySleep: boolean;
  /** Cycles, roughly, below which a kernel is not divided. */
  readonly divideFrom: number;
}

export interface TeamOptions {
  /** Cycles, roughly, from which a loop nest is divided (default 4000: some ten times what it costs that
   * threads wait for each other). A program is from 75 times as many. */
  readonly divideFrom?: number;
}

/** Milliseconds that a program waits for a thread to start. */
const mostPatience = 30_000;

/** Threads that share the work of large programs with the thread that calls. */
export class ThreadTeam implements TeamProperties {
  readonly size: number;
  readonly maySleep: boolean;
  readonly divideFrom: number;
  readonly #connect: () => ThreadConnection;
  #connections: readonly ThreadConnection[] | undefined;
  readonly #dropped = new FinalizationRegistry<number>((id) =>
    this.#sendAll({ kind: "forget", id }),
  );
  #loaded = 0;
  #hasStarted = false;
  #isClosed = false;

  /** @param connect starts one thread; called when there is work for it, or `started` is */
  constructor(
    size: number,
    connect: () => ThreadConnection,
    { maySleep, divideFrom = 4000 }: TeamOptions & { readonly maySleep: boolean },
  ) {
    if (!Number.isInteger(size) || size < 1) {
      throw new UsageError(`threads: expected a whole number of at least 1, got ${size}.`);
    }
    this.size = size;
    this.#connect = connect;
    this.maySleep = maySleep;
    this.divideFrom = divideFrom;
  }

  /** Resolves when every thread is at work. A program that runs before waits for that, some 50 ms, and fails
   * after 30 s where threads start only while their starter's event loop turns.
   * @throws UsageError when a thread cannot start */
  async started(): Promise<void> {
    await Promise.all(this.#threads().map((one) => one.started()));
    this.#hasStarted = true;
  }

  /** Gives each thread but the caller's its module, until the result is garbage. */
  load(modules: readonly Uint8Array<ArrayBuffer>[], memory: WebAssembly.Memory): LoadedModules {
    const id = this.#loaded++;
    for (const [i, connection] of this.#threads().entries()) {
      const bytes = modules[i];
      connection.send({ kind: "load", id, bytes, memory });
    }
    const loaded: LoadedModules = {
      start: (program, base, times) => {
        // Waiting for a thread that is gone would never end.
        if (this.#isClosed) {
          throw new UsageError(
            `Program "${program}": its threads were closed; close them after the last run.`,
          );
        }
        this.#expectStarted(program);
        this.#sendAll({ kind: "run", id, program, base, times });
      },
    };
    this.#dropped.register(loaded, id);
    return loaded;
  }

  /** Ends the threads: large programs of backends that were made with them cannot run any more. */
  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections ?? []) connection.end();
  }

  #threads(): readonly ThreadConnection[] {
    this.#connections ??= Array.from({ length: this.size - 1 }, this.#connect);
    return this.#connections;
  }

  #expectStarted(program: string): void {
    this.#hasStarted ||= this.#threads().every((one) => one.hasStarted(mostPatience));
    if (this.#hasStarted) return;
    throw new UsageError(
      `Program "${program}": its threads did not start within ${mostPatience / 1000} s while it waited for ` +
        "them; await threads.started() before the first run.",
    );
  }

  #sendAll(message: ThreadMessage): void {
    if (this.#isClosed) return;
    for (const connection of this.#threads()) connection.send(message);
  }
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
  const team = new ThreadTeam(size, () => connect(start()), { ...options, maySleep: false });
  await team.started();
  return team;
}

/** What a page and its worker say to each other first. Until the worker has answered, its page may have to
 * take part in passing messages on, which it cannot while it waits. */
export const greeting = "hello";

function connect(worker: Worker): ThreadConnection {
  let isStarted = false;
  const started = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => {
      isStarted = true;
      resolve();
    };
    worker.onerror = ({ message }) => {
      reject(new UsageError(`startWebThreads: a worker did not start: ${message}.`));
    };
  });
  worker.postMessage(greeting);
  return {
    send: (message) => worker.postMessage(message),
    started: () => started,
    hasStarted: () => isStarted,
    end: () => worker.terminate(),
  };
}
