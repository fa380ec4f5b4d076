/** Shape and dtype inference: one rule for every op, with errors that say what does not fit. */

import { DTypeError, ShapeError } from "../util/index.ts";
import { type DType, dtypeOf, isFloat } from "./dtype.ts";
import type { Node, Op, OpAttributes } from "./node.ts";
import { broadcastShapes, formatShape, isShape, type Shape, sameShape, sizeOf } from "./shape.ts";

/** What inference tells of a result. */
export interface ResultType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** All that inference reads of an operand. */
export type Operand = Pick<Node, "shape" | "dtype">;

type Rule<K extends Op> = (
  inputs: readonly Operand[],
  attributes: OpAttributes[K],
  op: K,
) => ResultType;

const describe = (operand: Operand) => `${operand.dtype}${formatShape(operand.shape)}`;

function expectDType(op: Op, operand: Operand, allowed: readonly DType[]): void {
  if (!allowed.includes(operand.dtype)) {
    throw new DTypeError(
      `${op}: expected ${allowed.join(" or ")}, got ${describe(operand)}; convert it with cast().`,
    );
  }
}

function expectSameDType(op: Op, a: Operand, b: Operand): void {
  if (a.dtype !== b.dtype) {
    throw new DTypeError(
      `${op}: operands have different types, ${describe(a)} and ${describe(b)}; cast() one of them.`,
    );
  }
}

function expectSameType(op: Op, a: Operand, b: Operand): void {
  expectSameDType(op, a, b);
  if (!sameShape(a.shape, b.shape)) {
    throw new ShapeError(`${op}: expected equal shapes, got ${describe(a)} and ${describe(b)}.`);
  }
}

const floats: readonly DType[] = ["float32", "float64"];
const numbers: readonly DType[] = ["float32", "float64", "int32"];
const bools: readonly DType[] = ["bool"];

// Operands are taken by their index where a rule is used for most nodes: while a program is compiled little of
// this is optimized yet, and a pattern walks an iterator.

const unary =
  (allowed: readonly DType[]) =>
  (inputs: readonly Operand[], _: unknown, op: Op): ResultType => {
    const x = inputs[0];
    expectDType(op, x, allowed);
    return { shape: x.shape, dtype: x.dtype };
  };

const binary =
  (allowed: readonly DType[], result?: DType) =>
  (inputs: readonly Operand[], _: unknown, op: Op): ResultType => {
    const a = inputs[0];
    const b = inputs[1];
    expectSameType(op, a, b);
    expectDType(op, a, allowed);
    return { shape: a.shape, dtype: result ?? a.dtype };
  };

const reduce =
  (result?: DType) =>
  (
    [x]: readonly Operand[],
    attributes: { axes?: readonly number[]; axis?: number },
    op: Op,
  ): ResultType => {
    expectDType(op, x, numbers);
    const axes = attributes.axes ?? [attributes.axis ?? 0];
    for (const axis of axes) expectAxis(op, axis, x.shape.length);
    if (op !== "reduceSum" && axes.some((axis) => x.shape[axis] === 0)) {
      throw new ShapeError(`${op}: ${describe(x)} has no elements along axis ${axes.join(", ")}.`);
    }
    return {
      shape: x.shape.filter((_, axis) => !axes.includes(axis)),
      dtype: result ?? x.dtype,
    };
  };

function expectAxis(op: Op, axis: number, rank: number): void {
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw new ShapeError(`${op}: axis ${axis} is outside 0 to ${rank - 1}.`);
  }
}

function expectShape(op: Op, shape: Shape): void {
  if (!isShape(shape)) {
    throw new ShapeError(
      `${op}: expected lengths that are whole numbers, got ${formatShape(shape)}.`,
    );
  }
}

const declared = (
  _: readonly Operand[],
  attributes: { shape: Shape; dtype: DType },
  op: Op,
): ResultType => {
  expectShape(op, attributes.shape);
  return { shape: attributes.shape, dtype: attributes.dtype };
};

