/** Where the time of a step goes: every kernel of a compiled program timed on its own.
 *
 * The module that is measured holds the programs and beside them each of their kernels as a program of one
 * kernel, over the same arena. The kernels run in their order; each is repeated on the state it finds,
 * which is put back afterwards. Repeated kernels find their data in the cache: their sum is a lower bound
 * of the step's time.
 */

import type { Backend, Mode } from "../src/backend/index.ts";
import { emitModules } from "../src/backend/wasm/emitModule.ts";
import { WasmExecutable } from "../src/backend/wasm/executable.ts";
import { angleImports } from "../src/backend/wasm/math/index.ts";
import { type Arena, MemoryPool } from "../src/backend/wasm/memoryPool.ts";
import { type RunProgram, runName } from "../src/backend/wasm/runProgram.ts";
import { measuredCycles } from "../src/backend/wasm/tileCosts.ts";
import type { StepCycles } from "../src/backend/wasm/tiles.ts";
import { compilePrograms, type Kernel, type Plan, printKernel } from "../src/compile/index.ts";
import type { FloatDType, Program } from "../src/ir/index.ts";
import { tiles } from "./backends.ts";
import { functionStepper } from "./functions.ts";
import { type Stepper, warmUp } from "./measurement.ts";
import { peakFor } from "./ours.ts";
import { median } from "./peak.ts";
import { alignColumns, fraction, shortNumber } from "./table.ts";
import { trainingStepper } from "./training.ts";
import type { FunctionWorkload, TrainingWorkload } from "./workloads.ts";

/** A kernel's share of a step. */
interface KernelTime {
  readonly kernel: Kernel;
  /** In the program, from 0. */
  readonly position: number;
  readonly microseconds: number;
}

/** The kernels of a workload's step, the longest first, as a text. */
export async function profile(
  workload: TrainingWorkload | FunctionWorkload,
  mode: Mode,
  dtype: FloatDType,
): Promise<string> {
  const backend = new ProfilingBackend(mode === "fast");
  const [stepper, program] =
    workload.kind === "training"
      ? [trainingStepper(workload, dtype, backend), "step"]
      : [functionStepper(workload, dtype, backend), "main"];
  await warmUp(stepper, 0.6);
  const step = medianMicroseconds(stepper);
  const peak = peakFor(dtype, mode).measure();
  const times = await backend.timeKernels(program);
  const sum = times.reduce((total, { microseconds }) => total + microseconds, 0);
  const rows = [["kernel", "µs", "of step", "MFLOP", "GFLOPS", "of peak"]];
  const longest = [...times].sort((a, b) => b.microseconds - a.microseconds);
  for (const { kernel, position, microseconds } of longest) {
    const flops = kernelFlops(kernel);
    rows.push([
      `${position} ${nameOf(kernel)}`,
      shortNumber(microseconds),
      `${((100 * microseconds) / step).toFixed(1)} %`,
      flops > 0 ? shortNumber(flops / 1e6) : "",
      flops > 0 ? shortNumber(flops / microseconds / 1e3) : "",
      flops > 0 ? fraction(flops / microseconds / 1e3 / peak) : "",
    ]);
  }
  const listing = longest
    .slice(0, 6)
    .map(({ kernel, position }) => `${position} ${printKernel(kernel).slice(0, 240)}`)
    .join("\n");
  return (
    `${workload.name}, ${dtype}, ${mode}: ${shortNumber(step)} µs a step, kernels ${shortNumber(sum)} µs, ` +
    `peak ${shortNumber(peak)} GFLOPS\n${alignColumns(rows)}\n\n${listing}\n`
  );
}

/** The median of blocks of some 0.3 ms, in µs a step. */
function medianMicroseconds(stepper: Stepper): number {
  const probe = stepper.run(4) / 4;
  const steps = Math.max(1, Math.round(0.3 / Math.max(probe, 1e-5)));
  return median(Array.from({ length: 25 }, () => stepper.run(steps) / steps)) * 1000;
}

/** 2 for each term of a contraction, padding included. */
function kernelFlops(kernel: Kernel): number {
  const product = (extents: readonly number[]) => extents.reduce((total, n) => total * n, 1);
  if (kernel.kind === "patch") return 2 * product([...kernel.extents, ...kernel.patch]);
  return kernel.kind === "contract" ? 2 * product([...kernel.extents, ...kernel.reduced]) : 0;
}

function nameOf(kernel: Kernel): string {
  switch (kernel.kind) {
    case "map":
      return `map [${kernel.extents}]`;
    case "reduce":
    case "contract":
      return `${kernel.kind} [${kernel.extents}] over [${kernel.reduced}]`;
    case "patch":
      return `${kernel.direction} [${kernel.extents}] of [${kernel.patch}]`;
    case "scatterAdd":
      return `scatterAdd ${kernel.count} rows of ${kernel.rowSize}`;
  }
}

/** A WebAssembly backend whose modules also export each kernel. */
class ProfilingBackend implements Backend {
  readonly name = "wasm";
  readonly #madd: boolean;
  readonly #cycles: StepCycles | undefined;
  readonly #pool = new MemoryPool();
  #last: { plan: Plan; exports: WebAssembly.Exports; arena: Arena } | undefined;

  constructor(madd: boolean) {
    this.#madd = madd;
    const measured = tiles();
    this.#cycles = measured && measuredCycles(measured);
  }

  compile(programs: readonly Program[]): WasmExecutable {
    const plan = compilePrograms(programs);
    const single = plan.programs.flatMap(({ name, kernels }) =>
      kernels.map((kernel, i) => ({ name: kernelProgram(name, i), kernels: [kernel] })),
    );
    const {
      modules: [bytes],
      arenaBytes,
    } = emitModules(
      { ...plan, programs: [...plan.programs, ...single] },
      {
        madd: this.#madd,
        cycles: this.#cycles,
      },
    );
    const { memory } = this.#pool;
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, {
      env: { memory, ...angleImports() },
    });
    const arena = this.#pool.allocate(arenaBytes);
    this.#last = { plan, exports, arena };
    return new WasmExecutable({
      programs,
      plan,
      runOf: (name) => exports[runName(name)] as RunProgram,
      codeBytes: bytes.length,
      pool: this.#pool,
      arena,
      release: () => this.#pool.release(arena),
    });
  }

  /** Times the kernels of a program of the last compilation, on the state it has now. */
  async timeKernels(program: string): Promise<KernelTime[]> {
    const { plan, exports, arena } = this.#last!;
    const bytes = () => new Uint8Array(this.#pool.memory.buffer, arena.offset, arena.bytes);
    const times: KernelTime[] = [];
    for (const [i, kernel] of plan.programs
      .find(({ name }) => name === program)!
      .kernels.entries()) {
      const run = exports[runName(kernelProgram(program, i))] as RunProgram;
      const before = bytes().slice();
      const stepper = {
        samplesPerStep: 1,
        work: { flops: 0, loadBytes: 0, storeBytes: 0 },
        run: (steps: number) => {
          const start = performance.now();
          run(arena.offset, steps);
          return performance.now() - start;
        },
      };
      await warmUp(stepper, 0.1);
      bytes().set(before);
      times.push({ kernel, position: i, microseconds: medianMicroseconds(stepper) });
      bytes().set(before);
      run(arena.offset, 1);
    }
    return times;
  }
}

function kernelProgram(program: string, position: number): string {
  return `${program} kernel ${position}`;
}
