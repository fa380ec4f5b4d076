/** A plan as one WebAssembly module: a function for each kernel, and one for each program that calls them. */

import type { Kernel, Plan } from "../../compile/index.ts";
import { call, FunctionBuilder, i32, ModuleBuilder } from "./assembler/index.ts";
import { Constants } from "./constants.ts";
import { emitKernel } from "./emitKernel.ts";
import { arrangeKernel } from "./loops.ts";
import { Slots } from "./slots.ts";

export interface EmittedModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What one arena takes: that of the plan, and scratch space behind it. */
  readonly arenaBytes: number;
}

/** What the exported function of a program does: `times` runs on the arena at `base`. */
export type RunProgram = (base: number, times: number) => void;

/** The export of a program. */
export function runName(program: string): string {
  return `run_${program}`;
}

/** @param madd whether `a · b + c` may be one relaxed instruction. */
export function emitModule(plan: Plan, { madd }: { readonly madd: boolean }): EmittedModule {
  const module = new ModuleBuilder("chainrule");
  module.importMemory("env", "memory", { min: 1 });
  let scratchBytes = 0;
  for (const { name, kernels } of plan.programs) {
    const run = new FunctionBuilder({ name: runName(name), params: ["i32", "i32"] });
    const base = run.param(0);
    const times = run.param(1);
    run.if(i32.gtS(times, i32.const(0)), () => {
      run.loop((again) => {
        for (const [i, kernel] of kernels.entries()) {
          const f = new FunctionBuilder({
            name: kernelName(name, i, kernel),
            params: ["i32"],
            results: [],
          });
          scratchBytes = Math.max(scratchBytes, emitInto(f, kernel, { module, plan, madd }));
          module.addFunction(f);
          run.emit(call(f, base));
        }
        run.brIf(again, run.tee(times, i32.sub(times, i32.const(1))));
      });
    });
    module.addFunction(run, { export: runName(name) });
  }
  return { bytes: module.build(), arenaBytes: plan.arenaBytes + scratchBytes };
}

interface Surroundings {
  readonly module: ModuleBuilder;
  readonly plan: Plan;
  readonly madd: boolean;
}

/** Writes a kernel's function; returns the bytes behind the arena that it takes while it runs. */
function emitInto(
  f: FunctionBuilder<readonly ["i32"]>,
  kernel: Kernel,
  { module, plan, madd }: Surroundings,
): number {
  const base = f.param(0);
  const slots = new Slots(f, base, plan.arenaBytes);
  const constants = new Constants((value) =>
    kernel.kind === "contract" ? slots.keepFirst(value) : f.pin(value),
  );
  const { buffers } = plan;
  const loops = arrangeKernel(kernel, { buffers, madd });
  if (loops !== undefined) {
    emitKernel({ module, f, base, constants, slots, buffers, madd }, loops);
  }
  return slots.bytes;
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
    case "scatterAdd":
      return [kernel.count, kernel.rowSize];
  }
}
