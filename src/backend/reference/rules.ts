/** The type of the reference interpreter's table: one rule for every op. */

import type { NodeOf, Op, TensorData } from "../../ir/index.ts";

/** Computes the value of a node from the values of its operands; no value is ever changed in place. */
export type ReferenceRule<K extends Op> = (
  node: NodeOf<K>,
  inputs: readonly TensorData[],
) => TensorData;

export type ReferenceRules<K extends Op = Op> = { readonly [P in K]: ReferenceRule<P> };
