/** Sums over the same elements: one pass over a matrix gives them all.
 *
 * The gradient of a bias sums the rows of a matrix that the gradient of its weights reads as well,
 *
 *     db[j] = Σᵣ dZ[r, j],   dW[m, j] = Σᵣ X[r, m] · dZ[r, j],
 *
 * and so do the two sums behind a batch normalization. Where X has few columns, each of these takes no more
 * arithmetic than loading the matrix does. Sums to single numbers, as of losses and of hits, are one loop too.
 */

import { type DType, sizeOf } from "../ir/index.ts";
import type { Affine, ContractKernel, Kernel, ReduceKernel, Store, Value } from "./kernel.ts";
import { runsAfter } from "./order.ts";
import { reachable, ValueTable } from "./valueTable.ts";

/** Sums of one pass at most: each has an accumulator for every vector that shares the loops. */
const mostSums = 6;

/** Rows of a product that become a sum each; more of them use what they load often enough. */
const mostRows = 4;

/** The kernels, with sums over the same elements made one. */
export function fuseSums(kernels: readonly Kernel[]): readonly Kernel[] {
  let present = kernels;
  const all = kernels.flatMap((kernel) => sumsOf(kernel) ?? []);
  for (const sums of all) {
    if (!isSum(sums.kernel)) continue;
    const alike = all.filter(
      ({ kernel, shape }) => shape === sums.shape && present.includes(kernel),
    );
    if (alike.length > 1 && alike.includes(sums)) present = new Pass(present, sums, alike).fuse();
  }
  return present;
}

/** A kernel as sums: over its loops but for those over the rows of a product, each a sum of its own. */
interface Sums {
  readonly kernel: ContractKernel | ReduceKernel;
  /** The dimensions that stay, and those that are reduced, without those of length 1. */
  readonly outer: readonly number[];
  readonly inner: readonly number[];
  readonly shape: string;
  /** The indices of the other dimensions, for each of the sums. */
  readonly places: readonly (readonly number[])[];
}

function sumsOf(kernel: Kernel): Sums | undefined {
  if (kernel.kind !== "contract" && !isSum(kernel)) return undefined;
  const { extents, reduced } = kernel;
  const all = [...extents, ...reduced];
  const long = [...all.keys()].filter((dim) => all[dim] > 1);
  const inner = long.filter((dim) => dim >= extents.length);
  let outer = long.filter((dim) => dim < extents.length);
  if (kernel.kind === "contract") {
    outer = outer.slice(-1);
    const isLow = sizeOf(extents) <= mostRows * extents[outer[0]];
    if (kernel.windows.length > 0 || !isLow) return undefined;
  }
  if (inner.length === 0) return undefined;
  const lengths = (dims: readonly number[]) => dims.map((dim) => all[dim]);
  const shape = `${dtypeOf(kernel)} ${lengths(outer)} over ${lengths(inner)}`;
  const places = all.reduce<number[][]>(
    (found, extent, dim) => {
      const count = outer.includes(dim) || inner.includes(dim) ? 1 : extent;
      return found.flatMap((index) => Array.from({ length: count }, (_, i) => [...index, i]));
    },
    [[]],
  );
  return { kernel, outer, inner, shape, places };
}

/** Whether a kernel is one sum: not yet a pass. */
function isSum(kernel: Kernel): kernel is ReduceKernel {
  return kernel.kind === "reduce" && kernel.op === "reduceSum" && kernel.inputs.length === 1;
}

function dtypeOf(kernel: ContractKernel | ReduceKernel): DType {
  return kernel.kind === "contract" ? kernel.dtype : kernel.inputs[0].dtype;
}

/** One pass over a matrix, and the sums that it gives. */
class Pass {
  readonly #kernels: readonly Kernel[];
  readonly #members: Sums[] = [];
  readonly #table = new ValueTable();
  readonly #matrices = new Set<Value>();

