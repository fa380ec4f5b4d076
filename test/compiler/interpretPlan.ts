/** Runs a plan by the book, kernel after kernel in plain JavaScript: what the compiler's passes mean,
 * without any machine code. Temporary buffers really share the arena's bytes, as in a backend. */

import { referenceRules } from "../../src/backend/reference/index.ts";
import type { Affine, Kernel, Plan, Store, Value } from "../../src/compile/index.ts";
import { allocate, type DType, type Node, type TensorData } from "../../src/ir/index.ts";
import { threefry2x32 } from "../../src/util/index.ts";

/** The storage of a plan: one view a buffer over one arena; bool takes 4 bytes an element. */
export function makeArena(plan: Plan): TensorData[] {
  const bytes = new ArrayBuffer(plan.arenaBytes);
  const views = plan.buffers.map(({ dtype, size, offset }) => {
    if (dtype === "float32") return new Float32Array(bytes, offset, size);
    if (dtype === "float64") return new Float64Array(bytes, offset, size);
    return new Int32Array(bytes, offset, size);
  });
  for (const { buffer, data } of plan.constants) views[buffer].set(data);
  return views;
}

/** Runs one program of the plan once. */
export function interpretProgram(plan: Plan, name: string, arena: readonly TensorData[]): void {
  const program = plan.programs.find((candidate) => candidate.name === name)!;
  for (const kernel of program.kernels) runKernel(kernel, arena);
}

function runKernel(kernel: Kernel, arena: readonly TensorData[]): void {
  switch (kernel.kind) {
    case "map":
      for (const index of indices(kernel.extents)) runStores(kernel.stores, index, arena);
      break;
    case "reduce":
      for (const outer of indices(kernel.extents)) {
        const { identity, combine } = reductions[kernel.op];
        let totals = kernel.inputs.map(() => identity);
        for (const inner of indices(kernel.reduced)) {
          const index = [...outer, ...inner];
          const terms = kernel.inputs.map((input) => evaluate(input, index, arena));
          runStores(kernel.sideStores, index, arena);
          totals = totals.map((total, i) => combine(total, terms[i]));
        }
        const results = totals.map((total, i) => round(total, kernel.inputs[i].dtype));
        runStores(kernel.stores, outer, arena, results);
      }
      break;
    case "contract":
      for (const index of indices(kernel.extents)) {
        let total = 0;
        for (const inner of indices(kernel.reduced)) {
          const at = [...index, ...inner];
          const isInside = kernel.windows.every((window) => {
            const place =
              index[window.outputDim] * window.outputStep +
              inner[window.summedDim] * window.summedStep -
              window.low;
            return place >= 0 && place < window.length;
          });
          if (!isInside) continue;
          const a = arena[kernel.a.buffer][address(kernel.a.at, at)];
          total += a * arena[kernel.b.buffer][address(kernel.b.at, at)];
        }
        runStores(kernel.stores, index, arena, [round(total, kernel.dtype)]);
      }
      break;
    case "patch": {
      const { direction, dtype, extents, patch } = kernel;
      const [image, weights] = [kernel.image, kernel.weights].map(({ buffer }) => arena[buffer]);
      const sums = direction === "gather" ? weights : image;
      sums.fill(0);
      const add = (at: number, x: number) => {
        if (!(at >= 0 && at < sums.length)) throw new RangeError("sum out of bounds");
        sums[at] = round(sums[at] + x, dtype);
      };
      let position = 0;
      for (const outer of indices(extents)) {
        const value = arena[kernel.values][position];
        const place = arena[kernel.places][position++];
        for (const inner of indices(patch)) {
          const index = [...outer, ...inner];
          const x = address(kernel.image.at, index) + place;
          const w = address(kernel.weights.at, index);
          if (direction === "gather") add(w, value * image[x]);
          else add(x, value * weights[w]);
        }
      }
      break;
    }
    case "scatterAdd": {
      const { rows, rowSize, count } = kernel;
      const target = arena[kernel.target];
      target.fill(0);
      for (let i = 0; i < count; i++) {
        const row = arena[kernel.indices][i];
        if (row < 0 || row >= rows) continue;
        for (let j = 0; j < rowSize; j++) {
          target[row * rowSize + j] += arena[kernel.updates][i * rowSize + j];
        }
      }
    }
  }
}

const reductions = {
  reduceSum: { identity: 0, combine: (a: number, b: number) => a + b },
  reduceMax: { identity: -Infinity, combine: Math.max },
  reduceMin: { identity: Infinity, combine: Math.min },
};

function runStores(
  stores: readonly Store[],
  index: readonly number[],
  arena: readonly TensorData[],
  results: readonly number[] = [],
): void {
  const values = stores.map((store) => evaluate(store.value, index, arena, results));
  stores.forEach(({ buffer, at }, i) => {
    const place = address(at, index);
    if (!(place >= 0 && place < arena[buffer].length)) throw new RangeError("store out of bounds");
    arena[buffer][place] = values[i];
  });
}

function evaluate(
  value: Value,
  index: readonly number[],
  arena: readonly TensorData[],
  results: readonly number[] = [],
): number {
  switch (value.kind) {
    case "load": {
      const place = address(value.at, index);
      if (!(place >= 0 && place < arena[value.buffer].length)) {
        throw new RangeError("load out of bounds");
      }
      return arena[value.buffer][place];
    }
    case "constant":
      return value.value;
    case "index":
      return address(value.at, index);
    case "anchor":
      return results[value.result];
    case "gather": {
      const row = evaluate(value.row, index, arena, results);
      if (row < 0 || row >= value.rows) return 0;
      return arena[value.table][row * value.rowSize + address(value.at, index)];
    }
    case "random": {
      const key = arena[value.key];
      const [a, b] = threefry2x32(
        key[value.keyOffset],
        key[value.keyOffset + 1],
        address(value.at, index),
        0,
      );
      return value.dtype === "float32"
        ? (a >>> 8) * 2 ** -24
        : ((a >>> 5) * 2 ** 26 + (b >>> 6)) / 2 ** 53;
    }
    case "op": {
      const inputs = value.inputs.map((input) => evaluate(input, index, arena, results));
      const node = {
        op: value.op,
        dtype: value.dtype,
        shape: [],
        attributes: { dtype: value.dtype },
        inputs: value.inputs.map(({ dtype }) => ({ dtype, shape: [] })),
      } as unknown as Node;
      const rule = referenceRules[value.op] as (
        node: Node,
        inputs: readonly TensorData[],
      ) => TensorData;
      return rule(
        node,
        inputs.map((x, i) => single(x, value.inputs[i].dtype)),
      )[0];
    }
  }
}

function single(x: number, dtype: DType): TensorData {
  const data = allocate(dtype, 1);
  data[0] = x;
  return data;
}

function round(x: number, dtype: DType): number {
  return single(x, dtype)[0];
}

function address({ offset, strides }: Affine, index: readonly number[]): number {
  return strides.reduce((sum, stride, i) => sum + stride * index[i], offset);
}

function* indices(extents: readonly number[]): Generator<number[]> {
  if (extents.includes(0)) return;
  const index = extents.map(() => 0);
  for (;;) {
    yield index.slice();
    let axis = extents.length - 1;
    while (axis >= 0 && ++index[axis] === extents[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}
