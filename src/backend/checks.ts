/** What every backend asks of its callers, with the same words. */

import {
  dtypeOf,
  formatShape,
  type InputNode,
  isFloat,
  type Node,
  type Program,
  sizeOf,
  type TensorData,
} from "../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../util/index.ts";

/** @throws UsageError when two programs have one name. */
export function expectDistinctNames(programs: readonly Program[]): void {
  const names = programs.map(({ name }) => name);
  if (new Set(names).size === names.length) return;
  const list = names.map((name) => `"${name}"`).join(", ");
  throw new UsageError(`compile: expected programs of different names, got ${list}.`);
}

/** @throws UsageError for an input that no program reads, ShapeError for a wrong number of values,
 *   DTypeError for values that are not of the input's type, floats aside. */
export function expectWritable(input: InputNode, isKnown: boolean, data: TensorData): void {
  const { name } = input.attributes;
  if (!isKnown) {
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
}

/** The program of a name. @throws UsageError that lists the names there are. */
export function programNamed<P>(programs: ReadonlyMap<string, P>, name: string): P {
  const program = programs.get(name);
  if (program !== undefined) return program;
  const names = [...programs.keys()].map((known) => `"${known}"`).join(", ");
  throw new UsageError(`run: there is no program "${name}"; expected one of ${names}.`);
}

/** The error of a value that is read before there is one. */
export function noValue(node: Node): UsageError {
  const what = node.op === "input" ? `input "${node.attributes.name}"` : `this ${node.op} node`;
  return new UsageError(
    `read: ${what} has no value; write the input, or run a program that has it as an output.`,
  );
}

/** @throws UsageError after `dispose`. */
export function expectLive(isDisposed: boolean): void {
  if (isDisposed) {
    throw new UsageError("This executable was disposed of; compile its programs again.");
  }
}
