/** The user's tensor: an immutable value with the methods of NumPy and PyTorch, over a graph node. */

import {
  build,
  type DType,
  formatShape,
  type Node,
  type Shape,
  sizeOf,
  type TensorData,
} from "../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../util/index.ts";
import { fold } from "./fold.ts";
import { formatData, type NestedArray, nested } from "./format.ts";
import type { Axes, ConvolveOptions, ExtremumOptions, Range } from "./functions/index.ts";
import * as functions from "./functions/index.ts";

/** What binary operations take beside the tensor: another one, or a number in its dtype. */
export type Operand = Tensor | number;

/** Whether reduced axes stay with length 1; default false. */
export interface KeepDims {
  readonly keepDims?: boolean;
}

/** An immutable array of numbers with a shape and a dtype.
 *
 * A tensor either holds its values, or stands for a value not known yet while a function is traced
 * by `grad`, `vmap` or `compile`. An operation on known values is carried out at once; otherwise it
 * extends the graph.
 *
 * Operands broadcast as in NumPy and must have one dtype; `cast` converts. A number takes the dtype
 * of the tensor. `axes` are numbers from the front, or negative from the back; without them a
 * reduction covers all.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]);
 * x.mul(2).add(1).sum(1).toArray(); // [8, 16]
 */
export class Tensor {
  /** The graph node; a `constant` when the values are known. */
  readonly node: Node;

  /** Use `tensor`, `zeros` and their like; `fromNode` for nodes. */
  constructor(node: Node) {
    this.node = node;
  }

  get shape(): Shape {
    return this.node.shape;
  }

  get dtype(): DType {
    return this.node.dtype;
  }

