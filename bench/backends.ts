/** The backend that is measured, and one that shows the programs it is given. */

import { type Backend, type Mode, wasmBackend } from "../src/backend/index.ts";
import type { Program } from "../src/ir/index.ts";

export interface Setting {
  readonly mode: Mode;
  readonly threads: number;
}

/** @throws Error for a number of threads that this build does not run on */
export function makeBackend({ mode, threads }: Setting): Backend {
  if (threads !== 1) {
    throw new Error(`bench: this build trains on one thread, not on ${threads}.`);
  }
  return wasmBackend({ mode });
}

/** A backend that passes on what it compiles. */
export class ObservedBackend implements Backend {
  readonly name: string;
  programs: readonly Program[] = [];
  codeBytes = 0;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.name = backend.name;
    this.#backend = backend;
  }

  compile(programs: readonly Program[]) {
    this.programs = programs;
    const executable = this.#backend.compile(programs);
    this.codeBytes = executable.size.code;
    return executable;
  }
}
