/** Rows of large tables that a program's next run gathers: their indices, known while it still computes. */

import {
  build,
  type InputNode,
  type Node,
  type Program,
  rootsOf,
  sizeOf,
  substitute,
  topologicalOrder,
} from "../ir/index.ts";
import { bytesPerElement } from "./memory.ts";

/** A table, and which of its rows come next: int32 within its rows. */
export interface NextRows {
  readonly table: InputNode;
  readonly indices: Node;
}

/** Bytes of a row, and of a table, from which on waiting for memory takes most of a gather's time. */
const longRow = 1 << 9;
const largeTable = 1 << 21;

/** The gathers of a program whose indices follow from its updates, as those of a minibatch from the number of
 * batches done: if that is n + 1 after this run, the next takes its rows by n + 1. */
export function nextRowsOf(program: Program): NextRows[] {
  const updates = new Map(program.updates?.map(({ target, value }) => [target as Node, value]));
  const found = new Map<InputNode, Node>();
  for (const node of topologicalOrder(rootsOf(program))) {
    if (node.op !== "gather") continue;
    const [table, indices] = node.inputs;
    if (table.op !== "input" || updates.has(table)) continue;
    const bytes = sizeOf(table.shape) * bytesPerElement[table.dtype];
    if (bytes < largeTable || bytes / table.shape[0] < longRow) continue;
    const changing = topologicalOrder([indices]).filter((input) => updates.has(input));
    const isCounted = changing.every((input) => isNumber(updates.get(input)!));
    if (changing.length === 0 || !isCounted) continue;
    const [next] = substitute([indices], updates);
    const last = build.scalar(table.shape[0] - 1, "int32");
    const bounded = build.binary("min", next, last);
    found.set(table, build.binary("max", bounded, build.scalar(0, "int32")));
  }
  return [...found].map(([table, indices]) => ({ table, indices }));
}

/** Whether a value is computed from single numbers alone. */
function isNumber(value: Node): boolean {
  return topologicalOrder([value]).every(({ shape }) => sizeOf(shape) === 1);
}
