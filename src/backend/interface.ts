/** What a backend is: it turns programs over shared inputs into something that runs. */

import type { InputNode, Node, Program, TensorData } from "../ir/index.ts";

export type { Program, Update } from "../ir/index.ts";

/** How exact the arithmetic is: `strict` gives the same bits on every engine and machine; `fast` may
 * fuse multiplications and additions (relaxed SIMD) where the engine can. */
export type Mode = "strict" | "fast";

/** Something that runs programs. A backend is a value that is passed; it holds no hidden state but caches. */
export interface Backend {
  readonly name: string;
  compile(programs: readonly Program[]): Executable;
}

/** Compiled programs and the storage of their inputs and outputs. */
export interface Executable {
  /** Bytes of storage, and of code where code is generated. */
  readonly size: { readonly storage: number; readonly code: number };

  /** Sets an input; its value stays until it is written again or updated by a run.
   * `data` is row-major; float data is converted to the input's dtype.
   * @throws ShapeError when the length differs. */
  write(input: InputNode, data: TensorData): void;

  /** Sets an input as `write` does, without an array of its own: `put` is given the input's elements in its
   * dtype, row-major, to write to. What it leaves out keeps its value, or has any. */
  fill(input: InputNode, put: (elements: TensorData) => void): void;

  /** Runs the program called `name`, `times` in a row, each run seeing the updates of the one before. */
  run(name: string, times?: number): void;

  /** A copy of the present value of an input, or of what the last run of its program left in an output. */
  read(node: Node): TensorData;

  /** Frees the storage now; otherwise it goes with the garbage collector. */
  dispose(): void;
}
