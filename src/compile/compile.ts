/** The pipeline of passes: from programs to a plan that a backend emits. */

import {
  type InputNode,
  inputsOf,
  type Node,
  type Op,
  opKinds,
  type Program,
  rootsOf,
  sizeOf,
  structuralKey,
  topologicalOrder,
} from "../ir/index.ts";
import { decompose } from "./decompose.ts";
import { fuseRows } from "./fuseRows.ts";
import { fuseSums } from "./fuseSums.ts";
import { groupNodes, isAssembled } from "./group.ts";
import type { BufferId, Kernel, Plan } from "./kernel.ts";
import { chooseLayouts } from "./layout.ts";
import { lowerGroup } from "./lower.ts";
import { readMasksFromResults } from "./masks.ts";
import { bytesPerElement, planMemory } from "./memory.ts";
import { copy, packOperands, transposeProducts } from "./orient.ts";
import { padConvolutions } from "./padConvolutions.ts";
import { poolGradients } from "./poolGradients.ts";
import { sinkReshapes } from "./reshape.ts";
import { nextRowsOf } from "./rowsAhead.ts";
import { type StateUpdate, scheduleKernels } from "./schedule.ts";
import { simplify, UniqueNodes } from "./simplify.ts";
import { splitReduction } from "./splitReduction.ts";
import { Storage } from "./storage.ts";
import { mergeSums } from "./sums.ts";
import { unrollExtremes } from "./unrollExtremes.ts";

/** How to compile. */
export interface CompileOptions {
  /** Sees what each pass makes of a program: its graph at first, its kernels in the end. */
  readonly trace?: CompileTrace;
}

export interface CompileTrace {
  graph(pass: string, roots: readonly Node[]): void;
  kernels(pass: string, kernels: readonly Kernel[]): void;
}

/** Compiles programs that share their inputs into one plan. Its inputs are in the order in which
 * `inputsOf` lists those of the programs. */
export function compilePrograms(programs: readonly Program[], options: CompileOptions = {}): Plan {
  const storage = new Storage();
  const inputs = inputsOf(programs);
  const unique = programs.map(() => new UniqueNodes());
  const nextRows = programs.map(nextRowsOf);
  const simplified = programs.map((program, i) => {
    // Stored as outputs are, for nothing else has a use for them.
    const outputs = [...program.outputs, ...nextRows[i].map(({ indices }) => indices)];
    return overRoots({ ...program, outputs }, firstPasses, unique[i], options);
  });
  const layout = chooseLayouts(simplified);
  const inputBuffers = inputs.map((input) =>
    storage.ofInput(layout.transposed.get(input) ?? input),
  );
  const lowered = layout.programs.map((program, i) =>
    lowerProgram(overRoots(program, lastPasses, unique[i], options), storage, options),
  );
  const { buffers, arenaBytes } = planMemory(
    storage.buffers,
    lowered.map(({ kernels }) => kernels),
  );
  return {
    buffers,
    arenaBytes,
    constants: [...storage.constants].map(([node, buffer]) => ({
      buffer,
      data: node.attributes.data,
    })),
    programs: lowered.map(({ name, kernels, outputs }, i) => ({
      name,
      kernels,
      ahead: nextRows[i].map(({ table, indices }, j) => ({
        table: storage.ofInput(table),
        rowBytes: (sizeOf(table.shape) / table.shape[0]) * bytesPerElement[table.dtype],
        indices: outputs[programs[i].outputs.length + j],
        count: sizeOf(indices.shape),
      })),
    })),
    inputs: inputBuffers,
    transposed: inputs.map((input) => layout.transposed.has(input)),
    outputs: lowered.map(({ outputs }, i) => outputs.slice(0, programs[i].outputs.length)),
  };
}

/** A pass, and the ops of which the program must have one when it comes to the list; without them the pass
 * has nothing to do. */
interface Pass {
  readonly name: string;
  readonly transform: (roots: readonly Node[], unique: UniqueNodes) => Node[];
  readonly ops?: readonly Op[];
}

/** Graph to graph, in order, before the layout of the inputs is chosen. */
const firstPasses: readonly Pass[] = [
  { name: "decompose", transform: decompose, ops: ["argMax", "argMin"] },
  { name: "simplify", transform: simplify },
  { name: "merge sums", transform: mergeAndSimplify, ops: ["reduceSum"] },
];

