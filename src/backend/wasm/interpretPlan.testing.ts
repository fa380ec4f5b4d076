/** Runs kernels one element at a time by their definition, for the tests of the emitted code. */

import type { Affine, Kernel, Plan, ScalarOp, Store, Value } from "../../compile/index.ts";
import { type DType, isFloat } from "../../ir/index.ts";
import { erf, threefry2x32 } from "../../util/index.ts";

/** The elements of each buffer; a bool is 0 or 1. */
export type Storage = readonly Float64Array[];

/** Runs one program of a plan. Arithmetic is rounded to the dtype of each value. */
export function interpretPlan(plan: Plan, program: string, storage: Storage): void {
  for (const kernel of plan.programs.find(({ name }) => name === program)!.kernels) {
    interpretKernel(kernel, storage);
  }
}

function interpretKernel(kernel: Kernel, storage: Storage): void {
  switch (kernel.kind) {
    case "map":
      forEachIndex(kernel.extents, (index) => store(kernel.stores, index, storage));
      return;
    case "reduce": {
      const { combine, identity } = reductions[kernel.op];
      forEachIndex(kernel.extents, (outer) => {
        let results = kernel.inputs.map(({ dtype }) => identity(dtype));
        forEachIndex(kernel.reduced, (inner) => {
          const index = [...outer, ...inner];
          const values = kernel.inputs.map((input) => evaluate(input, index, storage));
          store(kernel.sideStores, index, storage);
          results = results.map((result, i) => combine(result, values[i]));
        });
        store(kernel.stores, outer, storage, results);
      });
      return;
    }
    case "contract":
      forEachIndex(kernel.extents, (index) => {
        let sum = 0;
        forEachIndex(kernel.reduced, (inner) => {
          const isInside = kernel.windows.every((window) => {
            const place =
              index[window.outputDim] * window.outputStep +
              inner[window.summedDim] * window.summedStep -
              window.low;
            return place >= 0 && place < window.length;
          });
          if (!isInside) return;
          const [a, b] = [kernel.a, kernel.b].map(
            ({ buffer, at }) => storage[buffer][affine(at, [...index, ...inner])],
          );
          sum += a * b;
        });
        store(kernel.stores, index, storage, [sum]);
      });
      return;
    case "patch": {
      const { direction, dtype, extents, patch } = kernel;
      const [image, weights] = [kernel.image, kernel.weights].map(({ buffer }) => storage[buffer]);
      let position = 0;
      if (direction === "scatter") image.fill(0);
      else {
        forEachIndex([...extents, ...patch], (index) => {
          weights[affine(kernel.weights.at, index)] = 0;
        });
      }
      forEachIndex(extents, (outer) => {
        const value = storage[kernel.values][position];
        const place = storage[kernel.places][position++];
        forEachIndex(patch, (inner) => {
          const index = [...outer, ...inner];
          const x = affine(kernel.image.at, index) + place;
          const w = affine(kernel.weights.at, index);
          if (direction === "gather") weights[w] = rounded(dtype, weights[w] + value * image[x]);
          else image[x] = rounded(dtype, image[x] + value * weights[w]);
        });
      });
      return;
    }
    case "scatterAdd": {
      const { rows, rowSize, count } = kernel;
      const target = storage[kernel.target];
      target.fill(0, 0, rows * rowSize);
      for (let i = 0; i < count; i++) {
        const row = storage[kernel.indices][i];
        if (row < 0 || row >= rows) continue;
        for (let j = 0; j < rowSize; j++) {
          const sum = target[row * rowSize + j] + storage[kernel.updates][i * rowSize + j];
          target[row * rowSize + j] = rounded(kernel.dtype, sum);
        }
      }
    }
  }
}

const isDouble = (dtype: DType) => dtype === "float32" || dtype === "float64";

const reductions = {
  reduceSum: { identity: () => 0, combine: (a: number, b: number) => a + b },
  reduceMax: {
    identity: (dtype: DType) => (isDouble(dtype) ? -Infinity : -(2 ** 31)),
    combine: Math.max,
  },
  reduceMin: {
    identity: (dtype: DType) => (isDouble(dtype) ? Infinity : 2 ** 31 - 1),
    combine: Math.min,
  },
};

function forEachIndex(extents: readonly number[], visit: (index: readonly number[]) => void): void {
  const index: number[] = [];
  const descend = (): void => {
    if (index.length === extents.length) {
      visit([...index]);
      return;
    }
    for (let i = 0; i < extents[index.length]; i++) {
      index.push(i);
      descend();
      index.pop();
    }
  };
  descend();
}

function affine({ offset, strides }: Affine, index: readonly number[]): number {
  return strides.reduce((sum, stride, dim) => sum + stride * index[dim], offset);
}

function store(
  stores: readonly Store[],
  index: readonly number[],
  storage: Storage,
  results: readonly number[] = [],
): void {
  const values = stores.map(({ value }) => evaluate(value, index, storage, results));
  for (const [i, { buffer, at }] of stores.entries()) {
    storage[buffer][affine(at, index)] = values[i];
  }
}

function evaluate(
  value: Value,
  index: readonly number[],
  storage: Storage,
  results: readonly number[] = [],
): number {
  switch (value.kind) {
    case "load":
      return storage[value.buffer][affine(value.at, index)];
    case "constant":
      return rounded(value.dtype, value.value);
    case "index":
      return rounded(value.dtype, affine(value.at, index));
    case "anchor":
      return rounded(value.dtype, results[value.result]);
    case "gather": {
      const row = evaluate(value.row, index, storage, results);
      if (row < 0 || row >= value.rows) return 0;
      return storage[value.table][row * value.rowSize + affine(value.at, index)];
    }
    case "random": {
      const [k0, k1] = [0, 1].map((word) => storage[value.key][value.keyOffset + word]);
      const [a, b] = threefry2x32(k0, k1, affine(value.at, index), 0);
      if (value.dtype === "float32") return (a >>> 8) * 2 ** -24;
      return ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
    }
    case "op": {
      const operands = value.inputs.map((input) => evaluate(input, index, storage, results));
      if (value.op === "cast") return cast(operands[0], value.inputs[0].dtype, value.dtype);
      return rounded(value.dtype, compute[value.op](...operands));
    }
  }
}

function cast(x: number, from: DType, to: DType): number {
  if (to === "bool") return x !== 0 ? 1 : 0;
  if (to !== "int32" || !isFloat(from)) return rounded(to, x);
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x)) | 0;
}

function rounded(dtype: DType, x: number): number {
  if (dtype === "float32") return Math.fround(x);
  if (dtype === "int32") return x | 0;
  return x;
}

const flag = (holds: boolean) => (holds ? 1 : 0);

const compute: Readonly<Record<Exclude<ScalarOp, "cast">, (...x: number[]) => number>> = {
  neg: (x) => -x,
  abs: Math.abs,
  sign: Math.sign,
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
  not: (x) => 1 - x,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  pow: Math.pow,
  max: Math.max,
  min: Math.min,
  eq: (a, b) => flag(a === b),
  ne: (a, b) => flag(a !== b),
  lt: (a, b) => flag(a < b),
  le: (a, b) => flag(a <= b),
  gt: (a, b) => flag(a > b),
  ge: (a, b) => flag(a >= b),
  and: (a, b) => flag(a === 1 && b === 1),
  or: (a, b) => flag(a === 1 || b === 1),
  select: (condition, a, b) => (condition === 1 ? a : b),
};