/** The result type of each op. */
const inferenceRules: { readonly [K in Op]: Rule<K> } = {
  input: declared,
  constant: (inputs, attributes, op) => {
    if (attributes.data.length !== sizeOf(attributes.shape)) {
      throw new ShapeError(
        `constant: shape ${formatShape(attributes.shape)} needs ${sizeOf(attributes.shape)} values, ` +
          `got ${attributes.data.length}.`,
      );
    }
    if (dtypeOf(attributes.data) !== attributes.dtype) {
      throw new DTypeError(
        `constant: expected an array of ${attributes.dtype}, got one of ${dtypeOf(attributes.data)}.`,
      );
    }
    return declared(inputs, attributes, op);
  },
  iota: (inputs, attributes, op) => {
    expectAxis(op, attributes.axis, attributes.shape.length);
    return declared(inputs, attributes, op);
  },
  random: ([key], attributes, op) => {
    expectDType(op, key, ["int32"]);
    if (!sameShape(key.shape, [2])) {
      throw new ShapeError(`random: expected a key of shape [2], got ${describe(key)}.`);
    }
    if (!isFloat(attributes.dtype)) {
      throw new DTypeError(`random: expected float32 or float64, got ${attributes.dtype}.`);
    }
    return declared([], attributes, op);
  },
  neg: unary(numbers),
  abs: unary(numbers),
  sign: unary(numbers),
  exp: unary(floats),
  expm1: unary(floats),
  log: unary(floats),
  log1p: unary(floats),
  sqrt: unary(floats),
  sin: unary(floats),
  cos: unary(floats),
  tanh: unary(floats),
  sigmoid: unary(floats),
  erf: unary(floats),
  floor: unary(floats),
  ceil: unary(floats),
  round: unary(floats),
  not: unary(bools),
  cast: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  stopGradient: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  add: binary(numbers),
  sub: binary(numbers),
  mul: binary(numbers),
  div: binary(floats),
  pow: binary(floats),
  max: binary(numbers),
  min: binary(numbers),
  eq: binary(numbers, "bool"),
  ne: binary(numbers, "bool"),
  lt: binary(numbers, "bool"),
  le: binary(numbers, "bool"),
  gt: binary(numbers, "bool"),
  ge: binary(numbers, "bool"),
  and: binary(bools),
  or: binary(bools),
  select: ([condition, a, b], _, op) => {
    expectDType(op, condition, bools);
    expectSameType(op, a, b);
    if (!sameShape(condition.shape, a.shape)) {
      throw new ShapeError(
        `select: condition ${describe(condition)} and values ${describe(a)} differ in shape.`,
      );
    }
    return { shape: a.shape, dtype: a.dtype };
  },
  reshape: (inputs, { shape }, op) => {
    const x = inputs[0];
    expectShape(op, shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      throw new ShapeError(
        `reshape: ${describe(x)} has ${sizeOf(x.shape)} elements, ` +
          `${formatShape(shape)} needs ${sizeOf(shape)}.`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  permute: ([x], { order }, op) => {
    const rank = x.shape.length;
    for (const axis of order) expectAxis(op, axis, rank);
    if (order.length !== rank || new Set(order).size !== rank) {
      throw new ShapeError(
        `permute: ${describe(x)} needs each of its ${rank} axes once, got ${formatShape(order)}.`,
      );
    }
    return { shape: order.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  broadcast: (inputs, { shape }, op) => {
    const x = inputs[0];
    expectShape(op, shape);
    if (!sameShape(broadcastShapes(x.shape, shape, op), shape)) {
      throw new ShapeError(`broadcast: ${describe(x)} does not fit into ${formatShape(shape)}.`);
    }
    return { shape, dtype: x.dtype };
  },
  slice: ([x], { start, size, step }) => {
    x.shape.forEach((length, axis) => {
      const last = start[axis] + (size[axis] - 1) * step[axis];
      if (!(start[axis] >= 0 && step[axis] >= 1 && (size[axis] === 0 || last < length))) {
        throw new ShapeError(
          `slice: axis ${axis} of ${describe(x)} has no elements ${start[axis]} to ${last} ` +
            `in steps of ${step[axis]}.`,
        );
      }
    });
    const lists = [start, size, step];
    if (lists.some((list) => list.length !== x.shape.length || !isShape(list))) {
      throw new ShapeError(
        `slice: ${describe(x)} needs one start, size and step (whole numbers) for each axis.`,
      );
    }
    return { shape: size, dtype: x.dtype };
  },
  pad: ([x], { low, high, interior }, op) => {
    if ([low, high, interior].some((list) => list.length !== x.shape.length || !isShape(list))) {
      throw new ShapeError(
        `pad: ${describe(x)} needs one low, high and interior amount of at least 0 for each axis.`,
      );
    }
    const shape = x.shape.map(
      (length, axis) => low[axis] + high[axis] + length + Math.max(0, length - 1) * interior[axis],
    );
    expectShape(op, shape);
    return { shape, dtype: x.dtype };
  },
  flip: ([x], { axes }, op) => {
    for (const axis of axes) expectAxis(op, axis, x.shape.length);
    if (new Set(axes).size !== axes.length) {
      throw new ShapeError(`flip: axes ${formatShape(axes)} name the same axis twice.`);
    }
    return { shape: x.shape, dtype: x.dtype };
  },
  concatenate: (inputs, { axis }, op) => {
    const [first] = inputs;
    if (first === undefined) throw new ShapeError("concatenate: expected at least one tensor.");
    expectAxis(op, axis, first.shape.length);
    let length = 0;
    for (const input of inputs) {
      const fits =
        input.dtype === first.dtype &&
        input.shape.length === first.shape.length &&
        input.shape.every((size, i) => i === axis || size === first.shape[i]);
      if (!fits) {
        throw new ShapeError(
          `concatenate: ${describe(input)} does not continue ${describe(first)} along axis ${axis}.`,
        );
      }
      length += input.shape[axis];
    }
    return { shape: first.shape.with(axis, length), dtype: first.dtype };
  },
  reduceSum: reduce(),
  reduceMax: reduce(),
  reduceMin: reduce(),
  argMax: reduce("int32"),
  argMin: reduce("int32"),
  matmul: ([a, b], _, op) => {
    expectDType(op, a, floats);
    const rank = a.shape.length;
    const batch = a.shape.slice(0, -2);
    expectSameDType(op, a, b);
    if (rank < 2 || b.shape.length !== rank || !sameShape(batch, b.shape.slice(0, -2))) {
      throw new ShapeError(
        `matmul: expected [...batch, m, k] and [...batch, k, n], got ${describe(a)} and ${describe(b)}.`,
      );
    }
    if (a.shape[rank - 1] !== b.shape[rank - 2]) {
      throw new ShapeError(
        `matmul: the last axis of ${describe(a)} (${a.shape[rank - 1]}) and the last but one of ` +
          `${describe(b)} (${b.shape[rank - 2]}) must be equal.`,
      );
    }
    return { shape: [...batch, a.shape[rank - 2], b.shape[rank - 1]], dtype: a.dtype };
  },
  convolve: ([x, w], { stride, dilation, low, high }, op) => {
    expectDType(op, x, floats);
    expectSameDType(op, x, w);
    const rank = stride.length;
    const channels = x.shape[rank + 1];
    if (
      x.shape.length !== rank + 2 ||
      w.shape.length !== rank + 2 ||
      [dilation, low, high].some((list) => list.length !== rank || !isShape(list)) ||
      channels !== w.shape[rank]
    ) {
      throw new ShapeError(
        "convolve: expected [batch, ...spatial, channels] and [...kernel, channels, out] with " +
          `${rank} spatial axes, got ${describe(x)} and ${describe(w)}.`,
      );
    }
    const spatial = stride.map((step, axis) => {
      const field = dilation[axis] * (w.shape[axis] - 1) + 1;
      const length = low[axis] + x.shape[axis + 1] + high[axis];
      if (!(step >= 1 && dilation[axis] >= 1 && field <= length)) {
        throw new ShapeError(
          `convolve: a kernel of ${w.shape[axis]} with dilation ${dilation[axis]} and stride ${step} ` +
            `does not fit into axis ${axis + 1} of ${describe(x)} with padding ${low[axis]} and ` +
            `${high[axis]}.`,
        );
      }
      return Math.floor((length - field) / step) + 1;
    });
    return { shape: [x.shape[0], ...spatial, w.shape[rank + 1]], dtype: x.dtype };
  },
  gather: ([x, indices], _, op) => {
    expectDType(op, indices, ["int32"]);
    if (x.shape.length === 0) throw new ShapeError("gather: a scalar has no rows to take.");
    return { shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype };
  },
  scatterAdd: ([indices, updates], { length }, op) => {
    expectDType(op, indices, ["int32"]);
    expectDType(op, updates, numbers);
    const lead = updates.shape.slice(0, indices.shape.length);
    if (!sameShape(lead, indices.shape)) {
      throw new ShapeError(
        `scatterAdd: updates ${describe(updates)} must start with the shape of ${describe(indices)}.`,
      );
    }
    expectShape(op, [length]);
    return { shape: [length, ...updates.shape.slice(indices.shape.length)], dtype: updates.dtype };
  },
};

/** The result type of `op`. @throws ShapeError, DTypeError */
export function inferType<K extends Op>(
  op: K,
  inputs: readonly Operand[],
  attributes: OpAttributes[K],
): ResultType {
  return (inferenceRules[op] as Rule<K>)(inputs, attributes, op);
}
