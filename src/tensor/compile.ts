/** Compilation: a function traced once for each kind of arguments and run by a backend. */

import type { Backend } from "../backend/interface.ts";
import { evaluate } from "../backend/reference/index.ts";
import {
  build,
  formatShape,
  type InputNode,
  inputsOf,
  type Node,
  type Program,
  type TensorData,
} from "../ir/index.ts";
import { mapTree, type Tree, treeLeaves, treeStructure } from "../util/index.ts";
import { Tensor, valuesOf } from "./tensor.ts";
import { traceTree } from "./trace.ts";

export interface CompileOptions {
  /** What runs the program; the interpreter that defines every op unless told. */
  readonly backend?: Backend;
}

/** The same function, traced and compiled at the first call with each combination of structures,
 * shapes, dtypes and other values among its arguments, and looked up afterwards.
 *
 * Only operations on tensors are recorded: whatever else the function reads is read once, while it is
 * traced. Among traced tensors (inside grad, vmap or another compile) the call joins their graph.
 *
 * @example
 * const step = compile((w: Tensor, x: Tensor) => w.sub(grad(loss)(w, x).mul(0.1)));
 */
export function compile<Arguments extends readonly unknown[], Result>(
  f: (...args: Arguments) => Result,
  { backend }: CompileOptions = {},
): (...args: Arguments) => Result {
  const compiled = new Map<string, CompiledCall | undefined>();
  const identify = identities();
  return (...args) => {
    const leaves = treeLeaves(args as Tree<unknown>);
    const tensors = leaves.filter((leaf) => leaf instanceof Tensor);
    if (tensors.some(({ isTraced }) => isTraced)) return f(...args);
    const signature = [treeStructure(args as Tree<unknown>), ...leaves.map(identify)].join("\n");
    if (!compiled.has(signature)) compiled.set(signature, compileCall(f, args, backend));
    const call = compiled.get(signature);
    return call === undefined ? f(...args) : (call.run(tensors) as Result);
  };
}

/** Texts that tell leaves apart: type of a tensor, value of a primitive, identity of an object. */
function identities(): (leaf: unknown) => string {
  const numbers = new WeakMap<object, number>();
  let count = 0;
  return (leaf) => {
    if (leaf instanceof Tensor) return `${leaf.dtype}${formatShape(leaf.shape)}`;
    if (typeof leaf === "string") return JSON.stringify(leaf);
    if ((typeof leaf !== "object" && typeof leaf !== "function") || leaf === null) {
      return `${typeof leaf} ${Object.is(leaf, -0) ? "-0" : String(leaf)}`;
    }
    if (!numbers.has(leaf)) numbers.set(leaf, count++);
    return `object ${numbers.get(leaf)}`;
  };
}

interface CompiledCall {
  run(tensors: readonly Tensor[]): unknown;
}

/** `undefined` when the function refers to tensors that another trace has not computed yet. */
function compileCall<Arguments extends readonly unknown[]>(
  f: (...args: Arguments) => unknown,
  args: Arguments,
  backend: Backend | undefined,
): CompiledCall | undefined {
  const { tree, inputs } = traceTree(args, "argument");
  const result = f(...(tree as unknown as Arguments)) as Tree<unknown>;
  const nodes = treeLeaves(result)
    .filter((leaf) => leaf instanceof Tensor)
    .map(({ node }) => node);
  const outputs = [...new Set(nodes)].filter(({ op }) => op !== "constant" && op !== "input");
  const program: Program = { name: "main", outputs };
  const read = inputsOf([program]);
  if ([...read, ...nodes].some((node) => node.op === "input" && !inputs.includes(node))) {
    return undefined;
  }
  const run = backend && outputs.length > 0 ? runOn(backend, program) : interpreterOf(outputs);
  return {
    run(tensors) {
      const given = new Map(inputs.map((input, i) => [input, tensors[i]]));
      const data = run(read.map((input) => [input, valuesOf(given.get(input)!, "compile")]));
      const results = new Map<Node, Tensor>(given);
      outputs.forEach((node, i) => {
        results.set(node, new Tensor(build.constant(data[i], node.shape, node.dtype)));
      });
      return mapTree(result, (leaf) =>
        leaf instanceof Tensor ? (results.get(leaf.node) ?? leaf) : leaf,
      );
    },
  };
}

/** From the values of the inputs to those of the outputs. */
type Run = (inputs: readonly (readonly [InputNode, TensorData])[]) => TensorData[];

function interpreterOf(outputs: readonly Node[]): Run {
  return (inputs) => evaluate(outputs, new Map(inputs));
}

function runOn(backend: Backend, program: Program): Run {
  const executable = backend.compile([program]);
  return (inputs) => {
    for (const [input, values] of inputs) executable.write(input, values);
    executable.run(program.name);
    return program.outputs.map((node) => executable.read(node));
  };
}
