/** The reference backend: programs run by the interpreter, to compare others with. */

import {
  allocate,
  type InputNode,
  inputsOf,
  type Node,
  type Program,
  rootsOf,
  sizeOf,
  type TensorData,
} from "../../ir/index.ts";
import {
  expectDistinctNames,
  expectLive,
  expectWritable,
  noValue,
  programNamed,
} from "../checks.ts";
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
    expectDistinctNames(programs);
    this.#programs = new Map(programs.map((program) => [program.name, program]));
    this.#known = new Set(inputsOf(programs));
    const storage = [...this.#known].reduce((bytes, node) => bytes + byteLength(node), 0);
    this.size = { storage, code: 0 };
  }

  write(input: InputNode, data: TensorData): void {
    expectLive(this.#disposed);
    expectWritable(input, this.#known.has(input), data);
    const stored = allocate(input.dtype, data.length);
    stored.set(data);
    this.#inputs.set(input, stored);
  }

  fill(input: InputNode, put: (elements: TensorData) => void): void {
    const elements = this.#inputs.get(input)?.slice() ?? allocate(input.dtype, sizeOf(input.shape));
    put(elements);
    this.write(input, elements);
  }

  run(name: string, times = 1): void {
    expectLive(this.#disposed);
    const program = programNamed(this.#programs, name);
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
    expectLive(this.#disposed);
    const value = this.#inputs.get(node as InputNode) ?? this.#results.get(node);
    if (value !== undefined) return value.slice();
    throw noValue(node);
  }

  dispose(): void {
    this.#disposed = true;
    this.#inputs.clear();
    this.#results.clear();
  }
}

function byteLength(node: Node): number {
  return allocate(node.dtype, 0).BYTES_PER_ELEMENT * sizeOf(node.shape);
}