/** Graph to graph, in order, after it is chosen. */
const lastPasses: readonly Pass[] = [
  { name: "transpose products", transform: transposeProducts, ops: ["matmul"] },
  { name: "read masks from results", transform: readMasksFromResults, ops: ["select"] },
  // An element of a pooling's window is less than the largest one.
  { name: "pool gradients", transform: poolGradients, ops: ["lt"] },
  { name: "unroll extremes", transform: unrollExtremes, ops: ["reduceMax", "reduceMin"] },
  { name: "sink reshapes", transform: sinkReshapes, ops: ["reshape"] },
  { name: "pad convolutions", transform: padConvolutions, ops: ["convolve"] },
  { name: "simplify again", transform: simplify },
  { name: "pack operands", transform: packOperands, ops: ["matmul", "convolve"] },
  { name: "distinct roots", transform: distinctRoots },
];

/** Fewer sums, and what that leaves to simplify: most programs have none to merge. */
function mergeAndSimplify(roots: readonly Node[], unique: UniqueNodes): Node[] {
  const merged = mergeSums(roots, unique);
  return merged.every((node, i) => node === roots[i]) ? merged : simplify(merged, unique);
}

/** The program after some passes. */
function overRoots(
  program: Program,
  passes: readonly Pass[],
  unique: UniqueNodes,
  options: CompileOptions,
): Program {
  const { name, outputs, updates = [] } = program;
  let roots = rootsOf(program);
  const present = new Set(topologicalOrder(roots).map(({ op }) => op));
  const check = (pass: string) => options.trace?.graph(`${name}: ${pass}`, roots);
  check("before");
  for (const { name: pass, transform, ops } of passes) {
    if (ops !== undefined && !ops.some((op) => present.has(op))) continue;
    roots = transform(roots, unique);
    check(pass);
  }
  return {
    name,
    outputs: roots.slice(0, outputs.length),
    updates: updates.map(({ target }, i) => ({ target, value: roots[outputs.length + i] })),
  };
}

interface Lowered {
  readonly name: string;
  readonly kernels: readonly Kernel[];
  readonly outputs: readonly BufferId[];
}

/** @param program whose roots are distinct nodes that loops can store */
function lowerProgram(program: Program, storage: Storage, options: CompileOptions): Lowered {
  const { name } = program;
  const roots = rootsOf(program);
  const { groups, storedIn } = groupNodes(roots);
  const outputCount = program.outputs.length;
  const kept = new Set(roots.slice(0, outputCount));
  const bufferOf = new Map<Node, BufferId>();
  for (const node of storedIn.keys()) bufferOf.set(node, storage.add(node, kept.has(node)));
  const storageOf = (node: Node) => {
    if (node.op === "input") return storage.ofInput(node);
    if (node.op === "constant") return storage.ofConstant(node);
    return bufferOf.get(node);
  };
  const required = new Set(roots.map((root) => bufferOf.get(root)));
  const fused = fuseRows(
    groups.flatMap((group) => lowerGroup(group, storageOf)),
    (buffer) => required.has(buffer),
  );
  const kernels = fuseSums(fused).flatMap((kernel) => splitReduction(kernel, storage));
  const updates: StateUpdate[] = (program.updates ?? []).map(({ target }, i) => ({
    target: storage.ofInput(target),
    value: bufferOf.get(roots[outputCount + i])!,
  }));
  const scheduled = scheduleKernels(kernels, updates, storage.buffers);
  options.trace?.kernels(name, scheduled);
  const outputs = roots.slice(0, outputCount).map((root) => bufferOf.get(root)!);
  return { name, kernels: scheduled, outputs };
}

/** Roots that a loop can store: each a node of its own, none a leaf or a movement. */
function distinctRoots(roots: readonly Node[]): Node[] {
  const seen = new Set<Node>();
  return roots.map((root) => {
    let value = root;
    while (value.op === "reshape") value = value.inputs[0];
    const isView =
      value.op === "input" ||
      value.op === "constant" ||
      (opKinds[value.op] === "movement" && !isAssembled(value));
    if (isView || seen.has(value)) value = copy(value);
    seen.add(value);
    return value;
  });
}

/** A text that programs share exactly when one plan serves them: the programs with their names, their
 * inputs by number. */
export function programsKey(programs: readonly Program[]): string {
  const numbers = new Map<InputNode, number>();
  const numberOf = (input: InputNode) => {
    if (!numbers.has(input)) numbers.set(input, numbers.size);
    return numbers.get(input)!;
  };
  return programs
    .map((program) => {
      const graph = structuralKey(rootsOf(program), numberOf);
      const targets = (program.updates ?? []).map(({ target }) => numberOf(target));
      return `${program.name} ${program.outputs.length} ${targets}\n${graph}`;
    })
    .join("\n\n");
}
