/** The reference backend: programs run by the interpreter, for tests and as the default. */

import {
  allocate,
  dtypeOf,
  formatShape,
  type InputNode,
  inputsOf,
  isFloat,
  type Node,
  type Program,
  rootsOf,
  sizeOf,
  type TensorData,
} from "../../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../../util/index.ts";
import type { Backend, Executable } from "../interface.ts";
import { evaluate } from "./evaluate.ts";

/** A backend that interprets every node by its definition: slow, exact to the letter, no set-up. */
export function referenceBackend(): Backend {
  return { name: "reference", compile: (programs) => new ReferenceExecutable(programs) };
}

class ReferenceExecutable implements Executable {
  readonly size: { readonly storage: number; readonly code: number };
  readonly #programs: ReadonlyMap<string, Program>;
  readonly #known: ReadonlySet<Node>;
  readonly #inputs = new Map<InputNode, TensorData>();
  readonly #results = new Map<Node, TensorData>();
  #disposed = false;

  constructor(programs: readonly Program[]) {
    this.#programs = new Map(programs.map((program) => [program.name, program]));
    if (this.#programs.size !== programs.length) {
      const names = programs.map(({ name }) => `"${name}"`).join(", ");
      throw new UsageError(`compile: expected programs of different names, got ${names}.`);
    }
    this.#known = new Set(inputsOf(programs));
    const storage = [...this.#known].reduce((bytes, node) => bytes + byteLength(node), 0);
    this.size = { storage, code: 0 };
  }

  write(input: InputNode, data: TensorData): void {
    this.#expectLive();
    const { name } = input.attributes;
    if (!this.#known.has(input)) {
      throw new UsageError(`write: no program reads input "${name}"; write what the graphs reach.`);
    }
    if (data.length !== sizeOf(input.shape)) {
      throw new ShapeError(
        `Input "${name}": expected ${sizeOf(input.shape)} values for shape ` +
          `${formatShape(input.shape)}, got ${data.length}.`,
      );
    }
    if (!isFloat(input.dtype) && dtypeOf(data) !== input.dtype) {
      throw new DTypeError(
        `Input "${name}": expected ${input.dtype} values, got ${dtypeOf(data)}; convert them first.`,
      );
    }
    const stored = allocate(input.dtype, data.length);
    stored.set(data);
    this.#inputs.set(input, stored);
  }

  run(name: string, times = 1): void {
    this.#expectLive();
    const program = this.#programs.get(name);
    if (program === undefined) {
      const names = [...this.#programs.keys()].map((known) => `"${known}"`).join(", ");
      throw new UsageError(`run: there is no program "${name}"; expected one of ${names}.`);
    }
    const { outputs, updates = [] } = program;
    for (let i = 0; i < times; i++) {
      const values = evaluate(rootsOf(program), this.#inputs);
      outputs.forEach((output, j) => {
        this.#results.set(output, values[j]);
      });
      updates.forEach(({ target }, j) => {
        this.#inputs.set(target, values[outputs.length + j]);
      });
    }
  }

  read(node: Node): TensorData {
    this.#expectLive();
    const value = this.#inputs.get(node as InputNode) ?? this.#results.get(node);
    if (value !== undefined) return value.slice();
    const what = node.op === "input" ? `input "${node.attributes.name}"` : `this ${node.op} node`;
    throw new UsageError(
      `read: ${what} has no value; write the input, or run a program that has it as an output.`,
    );
  }

  dispose(): void {
    this.#disposed = true;
    this.#inputs.clear();
    this.#results.clear();
  }

  #expectLive(): void {
    if (this.#disposed) {
      throw new UsageError("This executable was disposed of; compile its programs again.");
    }
  }
}

function byteLength(node: Node): number {
  return allocate(node.dtype, 0).BYTES_PER_ELEMENT * sizeOf(node.shape);
}