  /** @param alike sums of the same shape, the first among them. */
  constructor(kernels: readonly Kernel[], first: Sums, alike: readonly Sums[]) {
    this.#kernels = kernels;
    this.#add(first);
    for (const sums of alike) {
      if (sums !== first && this.#fits(sums)) this.#add(sums);
    }
  }

  /** The kernels, those of the pass as one. */
  fuse(): readonly Kernel[] {
    if (this.#members.length === 1) return this.#kernels;
    const [{ kernel, outer, inner }] = this.#members;
    const all = [...kernel.extents, ...kernel.reduced];
    const inputs: Value[] = [];
    const sideStores: Store[] = [];
    const stores: Store[] = [];
    for (const sums of this.#members) {
      for (const place of sums.places) {
        const result = inputs.length;
        const anchor: Value = { kind: "anchor", result, dtype: dtypeOf(kernel) };
        inputs.push(this.#term(sums, place));
        const at = within(sums.outer, place);
        stores.push(...this.#table.stores(sums.kernel.stores, { at, anchor }));
      }
      if (sums.kernel.kind === "reduce") {
        const at = within([...sums.outer, ...sums.inner], sums.places[0]);
        sideStores.push(...this.#table.stores(sums.kernel.sideStores, { at }));
      }
    }
    const fused: ReduceKernel = {
      kind: "reduce",
      op: "reduceSum",
      extents: outer.map((dim) => all[dim]),
      reduced: inner.map((dim) => all[dim]),
      inputs,
      sideStores,
      stores,
    };
    const members = new Set<Kernel>(this.#members.map((sums) => sums.kernel));
    const last = this.#kernels.findLast((each) => members.has(each));
    return this.#kernels.flatMap((each) => {
      if (each === last) return fused;
      return members.has(each) ? [] : each;
    });
  }

  #add(sums: Sums): void {
    this.#members.push(sums);
    for (const matrix of this.#matricesOf(sums)) this.#matrices.add(matrix);
  }

  #fits(sums: Sums): boolean {
    const [{ outer }] = this.#members;
    const count = [sums, ...this.#members].reduce((total, { places }) => total + places.length, 0);
    return (
      count <= mostSums &&
      (outer.length === 0 || this.#matricesOf(sums).some((matrix) => this.#matrices.has(matrix))) &&
      this.#members.every(({ kernel }) => {
        const isAfter = runsAfter(this.#kernels, kernel, sums.kernel);
        return !isAfter && !runsAfter(this.#kernels, sums.kernel, kernel);
      })
    );
  }

  /** What sums load that varies over the elements that stay and over those that are reduced. */
  #matricesOf(sums: Sums): Value[] {
    const terms = sums.places.map((place) => this.#term(sums, place));
    const rank = sums.outer.length;
    const varies = (strides: readonly number[]) => strides.some((stride) => stride !== 0);
    return [...reachable(terms)].filter(
      (value) =>
        value.kind === "load" &&
        varies(value.at.strides.slice(0, rank)) &&
        varies(value.at.strides.slice(rank)),
    );
  }

  /** What a sum adds. */
  #term({ kernel, outer, inner }: Sums, place: readonly number[]): Value {
    const copy = this.#table.copier({ at: within([...outer, ...inner], place) });
    if (kernel.kind === "reduce") return copy(kernel.inputs[0]);
    const { a, b, dtype } = kernel;
    const inputs = [a, b].map((operand) => copy({ kind: "load", ...operand, dtype }));
    return this.#table.of({ kind: "op", op: "mul", inputs, dtype });
  }
}

/** Affine numbers over some of the dimensions, at an index of the others. */
function within(dims: readonly number[], index: readonly number[]): (at: Affine) => Affine {
  return ({ offset, strides }) => ({
    offset: strides.reduce((sum, stride, dim) => sum + stride * index[dim], offset),
    strides: dims.map((dim) => strides[dim] ?? 0),
  });
}
