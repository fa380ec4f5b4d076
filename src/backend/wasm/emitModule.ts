/** A plan as WebAssembly modules, one for each thread: a function for each kernel that the thread runs, or
 * for its part of one, and a function for each program that calls them. */

import type { Kernel, Plan, RowsAhead } from "../../compile/index.ts";
import { sizeOf } from "../../ir/index.ts";
import { call, FunctionBuilder, i32, ModuleBuilder } from "./assembler/index.ts";
import { Constants } from "./constants.ts";
import type { KernelContext } from "./context.ts";
import { tilesOf } from "./contractionLoops.ts";
import { emitKernel } from "./emitKernel.ts";
import { memoryLimits } from "./memoryPool.ts";
import { runName } from "./runProgram.ts";
import { Slots } from "./slots.ts";
import { type Phase, type Task, tasksOf } from "./tasks.ts";
import type { TeamProperties } from "./threads.ts";
import type { StepCycles } from "./tiles.ts";
import { canTouchAhead } from "./touchAhead.ts";

export interface EmitOptions {
  /** Whether `a · b + c` may be one relaxed instruction. */
  readonly madd: boolean;
  /** What a step of a register tile costs, where that was measured. */
  readonly cycles?: StepCycles;
  /** The threads that share the work (default: one does it). */
  readonly team?: TeamProperties;
  /** Where the memory has the counts of their barriers. */
  readonly counts?: number;
}

export interface EmittedCode {
  /** The bytes of a module for each thread; of the first only, where no program is worth dividing. */
  readonly modules: readonly Uint8Array<ArrayBuffer>[];
  /** The programs that run on all threads. */
  readonly divided: ReadonlySet<string>;
  /** What one arena takes: that of the plan, and behind it the threads' scratch space. */
  readonly arenaBytes: number;
}

interface DividedProgram {
  readonly name: string;
  readonly ahead: readonly RowsAhead[];
  readonly phases: readonly Phase[];
  readonly isDivided: boolean;
}

export function emitModules(
  plan: Plan,
  { madd, cycles, team, counts = 0 }: EmitOptions,
): EmittedCode {
  const options = { buffers: plan.buffers, madd, cycles };
  const programs = plan.programs.map(({ name, kernels, ahead = [] }): DividedProgram => {
    const phases = team?.divideProgram(kernels, options) ?? [[tasksOf(kernels, options)]];
    const products = kernels.filter(({ kind }) => kind === "contract").map(sizesOf);
    const work = products.reduce((sum, sizes) => sum + sizeOf(sizes), 0);
    const near = ahead.filter(({ count, rowBytes }) => work <= mostWork * count * rowBytes);
    return { name, ahead: near, phases, isDivided: phases[0].length > 1 };
  });
  const divided = programs.filter(({ isDivided }) => isDivided);
  const modules: Uint8Array<ArrayBuffer>[] = [];
  let end = plan.arenaBytes;
  for (let thread = 0; thread < (divided.length > 0 ? team!.size : 1); thread++) {
    const emitter = new ModuleEmitter(plan, { madd, team, counts, thread, scratch: end });
    for (const program of thread === 0 ? programs : divided) emitter.add(program);
    const { bytes, scratchBytes } = emitter.build();
    modules.push(bytes);
    end += scratchBytes;
  }
  return { modules, divided: new Set(divided.map(({ name }) => name)), arenaBytes: end };
}

interface ModuleOptions {
  readonly madd: boolean;
  readonly team: TeamProperties | undefined;
  readonly counts: number;
  /** Whose module it is, from 0. */
  readonly thread: number;
  /** Where the thread's scratch space begins in the arena. */
  readonly scratch: number;
}

/** One thread's module. */
class ModuleEmitter {
  readonly #module = new ModuleBuilder("chainrule");
  readonly #plan: Plan;
  readonly #options: ModuleOptions;
  #scratchBytes = 0;

  constructor(plan: Plan, options: ModuleOptions) {
    this.#plan = plan;
    this.#options = options;
    this.#module.importMemory("env", "memory", memoryLimits(options.team !== undefined));
  }

