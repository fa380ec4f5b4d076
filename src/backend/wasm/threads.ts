/** Teams: threads that run parts of programs beside the one that calls. */

import type { Kernel } from "../../compile/index.ts";
import { InternalError, UsageError } from "../../util/index.ts";
import type { FunctionBuilder, ModuleBuilder } from "./assembler/index.ts";
import { type BarrierImports, barrierBytes, emitBarrier } from "./barrier.ts";
import { divideProgram } from "./divide.ts";
import type { ArrangeOptions } from "./loops.ts";
import type { RunProgram } from "./runProgram.ts";
import { Stillness } from "./stillness.ts";
import type { Phase } from "./tasks.ts";
import { TeamStatus } from "./teamStatus.ts";
import type { ThreadMessage } from "./threadBody.ts";

/** The part of a thread, of Node.js or of a page, that a team needs. */
export interface ThreadConnection {
  send(message: ThreadMessage): void;
  /** Resolves when the thread takes messages; rejects when it cannot start. */
  started(): Promise<void>;
  end(): void;
}

/** Runs divided programs of one memory on the threads of a team. */
export interface LoadedModules {
  /** What the caller's own module imports beside the memory. */
  readonly imports: BarrierImports;
  /** Starts a program on all threads but the caller's, which must then run its own part. */
  start(program: string, base: number, times: number): void;
  /** Runs a program on all threads: `part` is the caller's.
   * @throws InternalError when a thread fails, or is held to be lost; the team is of no use from then on */
  run(program: string, base: number, times: number, part: RunProgram): void;
}

/** What code for a team needs to know, and how it comes to be: who has no threads does not load that. */
export interface TeamProperties {
  /** How many threads work, the caller's included; at least 2. */
  readonly size: number;
  /** The phases of a program; a single one, all of it on the first thread, where threads would not pay. */
  divideProgram(kernels: readonly Kernel[], options: ArrangeOptions): Phase[];
  /** The barrier of a thread, from 0, with counts at an address. */
  emitBarrier(
    module: ModuleBuilder,
    thread: number,
    address: number,
  ): FunctionBuilder<readonly [], readonly []>;
}

export interface TeamOptions {
  /** Cycles, roughly, from which a loop nest is divided (default 4000: some ten times what it costs that
   * threads wait for each other). A program is from 75 times as many. */
  readonly divideFrom?: number;
  /** Milliseconds without any progress after which a thread that works is held to be lost (default 120 000,
   * far more than a kernel takes). One that does not start has 30 s of them at most, an idle one that does not
   * take its next message 10 s. */
  readonly patience?: number;
}

/** Milliseconds of patience with a thread that starts, and with one that has nothing else to do. */
const mostForStart = 30_000;
const mostForMessage = 10_000;

interface Workers {
  readonly status: TeamStatus;
  readonly connections: readonly ThreadConnection[];
}

