/** Random valid graphs over the whole op set, a pure function of their seed. */

import {
  allocate,
  type ConstantNode,
  type DType,
  dtypeOf,
  type FloatDType,
  type InputNode,
  isFloat,
  makeNode,
  type Node,
  type Op,
  opKinds,
  type TensorData,
  topologicalOrder,
  withInputs,
} from "../../src/ir/index.ts";
import type { Generator } from "../../src/util/index.ts";
import { Pool } from "./pool.ts";
import { steps } from "./steps.ts";

/** A graph and the numbers to run it on. */
export interface RandomGraph {
  readonly inputs: readonly InputNode[];
  readonly values: ReadonlyMap<InputNode, TensorData>;
  readonly outputs: readonly Node[];
}

export interface RandomGraphOptions {
  /** How many steps to take: each adds one op, and sometimes a guard or a scale around it. */
  readonly nodes: number;
  readonly dtype: FloatDType;
}

/** Leaves come by themselves where an op needs one. */
const leafChance = 0.15;

/** A graph of about `nodes` ops whose values and derivatives are tame: domains are guarded, jumps and
 * kinks are far from the values, large values are scaled down. */
export function randomGraph(
  generator: Generator,
  { nodes, dtype }: RandomGraphOptions,
): RandomGraph {
  const pool = new Pool(generator);
  const names = Object.keys(steps) as Op[];
  for (let taken = 0; taken < nodes; ) {
    const name = pool.choose(names);
    if (opKinds[name] === "leaf" && !pool.chance(leafChance)) continue;
    const node = steps[name](pool);
    if (node !== undefined && pool.accept(node) !== undefined) taken++;
  }
  const used = new Set(pool.members.flatMap((node) => topologicalOrder([node]).slice(0, -1)));
  const outputs = pool.members.filter((node) => !used.has(node) && node.op !== "input");
  return inDType(outputs, (input) => pool.valueOf(input), dtype);
}

/** The same graph with its floats in another precision. */
export function retyped(graph: RandomGraph, dtype: FloatDType): RandomGraph {
  return inDType(graph.outputs, (input) => graph.values.get(input)!, dtype);
}

function inDType(
  outputs: readonly Node[],
  dataOf: (input: InputNode) => TensorData,
  dtype: FloatDType,
): RandomGraph {
  const target = (own: DType): DType => (isFloat(own) ? dtype : own);
  const inputs: InputNode[] = [];
  const values = new Map<InputNode, TensorData>();
  const results = new Map<Node, Node>();
  for (const node of topologicalOrder(outputs)) {
    const operands = node.inputs.map((operand) => results.get(operand)!);
    if (node.op === "input") {
      const input = makeNode("input", [], { ...node.attributes, dtype: target(node.dtype) });
      inputs.push(input as InputNode);
      values.set(input as InputNode, converted(dataOf(node), target(node.dtype)));
      results.set(node, input);
    } else if (node.op === "constant") {
      results.set(node, constantIn(node, target(node.dtype)));
    } else if ("dtype" in node.attributes) {
      const attributes = { ...node.attributes, dtype: target(node.attributes.dtype) };
      results.set(node, makeNode(node.op, operands, attributes as never));
    } else results.set(node, withInputs(node, operands));
  }
  return { inputs, values, outputs: outputs.map((output) => results.get(output)!) };
}

function constantIn(node: ConstantNode, dtype: DType): Node {
  const data = converted(node.attributes.data, dtype);
  return makeNode("constant", [], { ...node.attributes, data, dtype });
}

function converted(data: TensorData, dtype: DType): TensorData {
  if (dtypeOf(data) === dtype) return data;
  const result = allocate(dtype, data.length);
  result.set(data);
  return result;
}
