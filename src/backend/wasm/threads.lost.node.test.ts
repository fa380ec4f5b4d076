/** Threads that fail, end or stand still: whoever waits for them is told within a bounded time. */

import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { build } from "../../ir/index.ts";
import type { Executable } from "../interface.ts";
import { call, FunctionBuilder, i32, ModuleBuilder, unreachable } from "./assembler/index.ts";
import { emitBarrier } from "./barrier.ts";
import { wasmBackend } from "./index.ts";
import { MemoryPool, memoryLimits } from "./memoryPool.ts";
import { type RunProgram, runName } from "./runProgram.ts";
import { startThreads } from "./threads.node.ts";
import type { TeamOptions, ThreadTeam } from "./threads.ts";

/** The workers of the team under test, as anyone in the process can see and end them. */
let workers: Worker[] = [];
const remember = (worker: Worker) => workers.push(worker);
const teams: ThreadTeam[] = [];

beforeEach(() => {
  workers = [];
  process.on("worker", remember);
});
afterEach(() => {
  process.off("worker", remember);
  for (const team of teams.splice(0)) team.close();
});

async function startTeam(size: number, options: TeamOptions = {}): Promise<ThreadTeam> {
  const team = startThreads(size, { divideFrom: 0, ...options });
  teams.push(team);
  await team.started();
  return team;
}

/** A program of any backend, divided. */
function squareOn(threads: ThreadTeam): Executable {
  const x = build.input("x", [64, 64], "float32");
  const executable = wasmBackend({ threads }).compile([
    { name: "square", outputs: [build.matmul(x, x)] },
  ]);
  executable.write(x, new Float32Array(64 * 64).fill(1));
  return executable;
}

const exited = (worker: Worker) => new Promise((resolve) => worker.once("exit", resolve));

describe("a backend's program", () => {
  test("names a module that a thread could not load, at every run from then on", async () => {
    const threads = await startTeam(2);
    const executable = squareOn(threads);
    executable.run("square", 3);
    threads.load([Uint8Array.of(1, 2, 3, 4)], new MemoryPool({ shared: true }).memory);
    const message =
      /^Program "square": expected 2 threads at work, but thread 1 failed to load a program: CompileError: .*\. What they computed is lost: start others and make a backend with them, or use one thread\.$/;
    expect(() => executable.run("square")).toThrow(message);
    expect(() => executable.run("square")).toThrow(message);
    expect(() => squareOn(threads).run("square")).toThrow(message);
    executable.dispose();
    squareOn(await startTeam(2)).run("square", 3);
  });

  test("names a thread that ended before", async () => {
    const executable = squareOn(await startTeam(2));
    executable.run("square");
    await workers[0].terminate();
    expect(() => executable.run("square")).toThrow(
      'Program "square": expected 2 threads at work, but thread 1 ended with exit code 1. ',
    );
    executable.dispose();
  });

  test("is told by a thread that ends for a reason of its own, while it waits", async () => {
    const executable = squareOn(await startTeam(2));
    executable.run("square");
    workers[0].postMessage(null);
    expect(() => executable.run("square")).toThrow(
      'Program "square": expected 2 threads at work, but thread 1 ended with exit code 1. ',
    );
  });

  test.each([2, 3])("of %i threads does not wait for one that is ended meanwhile", async (size) => {
    const executable = squareOn(await startTeam(size, { patience: 3000 }));
    executable.run("square");
    // Its end is told by the event loop, which does not turn until the run is over.
    workers[0].terminate();
    expect(() => executable.run("square")).toThrow(
      /^Program "square": expected [23] threads at work, but thread 1 (took no message|made no progress) for 3 s\. /,
    );
    expect(() => executable.run("square")).toThrow("expected");
  });
});

/** A thread's part of a program "test": does something so often as the program is to run, and meets the others
 * each time. */
function partOf(
  thread: number,
  threads: number,
  act: (f: FunctionBuilder<readonly ["i32", "i32"]>) => void,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory("env", "memory", memoryLimits(true));
  const barrier = module.helper("barrier", () =>
    emitBarrier({ module, thread, threads, address: 64, maySleep: true }),
  );
  const run = new FunctionBuilder({ params: ["i32", "i32"], results: [] });
  const times = run.param(1);
  run.loop((again) => {
    act(run);
    run.emit(call(barrier));
    run.brIf(again, run.tee(times, i32.sub(times, i32.const(1))));
  });
  module.addFunction(run, { export: runName("test") });
  return module.build();
}

type Act = Parameters<typeof partOf>[2];

const nothing: Act = () => {};
const trap: Act = (f) => f.emit(unreachable());
const stay: Act = (f) => f.loop((again) => f.br(again));

/** Runs a program of which each thread, the caller first, does what is given. */
function runOn(threads: ThreadTeam, acts: readonly Act[], times = 1): void {
  const { memory } = new MemoryPool({ shared: true });
  const [own, ...others] = acts.map((act, i) => partOf(i, acts.length, act));
  const loaded = threads.load(others, memory);
  const module = new WebAssembly.Module(own);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, ...loaded.imports } });
  loaded.run("test", 0, times, exports[runName("test")] as RunProgram);
}

describe("a part", () => {
  test.each([
    { acts: [nothing, trap], who: "thread 1" },
    { acts: [nothing, nothing, trap], who: "thread 2" },
    { acts: [nothing, trap, nothing], who: "thread 1" },
    { acts: [trap, nothing], who: "the caller's own" },
    { acts: [trap, nothing, nothing], who: "the caller's own" },
  ])("that traps ends the program on all threads: $who of $acts.length", async ({ acts, who }) => {
    const threads = await startTeam(acts.length);
    runOn(
      threads,
      acts.map(() => nothing),
      100,
    );
    const message = `Program "test": expected ${acts.length} threads at work, but ${who} failed to run a program: RuntimeError: unreachable. `;
    expect(() => runOn(threads, acts)).toThrow(message);
    await Promise.all(workers.map(exited));
    expect(() => runOn(threads, acts)).toThrow(message);
  });

  test("that does not end is given up, and its thread with it", async () => {
    const threads = await startTeam(2, { patience: 3000 });
    expect(() => runOn(threads, [nothing, stay])).toThrow(
      'Program "test": expected 2 threads at work, but thread 1 made no progress for 3 s. ',
    );
    await exited(workers[0]);
  });

  test("may be slow: patience begins anew at every barrier", async () => {
    const slow: Act = (f) => {
      const left = f.hold(i32.const(50_000_000));
      f.loop((again) => f.brIf(again, f.tee(left, i32.sub(left, i32.const(1)))));
    };
    const threads = await startTeam(2, { patience: 3000 });
    const start = performance.now();
    while (performance.now() - start < 4000) runOn(threads, [nothing, slow], 20);
  });
});

test("a thread that ends before it takes messages is no reason to wait", async () => {
  process.once("worker", (worker) => worker.terminate());
  await expect(startThreads(2).started()).rejects.toThrow(
    /^startThreads: a thread did not start: it ended with exit code [01]$/,
  );
});

test.each([0, Number.NaN])("a patience of %s is refused", (patience) => {
  expect(() => startThreads(2, { patience })).toThrow(
    `threads: expected a patience of more than 0 ms, got ${patience}.`,
  );
});
