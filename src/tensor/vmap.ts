/** Vectorization: a function of one example becomes a function of a batch. */

import { batch } from "../autograd/index.ts";
import { formatShape, type Node } from "../ir/index.ts";
import { mapTree, ShapeError, type Tree, treeLeaves, UsageError } from "../util/index.ts";
import { fromNodes, Tensor } from "./tensor.ts";
import { traceTree } from "./trace.ts";

export interface VmapOptions {
  /** For each argument the axis that counts its examples, or null for one value for all; default 0. */
  readonly axes?: readonly (number | null)[];
}

/** The function mapped over an axis of its arguments; the results have the batch as their first axis.
 *
 * Arguments and results may be trees of tensors. The function is traced once, so that it must do the
 * same for every example.
 * @throws ShapeError when the arguments hold different numbers of examples.
 *
 * @example
 * const distance = (a: Tensor, b: Tensor) => a.sub(b).norm();
 * vmap(distance, { axes: [0, null] })(points, centre); // [n, 2] and [2] → [n]
 */
export function vmap<Arguments extends readonly unknown[], Result>(
  f: (...args: Arguments) => Result,
  { axes }: VmapOptions = {},
): (...args: Arguments) => Result {
  return (...args) => {
    const traced = args.map((argument, i) => {
      const axis = axes?.[i] === undefined ? 0 : axes[i];
      if (axis === null) return { tree: argument, inputs: [], tensors: [] };
      const examples = mapTree(argument as Tree<unknown>, (leaf, path) =>
        leaf instanceof Tensor ? withBatchFirst(leaf, axis, `argument ${i} ${path}`) : leaf,
      );
      return traceTree(examples, `argument${i}`, ({ shape }) => shape.slice(1));
    });
    const batches = traced.flatMap(({ tensors }) => tensors);
    const size = batchSize(batches);
    const inputs = traced.flatMap((argument) => argument.inputs);
    const mapped = new Map<Node, Node>(inputs.map((input, i) => [input, batches[i].node]));
    const result = f(...(traced.map(({ tree }) => tree) as unknown as Arguments));
    const outputs = treeLeaves(result as Tree<unknown>).filter((leaf) => leaf instanceof Tensor);
    const tensors = fromNodes(
      batch(
        outputs.map(({ node }) => node),
        mapped,
        size,
      ),
    );
    let next = 0;
    return mapTree(result as Tree<unknown>, (leaf) =>
      leaf instanceof Tensor ? tensors[next++] : leaf,
    ) as Result;
  };
}

function withBatchFirst(x: Tensor, axis: number, where: string): Tensor {
  const from = axis < 0 ? axis + x.rank : axis;
  if (from < 0 || from >= x.rank) {
    throw new ShapeError(
      `vmap: ${where.trim()} of shape ${formatShape(x.shape)} has no axis ${axis} to map over; ` +
        `give { axes } with null for an argument that is one value for all.`,
    );
  }
  const others = x.shape.map((_, i) => i).filter((i) => i !== from);
  return from === 0 ? x : x.permute([from, ...others]);
}

function batchSize(batches: readonly Tensor[]): number {
  const sizes = [...new Set(batches.map(({ shape }) => shape[0]))];
  if (sizes.length === 1) return sizes[0];
  if (sizes.length === 0) {
    throw new UsageError("vmap: expected at least one tensor to map over, got none.");
  }
  throw new ShapeError(
    `vmap: expected equally many examples in every argument, got ${sizes.join(" and ")}.`,
  );
}