/** Threads that share the work of large programs with the thread that calls. */
export class ThreadTeam implements TeamProperties {
  readonly size: number;
  readonly #maySleep: boolean;
  readonly #divideFrom: number;
  readonly #patience: number;
  readonly #connect: (thread: number, status: TeamStatus) => ThreadConnection;
  #workers: Workers | undefined;
  readonly #stillness = new Stillness();
  readonly #dropped = new FinalizationRegistry<number>((id) =>
    this.#sendAll({ kind: "forget", id }),
  );
  #loaded = 0;
  #hasStarted = false;
  #isClosed = false;

  /** @param connect starts one thread, given its place from 1 on and where it tells how it fares; called when
   *   there is work for it, or `started` is */
  constructor(
    size: number,
    connect: (thread: number, status: TeamStatus) => ThreadConnection,
    {
      maySleep,
      divideFrom = 4000,
      patience = 120_000,
    }: TeamOptions & { readonly maySleep: boolean },
  ) {
    if (!Number.isInteger(size) || size < 1) {
      throw new UsageError(`threads: expected a whole number of at least 1, got ${size}.`);
    }
    if (!(patience > 0)) {
      throw new UsageError(`threads: expected a patience of more than 0 ms, got ${patience}.`);
    }
    this.size = size;
    this.#connect = connect;
    this.#maySleep = maySleep;
    this.#divideFrom = divideFrom;
    this.#patience = patience;
  }

  /** All that the code for the team depends on. */
  get settings(): string {
    return `${this.size} ${this.#maySleep} ${this.#divideFrom}`;
  }

  /** Bytes that the counts of barriers take; zeros at first. */
  get counterBytes(): number {
    return barrierBytes(this.size);
  }

  divideProgram(kernels: readonly Kernel[], options: ArrangeOptions): Phase[] {
    return divideProgram(kernels, { ...options, threads: this.size, divideFrom: this.#divideFrom });
  }

  emitBarrier(module: ModuleBuilder, thread: number, address: number) {
    // Only the caller's thread may be one that must not sleep: a page's own.
    const maySleep = thread > 0 || this.#maySleep;
    return emitBarrier({ module, thread, threads: this.size, address, maySleep });
  }

  /** Resolves when every thread is at work. A program that runs before waits for that, some 50 ms, and fails
   * after 30 s where threads start only while their starter's event loop turns.
   * @throws UsageError when a thread cannot start, or does not within 30 s */
  async started(): Promise<void> {
    if (this.size === 1) return;
    const { connections } = this.#start();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      const message =
        `threads: expected them to start within ${this.#limitForStart / 1000} s, but they do not answer; ` +
        "see that their file is that of chainrule/backend/thread.";
      timer = setTimeout(() => reject(new UsageError(message)), this.#limitForStart);
    });
    try {
      await Promise.race([Promise.all(connections.map((one) => one.started())), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives each thread but the caller's its module, until the result is garbage. */
  load(modules: readonly Uint8Array<ArrayBuffer>[], memory: WebAssembly.Memory): LoadedModules {
    const id = this.#loaded++;
    for (const [i, bytes] of modules.entries()) this.#send(i, { kind: "load", id, bytes, memory });
    const loaded: LoadedModules = {
      imports: { waiting: (thread, barriers) => this.#expectProgress(thread, barriers) },
      start: (program, base, times) => {
        this.#expectAtWork(program);
        this.#sendAll({ kind: "run", id, program, base, times });
      },
      run: (program, base, times, part) => {
        loaded.start(program, base, times);
        try {
          part(base, times);
        } catch (cause) {
          this.#start().status.fail(`the caller's own failed to run a program: ${cause}`);
          throw this.#lost(program, cause);
        }
      },
    };
    this.#dropped.register(loaded, id);
    return loaded;
  }

  /** Ends the threads: large programs of backends that were made with them cannot run any more. */
  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  #start(): Workers {
    if (this.#workers === undefined) {
      const status = new TeamStatus(this.size);
      const connections = Array.from({ length: this.size - 1 }, (_, i) =>
        this.#connect(i + 1, status),
      );
      this.#workers = { status, connections };
    }
    return this.#workers;
  }

  #end(): void {
    for (const connection of this.#workers?.connections ?? []) connection.end();
  }

  /** Waiting for a thread that is gone would never end. */
  #expectAtWork(program: string): void {
    if (this.#isClosed) {
      throw new UsageError(
        `Program "${program}": its threads were closed; close them after the last run.`,
      );
    }
    const { status, connections } = this.#start();
    if (status.failure !== undefined) throw this.#lost(program);
    this.#hasStarted ||= connections.every((_, i) => {
      if (this.#maySleep) status.awaitStart(i + 1, this.#limitForStart);
      return status.turnsOf(i + 1) !== 0;
    });
    if (this.#hasStarted) return;
    throw new UsageError(
      `Program "${program}": its threads did not start within ${this.#limitForStart / 1000} s while it waited ` +
        "for them; await threads.started() before the first run.",
    );
  }

  /** What the caller's thread does now and then while it waits at a barrier. */
  #expectProgress(thread: number, barriers: number): void {
    const { status } = this.#start();
    const turns = status.turnsOf(thread);
    const isIdle = turns % 2 !== 0;
    const limit = isIdle ? Math.min(this.#patience, mostForMessage) : this.#patience;
    if (this.#stillness.look({ thread, barriers, turns }) > limit) {
      const what = isIdle ? "took no message" : "made no progress";
      status.fail(`thread ${thread} ${what} for ${limit / 1000} s`);
    }
    if (status.failure !== undefined) throw new InternalError(status.failure);
  }

  get #limitForStart(): number {
    return Math.min(this.#patience, mostForStart);
  }

  /** Ends what is left of a team that failed. */
  #lost(program: string, cause?: unknown): InternalError {
    this.#end();
    const reason = this.#start().status.failure ?? String(cause);
    return new InternalError(
      `Program "${program}": expected ${this.size} threads at work, but ${reason}. What they computed is lost: ` +
        "start others and make a backend with them, or use one thread.",
      { cause },
    );
  }

  #sendAll(message: ThreadMessage): void {
    for (let i = 0; i < this.size - 1; i++) this.#send(i, message);
  }

  #send(i: number, message: ThreadMessage): void {
    if (!this.#isClosed) this.#start().connections[i].send(message);
  }
}
