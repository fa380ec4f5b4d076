/** Finds the first node whose gradient is not the derivative of the loss by its value. */

import { evaluate } from "../../backend/reference/index.ts";
import {
  allocate,
  build,
  formatShape,
  type InputNode,
  isFloat,
  type Node,
  sizeOf,
  substitute,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";
import type { ReverseMode } from "../reverse.ts";
import { differentiateNumerically } from "./differences.ts";

/** Where reverse mode and differences part. */
export interface FirstDifference {
  /** `%7 = tanh(%6) float64[2, 3]`, numbered in the order of the forward pass. */
  readonly node: string;
  readonly op: string;
  readonly index: number;
  /** Which operand's gradient is wrong, from 0. */
  readonly operand: number;
  readonly reverse: number;
  readonly numeric: number;
  /** Where within the operand. */
  readonly element: number;
}

/** The last node of the forward pass, so the first one that reverse mode meets, that has a right
 * gradient itself but gives its operand a wrong one; its rule is the wrong one. */
export function locateDifference(
  scalar: Node,
  { totals }: ReverseMode,
  bindings: ReadonlyMap<InputNode, TensorData>,
  tolerance: number,
): FirstDifference | undefined {
  const order = topologicalOrder([scalar]);
  const numbers = new Map(order.map((node, i) => [node, i]));
  const values = new Map(
    evaluate(order, new Map(bindings)).map((value, i) => [order[i], value] as const),
  );
  const candidates = order.filter(
    (node) => isFloat(node.dtype) && node.op !== "constant" && node !== scalar,
  );
  // From the loss down: the first wrong total's consumers are all right, so one of their rules is not.
  for (const node of candidates.reverse()) {
    const suspect = { node, total: totals.get(node), value: values.get(node)! };
    const wrong = wrongElement(scalar, suspect, bindings, tolerance);
    if (wrong === undefined) continue;
    const consumers = order.filter((user) => user.inputs.includes(node));
    const culprit = consumers.length === 1 ? consumers[0] : mostSuspect(consumers, totals);
    return {
      node: describe(culprit, numbers),
      op: culprit.op,
      index: numbers.get(culprit)!,
      operand: culprit.inputs.indexOf(node),
      ...wrong,
    };
  }
  return undefined;
}

/** Among several users, one whose gradient does not reach the node at all, or else the first. */
function mostSuspect(consumers: readonly Node[], totals: ReadonlyMap<Node, Node>): Node {
  return consumers.find((user) => user.op === "stopGradient" && !totals.has(user)) ?? consumers[0];
}

function describe(node: Node, numbers: ReadonlyMap<Node, number>): string {
  const operands = node.inputs.map((operand) => `%${numbers.get(operand)}`).join(", ");
  return `%${numbers.get(node)} = ${node.op}(${operands}) ${node.dtype}${formatShape(node.shape)}`;
}

/** The elements that are looked at in large nodes: enough to meet any wrong rule. */
const mostElements = 6;

/** A node of the forward pass, its gradient by reverse mode, and its value. */
interface Suspect {
  readonly node: Node;
  readonly total: Node | undefined;
  readonly value: TensorData;
}

/** The first element looked at whose gradient differs from the slope of the scalar. */
function wrongElement(
  scalar: Node,
  { node, total, value }: Suspect,
  bindings: ReadonlyMap<InputNode, TensorData>,
  tolerance: number,
): { reverse: number; numeric: number; element: number } | undefined {
  const size = sizeOf(node.shape);
  const reverse = total ? evaluate([total], new Map(bindings))[0] : allocate("float64", size);
  const free = build.input("free", node.shape, node.dtype);
  const [loss] = substitute([scalar], new Map([[node, free]]));
  const data = Float64Array.from(value);
  const count = Math.min(size, mostElements);
  for (let i = 0; i < count; i++) {
    const element = Math.floor((i * size) / count);
    const f = (x: number) => {
      const changed = data.slice();
      changed[element] = x;
      return evaluate([loss], new Map<InputNode, TensorData>([...bindings, [free, changed]]))[0][0];
    };
    const { value: numeric, error } = differentiateNumerically(f, data[element]);
    const scale = Math.max(1, Math.abs(numeric), Math.abs(reverse[element]));
    // Kinks, where differences do not settle, prove nothing.
    if (error > tolerance * scale) continue;
    if (Math.abs(numeric - reverse[element]) > tolerance * scale) {
      return { reverse: reverse[element], numeric, element };
    }
  }
  return undefined;
}
