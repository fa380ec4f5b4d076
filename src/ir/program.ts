/** Programs: named graphs with outputs and state, the unit that a backend compiles. */

import { topologicalOrder } from "./graph.ts";
import type { InputNode, Node } from "./node.ts";

/** One entry point. Its inputs are the input nodes its graphs reach; programs that are compiled
 * together and reach the same input node share its storage. */
export interface Program {
  readonly name: string;
  /** Values to read after a run. */
  readonly outputs: readonly Node[];
  /** State: after all values of the run are computed, `target` takes the value of `value`. */
  readonly updates?: readonly Update[];
}

/** A new value, of the same shape and dtype, for an input that keeps it for the next run. */
export interface Update {
  readonly target: InputNode;
  readonly value: Node;
}

/** Outputs and update values of a program, in that order. */
export function rootsOf(program: Program): Node[] {
  return [...program.outputs, ...(program.updates ?? []).map((update) => update.value)];
}

const known = new WeakMap<Program, readonly InputNode[]>();

/** The inputs that a program reaches, in order of first appearance. */
export function inputsReadBy(program: Program): readonly InputNode[] {
  let inputs = known.get(program);
  if (inputs === undefined) {
    inputs = topologicalOrder(rootsOf(program)).filter((node) => node.op === "input");
    known.set(program, inputs);
  }
  return inputs;
}

/** The inputs that the programs reach or update, in order of first appearance. */
export function inputsOf(programs: readonly Program[]): InputNode[] {
  const inputs = new Set<InputNode>();
  for (const program of programs) {
    for (const input of inputsReadBy(program)) inputs.add(input);
    for (const { target } of program.updates ?? []) inputs.add(target);
  }
  return [...inputs];
}
