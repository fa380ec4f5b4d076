/** Emits a plan, runs it in a memory full of noise, and reads its buffers back. */

import type { Plan } from "../../compile/index.ts";
import { allocate } from "../../ir/index.ts";
import { Generator } from "../../util/index.ts";
import { emitModules } from "./emitModule.ts";
import { angleImports } from "./math/index.ts";
import { type RunProgram, runName } from "./runProgram.ts";
import { readElements, writeElements } from "./transfer.ts";

export interface RunOptions {
  readonly madd: boolean;
  readonly times?: number;
}

export function runPlan(
  plan: Plan,
  program: string,
  initial: readonly Float64Array[],
  { madd, times = 1 }: RunOptions,
): Float64Array[] {
  const {
    modules: [bytes],
    arenaBytes,
  } = emitModules(plan, { madd });
  // As low as an arena can lie, so that a pointer that falls below it shows.
  const base = 64;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((base + arenaBytes) / 65536) });
  // What lies between the buffers must not matter: it is noise, NaN among it.
  const noise = new Generator(7);
  const words = new Int32Array(memory.buffer);
  for (let i = 0; i < Math.min(words.length, (base + arenaBytes) / 4); i++) {
    words[i] = noise.words()[0] | (i % 3 === 0 ? 0x7fc00000 : 0);
  }
  for (const [i, { dtype, offset, size }] of plan.buffers.entries()) {
    const data = allocate(dtype, size);
    data.set(initial[i]);
    writeElements(memory, base + offset, dtype, data);
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory, ...angleImports() },
  });
  (instance.exports[runName(program)] as RunProgram)(base, times);
  return plan.buffers.map(({ dtype, offset, size }) =>
    Float64Array.from(readElements(memory, base + offset, dtype, size)),
  );
}