  /** Number of axes. */
  get rank(): number {
    return this.node.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.node.shape);
  }

  /** Whether the values are not known yet, because a function is being traced. */
  get isTraced(): boolean {
    return this.node.op !== "constant";
  }

  // Reading

  /** A copy of the elements in row-major order. @throws UsageError while traced. */
  get data(): TensorData {
    return valuesOf(this, "data").slice();
  }

  /** The elements as nested arrays. @throws UsageError while traced. */
  toArray(): NestedArray {
    return nested(valuesOf(this, "toArray()"), this.shape, this.dtype);
  }

  /** The only element, as a number (bool gives 0 or 1). @throws UsageError while traced. */
  item(): number {
    const values = valuesOf(this, "item()");
    if (values.length === 1) return values[0];
    throw new ShapeError(
      `item(): expected a tensor with one element, got shape ${formatShape(this.shape)}; ` +
        `use toArray(), or slice() it first.`,
    );
  }

  toString(): string {
    const type = `${this.dtype}${formatShape(this.shape)}`;
    if (this.node.op !== "constant") return `Tensor(${type}, traced: ${this.node.op})`;
    return `${formatData(this.node.attributes.data, this.shape, this.dtype)} ${type}`;
  }

  /** Writes the tensor to the console. */
  print(): void {
    console.log(this.toString());
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  // Arithmetic

  add(other: Operand): Tensor {
    return binary("add", this, other);
  }

  sub(other: Operand): Tensor {
    return binary("sub", this, other);
  }

  mul(other: Operand): Tensor {
    return binary("mul", this, other);
  }

  div(other: Operand): Tensor {
    return binary("div", this, other);
  }

  pow(exponent: Operand): Tensor {
    return binary("pow", this, exponent);
  }

  maximum(other: Operand): Tensor {
    return binary("max", this, other);
  }

  minimum(other: Operand): Tensor {
    return binary("min", this, other);
  }

  /** Limits the elements to low … high. */
  clip(low: number | undefined, high?: number): Tensor {
    return apply((x) => functions.clip(x, low, high), this);
  }

  neg(): Tensor {
    return unary("neg", this);
  }

  abs(): Tensor {
    return unary("abs", this);
  }

  /** −1, 0 or 1. */
  sign(): Tensor {
    return unary("sign", this);
  }

  square(): Tensor {
    return apply((x) => build.mul(x, x), this);
  }

  sqrt(): Tensor {
    return unary("sqrt", this);
  }

  reciprocal(): Tensor {
    return apply((x) => build.div(build.fullLike(1, x), x), this);
  }

  exp(): Tensor {
    return unary("exp", this);
  }

  /** exp(x) − 1, accurate near 0. */
  expm1(): Tensor {
    return unary("expm1", this);
  }

  /** The natural logarithm. */
  log(): Tensor {
    return unary("log", this);
  }

  /** log(1 + x), accurate near 0. */
  log1p(): Tensor {
    return unary("log1p", this);
  }

  sin(): Tensor {
    return unary("sin", this);
  }

  cos(): Tensor {
    return unary("cos", this);
  }

  tanh(): Tensor {
    return unary("tanh", this);
  }

  /** 1 / (1 + exp(−x)) */
  sigmoid(): Tensor {
    return unary("sigmoid", this);
  }

  /** The error function. */
  erf(): Tensor {
    return unary("erf", this);
  }

  /** max(x, 0), with gradient 0 at 0. */
  relu(): Tensor {
    return apply(functions.relu, this);
  }

  floor(): Tensor {
    return unary("floor", this);
  }

  ceil(): Tensor {
    return unary("ceil", this);
  }

  /** Nearest integer, halves to even. */
  round(): Tensor {
    return unary("round", this);
  }

  // Comparison and logic; the results are bool

  eq(other: Operand): Tensor {
    return binary("eq", this, other);
  }

  ne(other: Operand): Tensor {
    return binary("ne", this, other);
  }

  lt(other: Operand): Tensor {
    return binary("lt", this, other);
  }

  le(other: Operand): Tensor {
    return binary("le", this, other);
  }

  gt(other: Operand): Tensor {
    return binary("gt", this, other);
  }

  ge(other: Operand): Tensor {
    return binary("ge", this, other);
  }

  logicalAnd(other: Tensor): Tensor {
    return binary("and", this, other);
  }

  logicalOr(other: Tensor): Tensor {
    return binary("or", this, other);
  }

  logicalNot(): Tensor {
    return unary("not", this);
  }

  /** Elements of `a` where this (bool) is true, elsewhere of `b`. */
  where(a: Operand, b: Operand): Tensor {
    return where(this, a, b);
  }

  // Reductions

  sum(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.sum(x, axes, keepDims), this);
  }

  mean(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.mean(x, axes, keepDims), this);
  }

  /** Σ (x − mean)² / (n − correction): of the population by default, of a sample with 1. */
  variance(
    axes?: Axes,
    { keepDims, correction }: KeepDims & { readonly correction?: number } = {},
  ): Tensor {
    return apply((x) => functions.variance(x, axes, correction, keepDims), this);
  }

  /** The square root of the variance. */
  std(axes?: Axes, options: KeepDims & { readonly correction?: number } = {}): Tensor {
    return this.variance(axes, options).sqrt();
  }

  max(axes?: Axes, options?: ExtremumOptions): Tensor {
    return apply((x) => functions.extremum("reduceMax", x, axes, options), this);
  }

  min(axes?: Axes, options?: ExtremumOptions): Tensor {
    return apply((x) => functions.extremum("reduceMin", x, axes, options), this);
  }

  prod(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.product(x, axes, keepDims), this);
  }

  /** Index (int32) of the first largest element along an axis, or of all in row-major order. */
  argMax(axis?: number, { keepDims = false }: KeepDims = {}): Tensor {
    return apply((x) => functions.indexOfExtremum("argMax", x, axis, keepDims), this);
  }

  /** Index (int32) of the first smallest element along an axis, or of all in row-major order. */
  argMin(axis?: number, { keepDims = false }: KeepDims = {}): Tensor {
    return apply((x) => functions.indexOfExtremum("argMin", x, axis, keepDims), this);
  }

  /** Whether any element is not 0. */
  any(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.any(x, axes, keepDims), this);
  }

  /** Whether no element is 0. */
  all(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.all(x, axes, keepDims), this);
  }

  /** log Σ exp(x), without overflow. */
  logSumExp(axes?: Axes, { keepDims }: KeepDims = {}): Tensor {
    return apply((x) => functions.logSumExp(x, axes, keepDims), this);
  }

  /** exp(x) / Σ exp(x) along an axis. */
  softmax(axis = -1): Tensor {
    return apply((x) => functions.softmax(x, axis), this);
  }

  /** log(softmax(x)), without overflow. */
  logSoftmax(axis = -1): Tensor {
    return apply((x) => functions.logSoftmax(x, axis), this);
  }

  /** (Σ |x|ᵖ)^(1/p) with p = `order`: 2 by default; 1, Infinity or any other above 0. */
  norm(
    axes?: Axes,
    { order = 2, keepDims = false }: KeepDims & { readonly order?: number } = {},
  ): Tensor {
    return apply((x) => functions.norm(x, axes, order, keepDims), this);
  }

  /** Running sums along an axis. */
  cumulativeSum(axis = 0): Tensor {
    return apply((x) => functions.cumulativeSum(x, axis), this);
  }

  // Products

  /** [..., m, k] × [..., k, n] → [..., m, n]; vectors count as a row on the left and as a column on
   * the right, and the leading axes broadcast. */
  matmul(other: Tensor): Tensor {
    return apply(functions.matmul, this, other);
  }

  /** Σ aᵢ bᵢ of two vectors. */
  dot(other: Tensor): Tensor {
    return apply(functions.dot, this, other);
  }

  /** aᵢ bⱼ of two vectors: [m] × [n] → [m, n]. */
  outer(other: Tensor): Tensor {
    return apply(functions.outer, this, other);
  }

  /** Sliding products, as the field calls convolution: x [batch, ...spatial, channels], w [...kernel,
   * channels, out] → y[b, i…, o] = Σ over k… and c of x[b, i·stride + k·dilation − padding …, c] ·
   * w[k…, c, o]. Options are one number, or one for each spatial axis.
   *
   * @example
   * x.convolve(w, { stride: 2, padding: 1 });
   */
  convolve(w: Tensor, options: ConvolveOptions = {}): Tensor {
    return apply((x, kernel) => functions.convolve(x, kernel, options), this, w);
  }

  // Shape

  /** The axes in reverse order: a matrix transposed. */
  get T(): Tensor {
    return this.transpose();
  }

  /** Axis i of the result is axis axes[i]; by default the axes are reversed. */
  transpose(axes?: readonly number[]): Tensor {
    return apply((x) => functions.permute(x, axes, "transpose"), this);
  }

  /** Axis i of the result is axis order[i]. */
  permute(order: readonly number[]): Tensor {
    return apply((x) => functions.permute(x, order, "permute"), this);
  }

  /** The elements in another shape of the same size; one length may be −1. */
  reshape(shape: Shape): Tensor {
    return apply((x) => functions.reshape(x, shape), this);
  }

  /** One axis instead of those from `start` on. */
  flatten(start = 0): Tensor {
    return this.reshape([...this.shape.slice(0, start), sizeOf(this.shape.slice(start))]);
  }

  /** Without the axes of length 1: those named, or all. */
  squeeze(axes?: Axes): Tensor {
    return apply((x) => functions.squeeze(x, axes), this);
  }

  /** With an axis of length 1 more, at position `axis` of the result. */
  expandDims(axis: number): Tensor {
    return apply((x) => functions.expandDims(x, axis), this);
  }

  /** Repeats along new axes and axes of length 1 up to `shape`. */
  broadcastTo(shape: Shape): Tensor {
    return apply((x) => build.broadcast(x, shape), this);
  }

  /** The part that one range for each of the first axes describes; see `Range`.
   *
   * @example
   * x.slice(0); x.slice([1, 3], -1); x.slice(null, [null, null, 2]); x.slice([null, null, -1]);
   */
  slice(...ranges: readonly Range[]): Tensor {
    return apply((x) => functions.slice(x, ranges), this);
  }

  /** With `value` around: [before, after] for each axis, or for the last ones. */
  pad(widths: readonly (readonly [number, number])[], value = 0): Tensor {
    return apply((x) => functions.pad(x, widths, value), this);
  }

  /** Backwards along the axes, or along all. */
  flip(axes?: Axes): Tensor {
    return apply((x) => functions.flip(x, axes), this);
  }

  /** The tensor so many times along each axis, as NumPy's `tile`. */
  tile(times: readonly number[]): Tensor {
    return apply((x) => functions.tile(x, times), this);
  }

  /** Each element so many times along an axis, as NumPy's `repeat`. */
  repeat(times: number, axis: number): Tensor {
    return apply((x) => functions.repeat(x, times, axis), this);
  }

  /** Parts of an axis: so many equal ones, or of the given lengths. */
  split(parts: number | readonly number[], axis = 0): Tensor[] {
    return fromNodes(functions.split(this.node, parts, axis));
  }

  // Indexing

  /** The entries of an axis at `indices` (int32, any shape), whose shape takes the axis' place; an
   * index outside gives 0. NumPy's `take`. */
  gather(indices: Tensor, axis = 0): Tensor {
    return apply((x, i) => functions.gather(x, i, axis), this, indices);
  }

  /** result[…, j, …] = this[…, indices[…, j, …], …]; an index outside gives 0. */
  takeAlong(indices: Tensor, axis: number): Tensor {
    return apply((x, i) => functions.takeAlong(x, i, axis), this, indices);
  }

  /** With `updates` added to the entries at `indices` of an axis; an index outside is dropped. */
  scatterAdd(indices: Tensor, updates: Tensor, axis = 0): Tensor {
    return apply((x, i, u) => functions.scatterAdd(x, i, u, axis), this, indices, updates);
  }

  /** [...] of class indices (int32) → [..., depth], 1 at the class and 0 elsewhere. */
  oneHot(depth: number, { dtype = "float32" }: { readonly dtype?: DType } = {}): Tensor {
    return apply((x) => functions.oneHot(x, depth, dtype), this);
  }

  // Type and gradient

  /** In another dtype; float → int32 truncates and saturates, number → bool is x ≠ 0. */
  cast(dtype: DType): Tensor {
    return apply((x) => build.cast(x, dtype), this);
  }

  /** The same value as a constant of every gradient. */
  detach(): Tensor {
    return unary("stopGradient", this);
  }
}

