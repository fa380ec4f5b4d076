/** The meaning of the movement ops: each reads or writes a strided view of its operand. */

import {
  allocate,
  type DType,
  type OpOf,
  sizeOf,
  stridesOf,
  type TensorData,
} from "../../ir/index.ts";
import { elementOffsets } from "./offsets.ts";
import type { ReferenceRules } from "./rules.ts";

/** result[i] = x[offsets[i]] */
function read(x: TensorData, dtype: DType, offsets: Int32Array): TensorData {
  const result = allocate(dtype, offsets.length);
  for (let i = 0; i < offsets.length; i++) result[i] = x[offsets[i]];
  return result;
}

/** result[offsets[i]] = x[i] */
function write(result: TensorData, x: TensorData, offsets: Int32Array): void {
  for (let i = 0; i < offsets.length; i++) result[offsets[i]] = x[i];
}

export const movementRules: ReferenceRules<OpOf<"movement">> = {
  reshape: (_, [x]) => x,
  permute: (node, [x]) => {
    const strides = stridesOf(node.inputs[0].shape);
    const order = node.attributes.order;
    return read(
      x,
      node.dtype,
      elementOffsets(
        node.shape,
        order.map((axis) => strides[axis]),
      ),
    );
  },
  broadcast: (node, [x]) => {
    const { shape } = node.inputs[0];
    const strides = stridesOf(shape);
    const added = node.shape.length - shape.length;
    const repeated = node.shape.map((_, axis) =>
      axis < added || shape[axis - added] === 1 ? 0 : strides[axis - added],
    );
    return read(x, node.dtype, elementOffsets(node.shape, repeated));
  },
  slice: (node, [x]) => {
    const { start, step } = node.attributes;
    const strides = stridesOf(node.inputs[0].shape);
    const first = start.reduce((sum, index, axis) => sum + index * strides[axis], 0);
    const stepped = strides.map((stride, axis) => stride * step[axis]);
    return read(x, node.dtype, elementOffsets(node.shape, stepped, first));
  },
  pad: (node, [x]) => {
    const { low, interior, value } = node.attributes;
    const result = allocate(node.dtype, sizeOf(node.shape)).fill(value);
    const strides = stridesOf(node.shape);
    const first = low.reduce((sum, index, axis) => sum + index * strides[axis], 0);
    const spread = strides.map((stride, axis) => stride * (interior[axis] + 1));
    write(result, x, elementOffsets(node.inputs[0].shape, spread, first));
    return result;
  },
  flip: (node, [x]) => {
    const { axes } = node.attributes;
    const strides = stridesOf(node.shape);
    const last = axes.reduce((sum, axis) => sum + (node.shape[axis] - 1) * strides[axis], 0);
    const reversed = strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride));
    return read(x, node.dtype, elementOffsets(node.shape, reversed, last));
  },
  concatenate: (node, parts) => {
    const result = allocate(node.dtype, sizeOf(node.shape));
    const strides = stridesOf(node.shape);
    let start = 0;
    node.inputs.forEach(({ shape }, i) => {
      write(result, parts[i], elementOffsets(shape, strides, start));
      start += shape[node.attributes.axis] * strides[node.attributes.axis];
    });
    return result;
  },
};
