/** Compares two backends on random graphs: values, and gradients of a scalar of all of them. */

import { gradients } from "../../src/autograd/index.ts";
import type { Backend } from "../../src/backend/interface.ts";
import { evaluate, referenceBackend } from "../../src/backend/reference/index.ts";
import {
  build,
  type FloatDType,
  type InputNode,
  isFloat,
  type Node,
  printGraph,
  sizeOf,
  substitute,
  type TensorData,
  topologicalOrder,
} from "../../src/ir/index.ts";
import { largestMagnitudeOf } from "./pool.ts";
import { type RandomGraph, retyped } from "./randomGraph.ts";

/** A difference beyond the tolerance. */
export interface Difference {
  readonly what: string;
  readonly got: number;
  readonly expected: number;
  readonly tolerance: number;
}

/** Distance from 1 to the next number. */
const epsilon: Readonly<Record<FloatDType, number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** What a graph is asked for: its outputs, then ∂(Σ w · output)/∂input for every input of floats. */
function questions(graph: RandomGraph): { node: Node; what: string }[] {
  const losses = graph.outputs.filter(({ dtype }) => isFloat(dtype));
  const floats = graph.inputs.filter(({ dtype }) => isFloat(dtype));
  const cotangents = losses.map((output) => ({ output, gradient: weightsFor(output) }));
  const derivatives = gradients(cotangents, floats);
  return [
    ...graph.outputs.map((node, i) => ({ node, what: `output ${i} (${node.op})` })),
    ...derivatives.map((node, i) => ({
      node,
      what: `gradient by ${floats[i].attributes.name}`,
    })),
  ];
}

/** Fixed irregular numbers from −1 to 1, the same in both precisions. */
function weightsFor(output: Node): Node {
  const data = Float64Array.from({ length: sizeOf(output.shape) }, (_, i) =>
    Math.fround(Math.cos(2.7 * i + output.shape.length)),
  );
  return build.cast(build.constant(data, output.shape, "float64"), output.dtype);
}

/** The answers of a backend. */
export function answers(backend: Backend, graph: RandomGraph): TensorData[] {
  const nodes = questions(graph).map(({ node }) => node);
  const executable = backend.compile([{ name: "main", outputs: nodes }]);
  const reached = new Set(topologicalOrder(nodes));
  for (const input of graph.inputs) {
    if (reached.has(input)) executable.write(input, graph.values.get(input)!);
  }
  executable.run("main");
  const results = nodes.map((node) => executable.read(node));
  executable.dispose();
  return results;
}

/** The largest deviation of each answer of float32 from float64: how far the graph amplifies rounding. */
function deviations(graph: RandomGraph): number[] {
  const [narrow, wide] = (["float32", "float64"] as const).map((dtype) =>
    answers(referenceBackend(), retyped(graph, dtype)),
  );
  return narrow.map((data, i) =>
    largestMagnitudeOf(Float64Array.from(data, (value, j) => value - wide[i][j])),
  );
}

/** Errors of another order of operations are of the size that the reference itself shows when its
 * precision is narrowed, give or take luck and the length of sums (largest: 2500 terms). */
const amplification = 32;

/** A few dozen roundings of the largest number around, where the deviation is small by luck. */
const roundings = 64;

/** The first answer of `candidate` that differs from the reference's by more than rounding explains.
 *
 * The tolerance of each answer is 32 times the deviation of the reference in float32 from itself in
 * float64 (scaled to the precision at hand), plus 64 roundings of the largest answer of its kind.
 * Integers and booleans must be equal: comparisons keep a margin that rounding does not cross. */
export function compareBackends(
  candidate: Backend,
  graph: RandomGraph,
  dtype: FloatDType,
): Difference | undefined {
  const typed = retyped(graph, dtype);
  const asked = questions(typed);
  const expected = answers(referenceBackend(), typed);
  const got = answers(candidate, typed);
  const spread = deviations(graph);
  const precision = epsilon[dtype] / epsilon.float32;
  const kinds = asked.map((_, i) => (i < typed.outputs.length ? "value" : "gradient"));
  const scaleOf = (kind: string) =>
    expected.reduce(
      (max, data, i) =>
        kinds[i] === kind && isFloat(asked[i].node.dtype)
          ? Math.max(max, largestMagnitudeOf(data))
          : max,
      0,
    );
  const scales = { value: scaleOf("value"), gradient: scaleOf("gradient") };
  for (const [i, { node, what }] of asked.entries()) {
    const tolerance = isFloat(node.dtype)
      ? amplification * spread[i] * precision + roundings * epsilon[dtype] * scales[kinds[i]]
      : 0;
    const difference = firstDifference(got[i], expected[i], tolerance);
    if (difference !== undefined) return { what, tolerance, ...difference };
  }
  return undefined;
}

