/** The one node type of the graph and the primitive operations it can stand for. */

import type { DType, TensorData } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** No attributes. */
export type None = Readonly<Record<string, never>>;

/** Of equal extreme elements all share the gradient, or the first in row-major order takes it. */
export interface ExtremumAttributes {
  readonly axes: readonly number[];
  readonly ties?: "first";
}

/** Every primitive op and its attributes. All else is composition; adding an op is adding a row here
 * and one in each table that interprets ops. */
export interface OpAttributes {
  // Leaves
  /** A value given from outside: an argument, a parameter, a dataset. Its identity is the node. */
  input: { readonly name: string; readonly shape: Shape; readonly dtype: DType };
  constant: { readonly data: TensorData; readonly shape: Shape; readonly dtype: DType };
  /** 0, 1, 2 … along `axis`. */
  iota: { readonly axis: number; readonly shape: Shape; readonly dtype: DType };
  /** Uniform numbers in [0, 1) from Threefry-2x32; inputs: key int32 [2]; element i has counter (i, 0).
   * float32 takes 24 bits of the first word, float64 27 + 26 bits of both. */
  random: { readonly shape: Shape; readonly dtype: DType };

  // Elementwise, one operand
  neg: None;
  abs: None;
  sign: None;
  exp: None;
  /** exp(x) − 1, accurate near 0. */
  expm1: None;
  log: None;
  /** log(1 + x), accurate near 0. */
  log1p: None;
  sqrt: None;
  sin: None;
  cos: None;
  tanh: None;
  /** 1 / (1 + exp(−x)). */
  sigmoid: None;
  erf: None;
  floor: None;
  ceil: None;
  /** Nearest integer, halves to even. */
  round: None;
  not: None;
  /** float → int32 truncates and saturates (NaN gives 0); number → bool is x ≠ 0. */
  cast: { readonly dtype: DType };
  /** The value itself; its gradient is zero. */
  stopGradient: None;

  // Elementwise, two operands of one shape and dtype
  add: None;
  sub: None;
  mul: None;
  div: None;
  /** Math.pow. */
  pow: None;
  /** The larger; NaN if either is NaN. */
  max: None;
  min: None;
  eq: None;
  ne: None;
  lt: None;
  le: None;
  gt: None;
  ge: None;
  and: None;
  or: None;
  /** inputs: condition (bool), value where true, value where false. */
  select: None;

  // Movement
  reshape: { readonly shape: Shape };
  /** Axis i of the result is axis order[i] of the operand. */
  permute: { readonly order: readonly number[] };
  /** To a shape that the operand broadcasts to (aligned right). */
  broadcast: { readonly shape: Shape };
  /** Elements start + i·step along each axis; step ≥ 1. */
  slice: {
    readonly start: readonly number[];
    readonly size: readonly number[];
    readonly step: readonly number[];
  };
  /** `value` before (low), after (high) and between (interior) the elements of each axis. */
  pad: {
    readonly low: readonly number[];
    readonly high: readonly number[];
    readonly interior: readonly number[];
    readonly value: number;
  };
  flip: { readonly axes: readonly number[] };
  concatenate: { readonly axis: number };

  // Reductions; the reduced axes disappear
  reduceSum: { readonly axes: readonly number[] };
  reduceMax: ExtremumAttributes;
  reduceMin: ExtremumAttributes;
  /** Index (int32) of the first largest element along an axis; a NaN counts as largest. */
  argMax: { readonly axis: number };
  /** Index (int32) of the first smallest element along an axis; a NaN counts as smallest. */
  argMin: { readonly axis: number };

  // Contraction
  /** [...batch, m, k] × [...batch, k, n] → [...batch, m, n]. */
  matmul: None;
  /** Sliding products: x [batch, ...spatial, channels], w [...kernel, channels, out] →
   * y[b, i…, o] = Σ over k…, c of x[b, i·stride + k·dilation − low …, c] · w[k…, c, o]
   * (cross-correlation, as the field calls convolution), where x is 0 outside: `low` places before and
   * `high` places after each spatial axis count as part of it. */
  convolve: {
    readonly stride: readonly number[];
    readonly dilation: readonly number[];
    readonly low: readonly number[];
    readonly high: readonly number[];
  };

  // Indexing
  /** inputs: x [n, ...rest], indices int32 [...i] → [...i, ...rest]; an index outside 0 … n−1 gives 0. */
  gather: None;
  /** inputs: indices int32 [...i], updates [...i, ...rest] → [length, ...rest], zero but for
   * result[indices[i]] += updates[i] in the order of i; an index outside is dropped. */
  scatterAdd: { readonly length: number };
}

/** The name of a primitive operation. */
export type Op = keyof OpAttributes;

/** A node of op `K`. */
export interface NodeOf<K extends Op> {
  readonly op: K;
  readonly inputs: readonly Node[];
  readonly attributes: OpAttributes[K];
  readonly shape: Shape;
  readonly dtype: DType;
}

/** An immutable node: what is computed, from what, with which static shape and element type. */
export type Node = { readonly [K in Op]: NodeOf<K> }[Op];

export type InputNode = NodeOf<"input">;
export type ConstantNode = NodeOf<"constant">;

/** How an op relates the elements of its operands to those of its result. */
export type OpKind = "leaf" | "elementwise" | "movement" | "reduction" | "contraction" | "indexing";

export const opKinds = {
  input: "leaf",
  constant: "leaf",
  iota: "leaf",
  random: "leaf",
  neg: "elementwise",
  abs: "elementwise",
  sign: "elementwise",
  exp: "elementwise",
  expm1: "elementwise",
  log: "elementwise",
  log1p: "elementwise",
  sqrt: "elementwise",
  sin: "elementwise",
  cos: "elementwise",
  tanh: "elementwise",
  sigmoid: "elementwise",
  erf: "elementwise",
  floor: "elementwise",
  ceil: "elementwise",
  round: "elementwise",
  not: "elementwise",
  cast: "elementwise",
  stopGradient: "elementwise",
  add: "elementwise",
  sub: "elementwise",
  mul: "elementwise",
  div: "elementwise",
  pow: "elementwise",
  max: "elementwise",
  min: "elementwise",
  eq: "elementwise",
  ne: "elementwise",
  lt: "elementwise",
  le: "elementwise",
  gt: "elementwise",
  ge: "elementwise",
  and: "elementwise",
  or: "elementwise",
  select: "elementwise",
  reshape: "movement",
  permute: "movement",
  broadcast: "movement",
  slice: "movement",
  pad: "movement",
  flip: "movement",
  concatenate: "movement",
  reduceSum: "reduction",
  reduceMax: "reduction",
  reduceMin: "reduction",
  argMax: "reduction",
  argMin: "reduction",
  matmul: "contraction",
  convolve: "contraction",
  gather: "indexing",
  scatterAdd: "indexing",
} as const satisfies Readonly<Record<Op, OpKind>>;

/** The ops of a kind. */
export type OpOf<Kind extends OpKind> = {
  [K in Op]: (typeof opKinds)[K] extends Kind ? K : never;
}[Op];
