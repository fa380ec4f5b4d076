/** The machine's limit for a step: the time below which no WebAssembly program can compute it.
 *
 *     T ≥ max( FLOP / peak,  loadBytes / (32·f),  storeBytes / (16·f) )
 *
 * FLOP counts the terms of matrix products and convolutions (2 each; terms that only read padding are
 * left out), or in graphs without any of them every arithmetic op of every element. The peak and the
 * clock f are measured (peak.ts). A core loads 32 bytes and stores 16 a cycle; what must be loaded is each
 * input once and what must be stored each output and state once.
 */

import { simplify } from "../src/compile/index.ts";
import {
  isFloat,
  type Node,
  type NodeOf,
  opKinds,
  type Program,
  rootsOf,
  sizeOf,
  topologicalOrder,
} from "../src/ir/index.ts";

/** What one run of a program must do at least. */
export interface Work {
  readonly flops: number;
  readonly loadBytes: number;
  readonly storeBytes: number;
}

/** The work of a program, from its graph as the compiler simplifies it. */
export function workOf(program: Program): Work {
  const roots = simplify(rootsOf(program));
  const nodes = topologicalOrder(roots);
  const contractions = nodes.reduce((sum, node) => sum + contractionFlops(node), 0);
  // Data that a program gathers rows from is read in part only.
  const tables = new Set(nodes.filter(({ op }) => op === "gather").map(({ inputs }) => inputs[0]));
  const loaded = nodes.filter((node) =>
    node.op === "gather" ? node.inputs[0].op === "input" : node.op === "input" && !tables.has(node),
  );
  return {
    flops: contractions > 0 ? contractions : nodes.reduce((sum, n) => sum + elementFlops(n), 0),
    loadBytes: bytesOf(loaded),
    storeBytes: bytesOf(roots),
  };
}

/** What the machine does at most. */
export interface Machine {
  /** GFLOPS. */
  readonly peak: number;
  /** GHz. */
  readonly clock: number;
}

/** Seconds below which the work cannot be done. */
export function leastSeconds(work: Work, { peak, clock }: Machine): number {
  return (
    Math.max(work.flops / peak, work.loadBytes / (32 * clock), work.storeBytes / (16 * clock)) / 1e9
  );
}

function bytesOf(nodes: readonly Node[]): number {
  return nodes.reduce(
    (sum, { dtype, shape }) => sum + sizeOf(shape) * (dtype === "float64" ? 8 : 4),
    0,
  );
}

function elementFlops({ op, inputs, shape, dtype }: Node): number {
  if (opKinds[op] === "elementwise") return isFloat(dtype) ? sizeOf(shape) : 0;
  return opKinds[op] === "reduction" ? sizeOf(inputs[0].shape) : 0;
}

function contractionFlops(node: Node): number {
  if (opKinds[node.op] !== "contraction") return 0;
  switch (node.op) {
    case "matmul":
      return 2 * sizeOf(node.shape) * node.inputs[0].shape.at(-1)!;
    case "convolve":
      return convolutionFlops(node);
    default:
      throw new Error(`Work of a program: how many operations "${node.op}" takes is not known.`);
  }
}

/** x [batch, …spatial, channels] by w [...kernel, channels, out]: 2 · batch · channels · out times the
 * pairs, along each axis, of an output and a place of the kernel whose element is not padding. */
function convolutionFlops({ inputs: [x, w], attributes, shape }: NodeOf<"convolve">): number {
  const { stride, dilation, low } = attributes;
  const spatial = w.shape.length - 2;
  let terms = 2 * shape[0] * w.shape[spatial] * w.shape[spatial + 1];
  for (let axis = 0; axis < spatial; axis++) {
    const isData = dataPlaces(x, axis + 1);
    const isTap = dataPlaces(w, axis);
    let pairs = 0;
    for (let i = 0; i < shape[axis + 1]; i++) {
      for (let k = 0; k < w.shape[axis]; k++) {
        if (isTap[k] && isData[i * stride[axis] + k * dilation[axis] - low[axis]]) pairs++;
      }
    }
    terms *= pairs;
  }
  return terms;
}

/** For each index along an axis, whether a padding left its elements to the data. */
function dataPlaces(node: Node, axis: number): boolean[] {
  const all = () => new Array<boolean>(node.shape[axis]).fill(true);
  switch (node.op) {
    case "pad": {
      const { low, interior } = node.attributes;
      const inner = dataPlaces(node.inputs[0], axis);
      const places = all().fill(false);
      inner.forEach((isData, i) => {
        const at = low[axis] + i * (interior[axis] + 1);
        if (at >= 0 && at < places.length) places[at] = isData;
      });
      return places;
    }
    case "permute":
      return dataPlaces(node.inputs[0], node.attributes.order[axis]);
    case "flip": {
      const inner = dataPlaces(node.inputs[0], axis);
      return node.attributes.axes.includes(axis) ? inner.reverse() : inner;
    }
    default:
      return all();
  }
}
