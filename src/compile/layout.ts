/** Storage layouts: weights that products read transposed are stored transposed, with all that is updated
 * along with them, so that no step copies them into the other order. */

import {
  build,
  consumersOf,
  type InputNode,
  makeNode,
  type Node,
  opKinds,
  type Program,
  rootsOf,
  sameShape,
  substitute,
  topologicalOrder,
} from "../ir/index.ts";
import { bytesPerElement } from "./memory.ts";
import { isDotDepth, isTransposition } from "./orient.ts";
import { uniformValue } from "./simplify.ts";

/** Programs over inputs some of which are stored with their two axes exchanged. */
export interface Layout {
  readonly programs: readonly Program[];
  /** The input of the new programs that stands for each transposed one. */
  readonly transposed: ReadonlyMap<InputNode, InputNode>;
}

/** Chooses layouts for programs that are simplified and share their inputs. */
export function chooseLayouts(programs: readonly Program[]): Layout {
  const chosen = transposedInputs(programs);
  const transposed = new Map(
    [...chosen].map((node) => {
      const { name, shape, dtype } = node.attributes;
      return [node, build.input(name, [shape[1], shape[0]], dtype)];
    }),
  );
  if (transposed.size === 0) return { programs, transposed };
  const views = new Map([...transposed].map(([node, stored]) => [node, build.transpose(stored)]));
  return {
    programs: programs.map((program) => overStorage(program, views, transposed)),
    transposed,
  };
}

/** Matrices that only transposed right operands of products read, and what is updated with them. */
function transposedInputs(programs: readonly Program[]): ReadonlySet<InputNode> {
  const wanted = new Set<Node>();
  const refused = new Set<Node>();
  for (const node of topologicalOrder(programs.flatMap(rootsOf))) {
    if (node.op !== "matmul") continue;
    const [, b] = node.inputs;
    const [source] = isTransposition(b) ? b.inputs : [b];
    if (source.op === "input" && source.shape.length === 2 && !isBetterAsRows(source)) {
      (isTransposition(b) ? wanted : refused).add(source);
    }
  }
  const chosen = new Set<InputNode>();
  for (const { target, value } of programs.flatMap(({ updates = [] }) => updates)) {
    if (!wanted.has(target) || refused.has(target)) continue;
    chosen.add(target);
    for (const companion of elementwiseInputs(value)) {
      if (sameShape(companion.shape, target.shape) && !refused.has(companion)) {
        chosen.add(companion);
      }
    }
  }
  return chosen;
}

/** Bytes of a weight of which rows stay in a cache however they are read. */
const cachedBytes = 1 << 18;

/** How much longer a product of such a weight takes with vectors along the units: it has more loads of single
 * elements, and tiles with fewer sums. */
const alongUnits = 1.05;

/** Whether a weight W: [units, inputs] does better as it is: with vectors along the inputs, of which the last one
 * of a row is full or matters little, while vectors along the units may be partly empty.
 *
 *     transposed    z = x · Wᵀ and its gradient: vectors along the units
 *     as it is      z: sums along the inputs, their lanes added up; its gradient: vectors along the inputs
 */
function isBetterAsRows({ shape: [units, inputs], dtype }: Node): boolean {
  const bytes = bytesPerElement[dtype];
  const vectors = (count: number, length: number) => count * Math.ceil((length * bytes) / 16);
  const slower = units * inputs * bytes <= cachedBytes ? alongUnits : 1;
  return (
    isDotDepth(inputs, units, dtype) &&
    vectors(units, inputs) + units < slower * vectors(inputs, units)
  );
}

/** The inputs that a value is computed from by elementwise ops alone. */
function elementwiseInputs(value: Node): Set<InputNode> {
  const found = new Set<InputNode>();
  const seen = new Set<Node>();
  const visit = (node: Node) => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.op === "input") found.add(node);
    if (opKinds[node.op] === "elementwise") node.inputs.forEach(visit);
  };
  visit(value);
  return found;
}

/** The program that reads `views` of the stored inputs and updates these directly. */
function overStorage(
  program: Program,
  views: ReadonlyMap<Node, Node>,
  transposed: ReadonlyMap<Node, InputNode>,
): Program {
  const roots = substitute(rootsOf(program), views);
  const transpose = transposer(roots);
  const outputCount = program.outputs.length;
  return {
    name: program.name,
    outputs: roots.slice(0, outputCount),
    updates: (program.updates ?? []).map(({ target }, i) => {
      const value = roots[outputCount + i];
      const stored = transposed.get(target);
      return stored === undefined ? { target, value } : { target: stored, value: transpose(value) };
    }),
  };
}

/** The transpose of a matrix, computed as such from its operands where nothing is computed twice. */
function transposer(roots: readonly Node[]): (node: Node) => Node {
  const consumers = consumersOf(roots);
  const done = new Map<Node, Node>();
  const transpose = (node: Node): Node => {
    let result = done.get(node);
    if (result === undefined) {
      result = rebuild(node);
      done.set(node, result);
    }
    return result;
  };
  const rebuild = (node: Node): Node => {
    const shape = [node.shape[1], node.shape[0]];
    const value = uniformValue(node);
    if (value !== undefined) return build.full(value, shape, node.dtype);
    if (isTransposition(node)) return node.inputs[0];
    if (node.op === "broadcast" && node.inputs[0].shape.length === 0) {
      return build.broadcast(node.inputs[0], shape);
    }
    if (opKinds[node.op] === "elementwise") {
      return makeNode(node.op, node.inputs.map(transpose), node.attributes as never);
    }
    if (node.op === "matmul" && consumers.get(node)!.length === 1) {
      const [a, b] = node.inputs.map((operand) =>
        isTransposition(operand) ? operand.inputs[0] : build.transpose(operand),
      );
      return build.matmul(b, a);
    }
    return build.transpose(node);
  };
  return transpose;
}
