/** Compiled programs over an arena of their own: inputs are written to it, outputs read from it. */

import { type BufferId, type StoragePlan, transposeMatrix } from "../../compile/index.ts";
import {
  allocate,
  formatShape,
  type InputNode,
  inputsReadBy,
  type Node,
  type Program,
  sizeOf,
  type TensorData,
} from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";
import { expectLive, expectWritable, noValue, programNamed } from "../checks.ts";
import type { Executable } from "../interface.ts";
import type { Arena, MemoryPool } from "./memoryPool.ts";
import type { RunProgram } from "./runProgram.ts";
import { readElements, viewOf, writeElements } from "./transfer.ts";

export interface ExecutableOptions {
  readonly programs: readonly Program[];
  readonly plan: StoragePlan;
  /** The function that runs a program. */
  readonly runOf: (program: string) => RunProgram;
  readonly codeBytes: number;
  readonly pool: MemoryPool;
  readonly arena: Arena;
  /** Takes the arena back; called once at most. */
  readonly release: () => void;
}

interface InputState {
  readonly buffer: BufferId;
  /** Whether the storage holds the matrix with its axes exchanged. */
  readonly isTransposed: boolean;
  hasValue: boolean;
}

interface ProgramState {
  readonly run: RunProgram;
  /** Inputs that the program reads, until each of them has a value. */
  awaited: readonly InputNode[];
  readonly targets: readonly InputNode[];
  /** When it last ran, counted in calls of `run`; 0 for never. */
  lastRun: number;
}

/** Where a program leaves an output. */
interface OutputPlace {
  readonly program: ProgramState;
  readonly buffer: BufferId;
}

export class WasmExecutable implements Executable {
  readonly size: { readonly storage: number; readonly code: number };
  readonly #plan: StoragePlan;
  readonly #pool: MemoryPool;
  readonly #arena: Arena;
  readonly #release: () => void;
  readonly #inputs = new Map<Node, InputState>();
  readonly #programs = new Map<string, ProgramState>();
  readonly #outputs = new Map<Node, OutputPlace[]>();
  #runs = 0;
  #disposed = false;

  constructor(options: ExecutableOptions) {
    const { programs, plan, runOf, codeBytes, pool, arena, release } = options;
    this.size = { storage: arena.bytes, code: codeBytes };
    this.#plan = plan;
    this.#pool = pool;
    this.#arena = arena;
    this.#release = release;
    for (const [i, program] of programs.entries()) {
      const { name, outputs, updates = [] } = program;
      const awaited = inputsReadBy(program);
      const targets = updates.map(({ target }) => target);
      for (const input of [...awaited, ...targets]) {
        if (this.#inputs.has(input)) continue;
        const place = this.#inputs.size;
        const isTransposed = plan.transposed[place];
        this.#inputs.set(input, { buffer: plan.inputs[place], isTransposed, hasValue: false });
      }
      const state: ProgramState = { run: runOf(name), awaited, targets, lastRun: 0 };
      this.#programs.set(name, state);
      for (const [j, output] of outputs.entries()) {
        const places = this.#outputs.get(output) ?? [];
        places.push({ program: state, buffer: plan.outputs[i][j] });
        this.#outputs.set(output, places);
      }
    }
    for (const { buffer, data } of plan.constants) this.#write(buffer, data);
  }

  write(input: InputNode, data: TensorData): void {
    expectLive(this.#disposed);
    expectWritable(input, this.#inputs.has(input), data);
    const state = this.#inputs.get(input)!;
    this.#write(state.buffer, state.isTransposed ? transposeMatrix(data, input.shape) : data);
    state.hasValue = true;
  }

  fill(input: InputNode, put: (elements: TensorData) => void): void {
    const state = this.#inputs.get(input);
    const isStoredOtherwise = state?.isTransposed || input.dtype === "bool";
    if (state === undefined || this.#disposed || isStoredOtherwise) {
      const elements = allocate(input.dtype, sizeOf(input.shape));
      put(elements);
      this.write(input, elements);
      return;
    }
    const { offset, dtype, size } = this.#plan.buffers[state.buffer];
    put(viewOf(this.#pool.memory, this.#arena.offset + offset, dtype, size));
    state.hasValue = true;
  }

  run(name: string, times = 1): void {
    expectLive(this.#disposed);
    const program = programNamed(this.#programs, name);
    if (times <= 0) return;
    if (program.awaited.length > 0) this.#expectInputs(program);
    program.run(this.#arena.offset, times);
    program.lastRun = ++this.#runs;
    for (const target of program.targets) this.#inputs.get(target)!.hasValue = true;
  }

  read(node: Node): TensorData {
    expectLive(this.#disposed);
    const buffer = this.#present(node);
    if (buffer === undefined) throw noValue(node);
    const { offset, dtype, size } = this.#plan.buffers[buffer];
    const data = readElements(this.#pool.memory, this.#arena.offset + offset, dtype, size);
    const input = this.#inputs.get(node);
    if (!input?.isTransposed || buffer !== input.buffer) return data;
    return transposeMatrix(data, [node.shape[1], node.shape[0]]);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release();
  }

  /** The buffer with the node's newest value. */
  #present(node: Node): BufferId | undefined {
    const input = this.#inputs.get(node);
    if (input?.hasValue) return input.buffer;
    let newest: OutputPlace | undefined;
    for (const place of this.#outputs.get(node) ?? []) {
      if (place.program.lastRun > (newest?.program.lastRun ?? 0)) newest = place;
    }
    return newest?.buffer;
  }

  #write(buffer: BufferId, data: TensorData): void {
    const { offset, dtype } = this.#plan.buffers[buffer];
    writeElements(this.#pool.memory, this.#arena.offset + offset, dtype, data);
  }

  #expectInputs(program: ProgramState): void {
    const missing = program.awaited.find((input) => !this.#inputs.get(input)!.hasValue);
    if (missing !== undefined) {
      const { name } = missing.attributes;
      throw new UsageError(
        `Input "${name}" has no value; write it before the run: ` +
          `expected ${missing.dtype}${formatShape(missing.shape)}.`,
      );
    }
    program.awaited = [];
  }
}