/** A tensor for a node: computed at once when the graph of the node reaches no input. */
export function fromNode(node: Node): Tensor {
  return fromNodes([node])[0];
}

/** Tensors for nodes; what needs no input is computed in one go. */
export function fromNodes(nodes: readonly Node[]): Tensor[] {
  return fold(nodes).map((node) => new Tensor(node));
}

/** A function of nodes applied to tensors: carried out at once when all are known, else traced. */
export function apply(build: (...nodes: Node[]) => Node, ...operands: readonly Tensor[]): Tensor {
  const node = build(...operands.map((operand) => operand.node));
  return operands.some(({ isTraced }) => isTraced) ? new Tensor(node) : fromNode(node);
}

/** The elements themselves, not a copy: read only. @throws UsageError while traced. */
export function valuesOf({ node }: Tensor, what: string): TensorData {
  if (node.op === "constant") return node.attributes.data;
  throw new UsageError(
    `${what}: the values of this ${node.dtype}${formatShape(node.shape)} tensor are not known while ` +
      `grad, vmap or compile traces the function; return the tensor and read it outside.`,
  );
}

/** A tensor as it is; a number as a scalar tensor of `dtype`.
 * @throws DTypeError for a fraction among integers. */
export function asTensor(operand: Operand, dtype: DType = "float32"): Tensor {
  if (typeof operand !== "number") return operand;
  if (dtype === "int32" && !Number.isInteger(operand)) {
    throw new DTypeError(
      `Expected an integer beside an int32 tensor, got ${operand}; cast("float32") the tensor first.`,
    );
  }
  return new Tensor(build.scalar(operand, dtype));
}

/** Elements of `a` where the condition (bool) is true, elsewhere of `b`; all broadcast. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const dtype = typeof a === "number" ? (typeof b === "number" ? "float32" : b.dtype) : a.dtype;
  return apply(build.select, condition, asTensor(a, dtype), asTensor(b, dtype));
}

type UnaryName = Parameters<typeof build.unary>[0];

function unary(op: UnaryName, x: Tensor): Tensor {
  return apply((node) => build.unary(op, node), x);
}

function binary(op: UnaryName, a: Tensor, b: Operand): Tensor {
  return apply((x, y) => build.binary(op, x, y), a, asTensor(b, a.dtype));
}