function firstDifference(
  got: TensorData,
  expected: TensorData,
  tolerance: number,
): { got: number; expected: number } | undefined {
  if (got.length !== expected.length) return { got: got.length, expected: expected.length };
  for (let i = 0; i < expected.length; i++) {
    const isSame = Object.is(got[i], expected[i]) || Math.abs(got[i] - expected[i]) <= tolerance;
    if (!isSame) return { got: got[i], expected: expected[i] };
  }
  return undefined;
}

/** A graph and what is wrong with it. */
export interface Failure<Problem> {
  readonly graph: RandomGraph;
  readonly problem: Problem;
}

type Check<Problem> = (smaller: RandomGraph) => Problem | undefined;

/** A smallest part of a graph that still fails: one output if possible, as early as possible, with as
 * many nodes as possible replaced by inputs of their values. */
export function smallestFailure<Problem>(
  failure: Failure<Problem>,
  check: Check<Problem>,
): Failure<Problem> {
  const early = earliestFailure(failure.graph, check) ?? withFewerOutputs(failure, check);
  return withoutNeedlessNodes(early, check);
}

/** Each node in turn as the only output, in order of size. */
function earliestFailure<Problem>(
  graph: RandomGraph,
  check: Check<Problem>,
): Failure<Problem> | undefined {
  const nodes = topologicalOrder(graph.outputs).filter(({ op }) => op !== "input");
  const bySize = nodes.sort((a, b) => topologicalOrder([a]).length - topologicalOrder([b]).length);
  for (const node of bySize) {
    const smaller = withOutputs([node], graph.values);
    const problem = check(smaller);
    if (problem !== undefined) return { graph: smaller, problem };
  }
  return undefined;
}

/** Leaves out one output after the other, for failures that need several. */
function withFewerOutputs<Problem>(
  failure: Failure<Problem>,
  check: Check<Problem>,
): Failure<Problem> {
  let smallest = failure;
  for (const output of failure.graph.outputs) {
    const outputs = smallest.graph.outputs.filter((other) => other !== output);
    const smaller = withOutputs(outputs, failure.graph.values);
    const problem = outputs.length > 0 ? check(smaller) : undefined;
    if (problem !== undefined) smallest = { graph: smaller, problem };
  }
  return smallest;
}

function withoutNeedlessNodes<Problem>(
  failure: Failure<Problem>,
  check: Check<Problem>,
): Failure<Problem> {
  let smallest = failure;
  const tried = new Set<string>();
  for (;;) {
    const { graph } = smallest;
    const nodes = topologicalOrder(graph.outputs).filter((node) => !graph.outputs.includes(node));
    const index = nodes.findLastIndex(
      (node, i) => node.op !== "input" && !tried.has(`${nodes.length} ${i}`),
    );
    if (index < 0) return smallest;
    tried.add(`${nodes.length} ${index}`);
    const node = nodes[index];
    const [value] = evaluate([node], graph.values);
    const input = build.input(`v${tried.size}`, node.shape, node.dtype);
    const outputs = substitute(graph.outputs, new Map([[node, input]]));
    const smaller = withOutputs(outputs, new Map(graph.values).set(input, value));
    const problem = check(smaller);
    if (problem !== undefined) smallest = { graph: smaller, problem };
  }
}

/** The graph of these outputs, with the inputs that they reach. */
function withOutputs(
  outputs: readonly Node[],
  values: ReadonlyMap<InputNode, TensorData>,
): RandomGraph {
  return {
    inputs: topologicalOrder(outputs).filter((node) => node.op === "input"),
    values,
    outputs,
  };
}

/** A failure as text: where, by how much, and the smallest graph that shows it. */
export function describeFailure(
  title: string,
  graph: RandomGraph,
  problem: Difference | Error,
): string {
  const found =
    problem instanceof Error
      ? problem.stack
      : `${problem.what} is ${problem.got}, expected ${problem.expected} ` +
        `± ${problem.tolerance.toPrecision(2)}.`;
  return `${title}: ${found}\n` + `The smallest failing graph:\n${printGraph(graph.outputs)}`;
}