  add({ name, ahead, phases, isDivided }: DividedProgram): void {
    const { thread } = this.#options;
    const tasks = phases.flatMap((phase) => phase[thread]);
    const hosts = ahead.flatMap((rows): [Task, RowsAhead][] => {
      const host = hostOf(tasks, rows);
      return host === undefined ? [] : [[host, rows]];
    });
    const askedFor = new Set(hosts.map(([, { table }]) => table));
    const run = new FunctionBuilder({ name: runName(name), params: ["i32", "i32"] });
    const base = run.param(0);
    const times = run.param(1);
    run.if(i32.gtS(times, i32.const(0)), () => {
      run.loop((again) => {
        for (const phase of phases) {
          for (const task of phase[thread]) {
            const rows = hosts.flatMap(([host, rows]) => (host === task ? [rows] : []));
            run.emit(call(this.#kernel(name, task, { ahead: rows, askedFor }), base));
          }
          if (isDivided) run.emit(call(this.#barrier()));
        }
        run.brIf(again, run.tee(times, i32.sub(times, i32.const(1))));
      });
    });
    this.#module.addFunction(run, { export: runName(name) });
  }

  build(): { readonly bytes: Uint8Array<ArrayBuffer>; readonly scratchBytes: number } {
    // Threads write to their scratch space all the time: each in cache lines of its own.
    const scratchBytes = Math.ceil(this.#scratchBytes / 64) * 64;
    return { bytes: this.#module.build(), scratchBytes };
  }

  #kernel(
    program: string,
    { kernel, position, loops }: Task,
    rows: Pick<KernelContext, "ahead" | "askedFor">,
  ): FunctionBuilder<readonly ["i32"], readonly []> {
    const { madd, scratch } = this.#options;
    const module = this.#module;
    const f = new FunctionBuilder({
      name: kernelName(program, position, kernel),
      params: ["i32"],
      results: [],
    });
    const base = f.param(0);
    const slots = new Slots(f, base, scratch);
    const constants = new Constants((value) =>
      loops.kind === "contract" && !loops.isShort ? slots.keepFirst(value) : f.pin(value),
    );
    const { buffers } = this.#plan;
    emitKernel({ module, f, base, constants, slots, buffers, madd, ...rows }, loops);
    this.#scratchBytes = Math.max(this.#scratchBytes, slots.bytes);
    module.addFunction(f);
    return f;
  }

  #barrier() {
    const { thread, team, counts: address } = this.#options;
    const module = this.#module;
    return module.helper("barrier", () => team!.emitBarrier(module, thread, address));
  }
}

/** Products of elements for each byte of rows, at most, with which these are asked for ahead: beside more the wait
 * is short, and they would leave the cache again before they are copied. */
const mostWork = 128;

/** The longest of the products that has a tile for each time that rows are asked for. */
function hostOf(tasks: readonly Task[], ahead: RowsAhead): Task | undefined {
  let longest = 0;
  let host: Task | undefined;
  for (const task of tasks) {
    const { loops } = task;
    if (loops.kind !== "contract" || loops.dot !== undefined || loops.blockCount > 0) continue;
    const cost = sizeOf(loops.extents);
    if (cost >= longest && canTouchAhead(ahead, tilesOf(loops))) {
      longest = cost;
      host = task;
    }
  }
  return host;
}

/** `train_3_contract_128x10x784`: what a profiler shows. */
function kernelName(program: string, position: number, kernel: Kernel): string {
  return `${program}_${position}_${kernel.kind}_${sizesOf(kernel).join("x")}`;
}

function sizesOf(kernel: Kernel): readonly number[] {
  switch (kernel.kind) {
    case "map":
      return kernel.extents;
    case "reduce":
      return [...kernel.extents, ...kernel.reduced];
    case "contract":
      return [...kernel.extents, ...kernel.reduced];
    case "patch":
      return [...kernel.extents, ...kernel.patch];
    case "scatterAdd":
      return [kernel.count, kernel.rowSize];
  }
}
