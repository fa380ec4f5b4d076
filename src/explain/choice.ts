/** Choices between two values by which is larger, as a graph writes them, which read as max and min. */

import type { Node } from "../ir/index.ts";

/** A choice that is the larger or the smaller of its operands, which are inputs of the node. */
export interface Choice {
  readonly sign: "max" | "min";
  /** Numbers of the node's inputs. */
  readonly operands: readonly number[];
}

/** b > a ? b : a, also with "or b is no number", and its like; undefined for any other node. */
export function choiceOf(node: Node): Choice | undefined {
  if (node.op !== "select") return undefined;
  const [condition, chosen, other] = node.inputs;
  const { op, inputs } = onNumbers(condition);
  const prefersLarger = op === "gt" || op === "ge";
  if (!prefersLarger && op !== "lt" && op !== "le") return undefined;
  const [left, right] = inputs;
  const isAsCompared = left === chosen && right === other;
  if (!isAsCompared && !(left === other && right === chosen)) return undefined;
  return { sign: prefersLarger === isAsCompared ? "max" : "min", operands: [2, 1] };
}

/** What a condition says of numbers: without "or x ≠ x", which only NaN meets. */
export function onNumbers(condition: Node): Node {
  if (condition.op !== "or") return condition;
  const [a, b] = condition.inputs;
  if (isNaNTest(b)) return onNumbers(a);
  return isNaNTest(a) ? onNumbers(b) : condition;
}

const isNaNTest = ({ op, inputs }: Node): boolean => op === "ne" && inputs[0] === inputs[1];
