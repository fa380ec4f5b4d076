/** Kernels: what the compiler hands to a backend, loops over stored buffers with their arithmetic.
 *
 * A program is a list of kernels. Each kernel is a loop nest over a static rectangle (`extents`) whose
 * body is a small graph of values; every address is an affine function of the loop indices. Buffers
 * are numbered; the memory plan gives each one its place in the arena.
 */

import type { DType, OpOf, TensorData } from "../ir/index.ts";

/** offset + Σ strides[d] · index[d], in elements, for the loop indices of a kernel. */
export interface Affine {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** A number in a backend's storage: an index into `Plan.buffers`. */
export type BufferId = number;

/** The ops that a loop body computes elementwise. */
export type ScalarOp = Exclude<OpOf<"elementwise">, "stopGradient">;

/** A value of a loop body. Values are shared by identity: one object is computed once an iteration. */
export type Value =
  /** The element of a buffer at an affine address. */
  | { readonly kind: "load"; readonly buffer: BufferId; readonly at: Affine; readonly dtype: DType }
  /** A number known at compile time. */
  | { readonly kind: "constant"; readonly value: number; readonly dtype: DType }
  /** The affine number itself, as dtype. */
  | { readonly kind: "index"; readonly at: Affine; readonly dtype: DType }
  /** table[row · rowSize + at], or 0 where row is outside 0 … rows − 1. `row` is an int32 value. */
  | {
      readonly kind: "gather";
      readonly table: BufferId;
      readonly rows: number;
      readonly rowSize: number;
      readonly row: Value;
      readonly at: Affine;
      readonly dtype: DType;
    }
  /** Threefry-2x32 number of the element whose counter is the affine number; `key` holds two int32. */
  | {
      readonly kind: "random";
      readonly key: BufferId;
      readonly keyOffset: number;
      readonly at: Affine;
      readonly dtype: DType;
    }
  | {
      readonly kind: "op";
      readonly op: ScalarOp;
      readonly inputs: readonly Value[];
      readonly dtype: DType;
    }
  /** A result of the kernel's reduction or contraction at these indices, by its number. */
  | { readonly kind: "anchor"; readonly result: number; readonly dtype: DType };

/** buffer[at] = value. Within one iteration all values are computed before any is stored. */
export interface Store {
  readonly buffer: BufferId;
  readonly at: Affine;
  readonly value: Value;
}

/** Elementwise loops: for every index of the rectangle, the stores. */
export interface MapKernel {
  readonly kind: "map";
  readonly extents: readonly number[];
  readonly stores: readonly Store[];
}

/** For every index of `extents`: each result is the reduction of one of `inputs`, all of one dtype, over the
 * indices of `reduced` (their affine strides cover extents, then reduced), then the stores. `sideStores`
 * are stored in the inner loop, over both. */
export interface ReduceKernel {
  readonly kind: "reduce";
  readonly op: "reduceSum" | "reduceMax" | "reduceMin";
  readonly extents: readonly number[];
  readonly reduced: readonly number[];
  readonly inputs: readonly Value[];
  readonly sideStores: readonly Store[];
  readonly stores: readonly Store[];
}

/** Operand of a contraction: strides over the extents, then the reduced indices. */
export interface ContractOperand {
  readonly buffer: BufferId;
  readonly at: Affine;
}

/** A clipped axis of a convolution: the sum takes only indices with
 * 0 ≤ output · outputStep + summed · summedStep − low < length, where `output` is the index of
 * `extents[outputDim]` and `summed` that of `reduced[summedDim]`. */
export interface Window {
  readonly outputDim: number;
  readonly summedDim: number;
  readonly outputStep: number;
  readonly summedStep: number;
  readonly low: number;
  readonly length: number;
}

/** Matrix products and convolutions. For every index of `extents`: the anchor is Σ a · b over the indices
 * of `reduced` within the windows, then the stores. Along the last of `extents` a has stride 0 and b has
 * stride 1, unless that extent is 1; or both have stride 1 along the last of `reduced`, without windows. */
export interface ContractKernel {
  readonly kind: "contract";
  readonly dtype: "float32" | "float64";
  readonly extents: readonly number[];
  readonly reduced: readonly number[];
  readonly a: ContractOperand;
  readonly b: ContractOperand;
  readonly windows: readonly Window[];
  readonly stores: readonly Store[];
}

/** Products of patches of an image: for every index of `extents` (images, windows, channels) one value, whose
 * patch of the image begins at the value's place, and the patch of its channel's weights.
 *
 *     gather     weights[patch] = Σ over images and windows of value · image[place + patch]
 *     scatter    image = 0, then image[place + patch] += value · weights[patch] for every index
 *
 * Values and places (int32, elements of the image) are contiguous over `extents`. Strides are over `extents`,
 * then `patch`; along the last of `patch` that of the image is 1. The weights vary over the channels and the
 * patch only, the image does not vary over the channels. */
export interface PatchKernel {
  readonly kind: "patch";
  readonly direction: "gather" | "scatter";
  readonly dtype: "float32" | "float64";
  readonly extents: readonly number[];
  readonly patch: readonly number[];
  readonly values: BufferId;
  readonly places: BufferId;
  readonly image: ContractOperand;
  readonly weights: ContractOperand;
}

/** target = 0; then for i over `count` in order: target[indices[i]] += updates[i], rows of `rowSize`;
 * rows outside 0 … rows − 1 are dropped. All three buffers are contiguous. */
export interface ScatterAddKernel {
  readonly kind: "scatterAdd";
  readonly dtype: DType;
  readonly target: BufferId;
  readonly rows: number;
  readonly rowSize: number;
  readonly count: number;
  readonly indices: BufferId;
  readonly updates: BufferId;
}

export type Kernel = MapKernel | ReduceKernel | ContractKernel | PatchKernel | ScatterAddKernel;

/** A piece of storage: `size` elements of `dtype` at byte `offset` of the arena.
 * Offsets are multiples of 64 and no two live buffers share a 16-byte line, so a vector access that
 * starts inside a buffer may run past its end by less than 16 bytes without harm. */
export interface Buffer {
  readonly dtype: DType;
  readonly size: number;
  readonly offset: number;
}

/** Rows of a table that the next run of a program will gather, as far as they are known before: their numbers, all
 * within the table, are in a buffer of `count` int32. */
export interface RowsAhead {
  readonly table: BufferId;
  readonly rowBytes: number;
  readonly indices: BufferId;
  readonly count: number;
}

export interface ProgramPlan {
  readonly name: string;
  readonly kernels: readonly Kernel[];
  /** Of large tables: what is worth asking for before it is needed. */
  readonly ahead?: readonly RowsAhead[];
}

/** Where an arena holds what goes into programs and comes out of them. */
export interface StoragePlan {
  readonly buffers: readonly Buffer[];
  /** Values that are written once when an arena is made. */
  readonly constants: readonly { readonly buffer: BufferId; readonly data: TensorData }[];
  /** Bytes of the arena, at least 64 more than the end of its last buffer. */
  readonly arenaBytes: number;
  /** Storage of the inputs, in the order in which `inputsOf(programs)` lists them. */
  readonly inputs: readonly BufferId[];
  /** Whether the storage of each input, a matrix, holds it with its two axes exchanged. */
  readonly transposed: readonly boolean[];
  /** Storage of each program's outputs, in order. */
  readonly outputs: readonly (readonly BufferId[])[];
}

/** Everything a backend needs to emit one module: its storage and its programs. */
export interface Plan extends StoragePlan {
  readonly programs: readonly ProgramPlan[];
}
