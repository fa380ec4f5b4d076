/** Affine index arithmetic: how movement ops turn a loop's indices into addresses. */

import type { NodeOf, Shape } from "../ir/index.ts";
import { stridesOf } from "../ir/index.ts";
import type { Affine } from "./kernel.ts";

/** One affine number for each axis of a tensor: which element the loops are at. */
export type Index = readonly Affine[];

/** The loop index `loop` itself. */
export function loopIndex(loop: number, loops: number): Affine {
  const strides = new Array<number>(loops).fill(0);
  strides[loop] = 1;
  return { offset: 0, strides };
}

export function constantIndex(offset: number, loops: number): Affine {
  return { offset, strides: new Array<number>(loops).fill(0) };
}

/** a·x + b. */
export function scaled(x: Affine, a: number, b: number): Affine {
  return {
    offset: a * x.offset + b,
    strides: x.strides.map((stride) => (stride === 0 ? 0 : a * stride)),
  };
}

export function sum(a: Affine, b: Affine): Affine {
  return {
    offset: a.offset + b.offset,
    strides: a.strides.map((stride, i) => stride + b.strides[i]),
  };
}

export function sameAffine(a: Affine, b: Affine): boolean {
  if (a === b) return true;
  return a.offset === b.offset && a.strides.every((stride, i) => stride === b.strides[i]);
}

/** Whether two indices into one tensor name the same element. */
export function sameIndex(a: Index, b: Index): boolean {
  return a === b || a.every((axis, i) => sameAffine(axis, b[i]));
}

/** Row-major position of the element `index` of a tensor. */
export function linear(index: Index, shape: Shape, loops: number): Affine {
  const rowMajor = stridesOf(shape);
  const strides = new Array<number>(loops).fill(0);
  let offset = 0;
  for (let i = 0; i < index.length; i++) {
    const axis = index[i];
    offset += rowMajor[i] * axis.offset;
    for (let loop = 0; loop < loops; loop++) strides[loop] += rowMajor[i] * axis.strides[loop];
  }
  return { offset, strides };
}

/** The loops' own index into a tensor: its axes longer than 1 follow `extents` (without ones) in order. */
export function alignedIndex(shape: Shape, extents: readonly number[]): Index {
  const loops = extents.length;
  let loop = 0;
  return shape.map((length) => {
    if (length === 1) return constantIndex(0, loops);
    while (extents[loop] === 1) loop++;
    return loopIndex(loop++, loops);
  });
}

/** Where the operand of a movement op is read, given where its result is. */
export const movedIndex: {
  readonly [K in "permute" | "broadcast" | "slice" | "flip"]: (
    node: NodeOf<K>,
    index: Index,
    loops: number,
  ) => Index;
} = {
  permute: (node, index) => {
    const moved = new Array<Affine>(index.length);
    node.attributes.order.forEach((axis, i) => {
      moved[axis] = index[i];
    });
    return moved;
  },
  broadcast: (node, index, loops) => {
    const [operand] = node.inputs;
    const lead = node.shape.length - operand.shape.length;
    return operand.shape.map((length, axis) =>
      length === 1 ? constantIndex(0, loops) : index[axis + lead],
    );
  },
  slice: (node, index) =>
    index.map((axis, i) => scaled(axis, node.attributes.step[i], node.attributes.start[i])),
  flip: (node, index) =>
    index.map((axis, i) =>
      node.attributes.axes.includes(i) ? scaled(axis, -1, node.shape[i] - 1) : axis,
    ),
};

/** The index into a tensor that has the same axes up to axes of length 1. */
export function unitReshapedIndex(from: Shape, index: Index, to: Shape, loops: number): Index {
  const kept = index.filter((_, axis) => from[axis] !== 1);
  let next = 0;
  return to.map((length) => (length === 1 ? constantIndex(0, loops) : kept[next++]));
}
