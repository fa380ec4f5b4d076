/** The methods of tensors by value, and their errors by text. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broadcastShapes, type Shape, sizeOf, stridesOf } from "../ir/index.ts";
import { DTypeError, ShapeError, UsageError } from "../util/index.ts";
import { einsum } from "./einsum.ts";
import {
  arange,
  concatenate,
  eye,
  full,
  linspace,
  ones,
  onesLike,
  stack,
  type Tensor,
  tensor,
  where,
  zeros,
  zerosLike,
} from "./index.ts";

const float64 = { dtype: "float64" } as const;
const int32 = { dtype: "int32" } as const;
const matrix = tensor([
  [1, 2, 3],
  [4, 5, 6],
]);

/** All elements within a few roundings of float32. */
function expectClose(actual: Tensor, expected: readonly number[]): void {
  expect(actual.size).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(actual.data[i]).toBeCloseTo(value, 5);
  });
}

describe("creation", () => {
  test("tensor takes nested arrays, scalars, booleans and typed arrays", () => {
    expect(matrix.shape).toEqual([2, 3]);
    expect(matrix.dtype).toBe("float32");
    expect(tensor(3).shape).toEqual([]);
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor([true, false], float64).toArray()).toEqual([1, 0]);
    expect(tensor(new Float64Array(2)).dtype).toBe("float64");
    expect(tensor(Int32Array.of(1, 2, 3, 4), { shape: [2, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor(Int16Array.of(1)).dtype).toBe("float32");
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
  });

  test("tensor copies what it is given and what it gives", () => {
    const source = Float32Array.of(1, 2);
    const x = tensor(source);
    source[0] = 9;
    x.data[1] = 9;
    expect(x.toArray()).toEqual([1, 2]);
  });

  test("values that do not fit are explained", () => {
    expect(() => tensor([[1, 2], [3]])).toThrow(
      new ShapeError(
        "tensor: expected an array of 2 at [1], got an array of 1; all rows need equal lengths.",
      ),
    );
    expect(() => tensor([[1], 2])).toThrow("expected an array of 1 at [1], got 2");
    expect(() => tensor([1, [2]])).toThrow("expected a number at [1], got an array of 1");
    expect(() => tensor([1, 2, 3], { shape: [2, 2] })).toThrow(
      "tensor: 3 values do not fill shape [2, 2], which has 4 elements.",
    );
    expect(() => tensor([0.5], int32)).toThrow(DTypeError);
    expect(() => tensor(Uint8Array.of(0, 7))).toThrow(
      "expected 0 or 1 for dtype bool, got 7 at position 1",
    );
  });

  test("fills and sequences", () => {
    expect(zeros([2]).toArray()).toEqual([0, 0]);
    expect(ones([1, 2], int32).toArray()).toEqual([[1, 1]]);
    expect(full([], 7).item()).toBe(7);
    expect(zerosLike(matrix.cast("float64")).dtype).toBe("float64");
    expect(onesLike(tensor([3, 4])).toArray()).toEqual([1, 1]);
    expect(arange(3).toArray()).toEqual([0, 1, 2]);
    expect(arange(5, 0, { step: -2 }).toArray()).toEqual([5, 3, 1]);
    expect(arange(2, 2).toArray()).toEqual([]);
    expect(() => arange(0, 1, { step: 0 })).toThrow("a step other than 0");
    expect(linspace(0, 1, 5).toArray()).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(linspace(3, 9, 1).toArray()).toEqual([3]);
    expect(eye(2, { columns: 3 }).toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });
});

describe("reading", () => {
  test("item needs one element", () => {
    expect(tensor([[5]]).item()).toBe(5);
    expect(tensor([true]).item()).toBe(1);
    expect(() => matrix.item()).toThrow("expected a tensor with one element, got shape [2, 3]");
  });

  test("toString shows values, dtype and shape, in columns, and shortens what is long", () => {
    expect(tensor([0.1, 20]).toString()).toBe("[0.1, 20] float32[2]");
    expect(
      tensor([
        [1, 20],
        [3, 4],
      ]).toString(),
    ).toBe("[[ 1, 20],\n [ 3,  4]] float32[2, 2]");
    expect(tensor([true]).toString()).toBe("[true] bool[1]");
    expect(arange(2000).toString()).toBe("[0, 1, 2, …, 1997, 1998, 1999] float32[2000]");
    expect(tensor([]).toString()).toBe("[] float32[0]");
  });
});

describe("arithmetic", () => {
  test("numbers take the dtype of the tensor, and fractions do not slip into integers", () => {
    expect(tensor([1, 2], int32).mul(3).dtype).toBe("int32");
    expect(tensor([1, 2], float64).add(0.1).toArray()).toEqual([1.1, 2.1]);
    expect(() => tensor([1], int32).mul(0.5)).toThrow(
      new DTypeError(
        'Expected an integer beside an int32 tensor, got 0.5; cast("float32") the tensor first.',
      ),
    );
    expect(() => tensor([1]).add(tensor([1], float64))).toThrow(DTypeError);
    expect(() => tensor([1, 2]).add(tensor([1, 2, 3]))).toThrow("do not broadcast");
  });

  test("elementwise methods", () => {
    const x = tensor([-2, 0.5, 3]);
    expect(x.sub(1).toArray()).toEqual([-3, -0.5, 2]);
    expect(x.div(2).toArray()).toEqual([-1, 0.25, 1.5]);
    expect(x.pow(2).toArray()).toEqual([4, 0.25, 9]);
    expect(x.square().toArray()).toEqual([4, 0.25, 9]);
    expect(x.neg().toArray()).toEqual([2, -0.5, -3]);
    expect(x.abs().toArray()).toEqual([2, 0.5, 3]);
    expect(x.sign().toArray()).toEqual([-1, 1, 1]);
    expect(x.relu().toArray()).toEqual([0, 0.5, 3]);
    expect(x.clip(-1, 1).toArray()).toEqual([-1, 0.5, 1]);
    expect(x.clip(0).toArray()).toEqual([0, 0.5, 3]);
    expect(x.clip(undefined, 0).toArray()).toEqual([-2, 0, 0]);
    expect(x.maximum(0.6).minimum(2).toArray()).toEqual(tensor([0.6, 0.6, 2]).toArray());
    expect(x.floor().toArray()).toEqual([-2, 0, 3]);
    expect(x.ceil().toArray()).toEqual([-2, 1, 3]);
    expect(x.round().toArray()).toEqual([-2, 0, 3]);
    expect(tensor([4]).sqrt().reciprocal().toArray()).toEqual([0.5]);
    expectClose(tensor([1]).exp(), [Math.E]);
    expectClose(tensor([1]).expm1(), [Math.E - 1]);
    expectClose(tensor([2]).log(), [Math.LN2]);
    expectClose(tensor([1]).log1p(), [Math.LN2]);
    expectClose(tensor([1]).sin(), [Math.sin(1)]);
    expectClose(tensor([1]).cos(), [Math.cos(1)]);
    expectClose(tensor([1]).tanh(), [Math.tanh(1)]);
    expectClose(tensor([0, 1]).sigmoid(), [0.5, 0.731059]);
    expectClose(tensor([0.5]).erf(), [0.5205]);
  });

  test("NaN survives relu and clip", () => {
    expect(tensor([Number.NaN]).relu().item()).toBeNaN();
    expect(tensor([Number.NaN]).clip(0, 1).item()).toBeNaN();
  });

  test("comparison, logic and where", () => {
    const x = tensor([1, 2, 3]);
    expect(x.eq(2).toArray()).toEqual([false, true, false]);
    expect(x.ne(2).toArray()).toEqual([true, false, true]);
    expect(x.lt(2).toArray()).toEqual([true, false, false]);
    expect(x.le(2).toArray()).toEqual([true, true, false]);
    expect(x.gt(2).logicalOr(x.lt(2)).toArray()).toEqual([true, false, true]);
    expect(x.ge(2).logicalAnd(x.le(2)).logicalNot().toArray()).toEqual([true, false, true]);
    expect(where(x.gt(1), x, 0).toArray()).toEqual([0, 2, 3]);
    expect(
      x
        .gt(1)
        .where(1, tensor([[5], [6]]))
        .toArray(),
    ).toEqual([
      [5, 1, 1],
      [6, 1, 1],
    ]);
    expect(where(tensor(true), 1, 2).dtype).toBe("float32");
  });
});

describe("reductions", () => {
  test("over all, over some axes, with kept axes", () => {
    expect(matrix.sum().item()).toBe(21);
    expect(matrix.sum(0).toArray()).toEqual([5, 7, 9]);
    expect(matrix.sum(-1, { keepDims: true }).toArray()).toEqual([[6], [15]]);
    expect(matrix.mean([0, 1]).item()).toBe(3.5);
    expect(matrix.max(1).toArray()).toEqual([3, 6]);
    expect(matrix.min(0, { keepDims: true }).shape).toEqual([1, 3]);
    expect(matrix.prod(1).toArray()).toEqual([6, 120]);
    expect(matrix.prod().item()).toBe(720);
    expect(zeros([0]).prod().item()).toBe(1);
    expect(zeros([0]).sum().item()).toBe(0);
    expect(() => matrix.sum(2)).toThrow("sum: expected an integer from -2 to 1, got axis 2.");
    expect(() => zeros([0]).max()).toThrow("no elements");
  });

  test("the population standard deviation of (-1, 3) is 2; of a sample √8", () => {
    const x = tensor([-1, 3], float64);
    expect(x.std().item()).toBe(2);
    expect(x.variance().item()).toBe(4);
    expect(x.std(0, { correction: 1 }).item()).toBeCloseTo(Math.sqrt(8), 14);
  });

  test("integers and bools are counted, and averaged as float32", () => {
    expect(tensor([true, true, false]).sum().item()).toBe(2);
    expect(tensor([true, true, false, false]).mean().item()).toBe(0.5);
    expect(tensor([1, 2], int32).mean().dtype).toBe("float32");
  });

  test("arg, any, all", () => {
    expect(matrix.argMax().item()).toBe(5);
    expect(matrix.argMin(1).toArray()).toEqual([0, 0]);
    expect(matrix.argMax(0, { keepDims: true }).toArray()).toEqual([[1, 1, 1]]);
    expect(matrix.gt(5).any(1).toArray()).toEqual([false, true]);
    expect(matrix.gt(0).all().item()).toBe(1);
    expect(zeros([0]).any().item()).toBe(0);
    expect(zeros([0]).all().item()).toBe(1);
  });

  test("logSumExp and softmax do not overflow, and follow the axes", () => {
    const large = tensor([1000, 1000], float64);
    expect(large.logSumExp().item()).toBeCloseTo(1000 + Math.LN2, 10);
    expect(large.softmax().toArray()).toEqual([0.5, 0.5]);
    expect(large.neg().logSoftmax().data[0]).toBeCloseTo(-Math.LN2, 12);
    const masked = tensor([Number.NEGATIVE_INFINITY, 0], float64);
    expect(masked.softmax().toArray()).toEqual([0, 1]);
    expect(tensor([-Infinity, -Infinity]).logSumExp().item()).toBe(-Infinity);
    expectClose(matrix.softmax(0).sum(0), [1, 1, 1]);
    expectClose(matrix.logSumExp(1, { keepDims: true }), [3.407606, 6.407606]);
  });

  test("the summed cross-entropy of three logits of classes 1, 2, 3 is 2.54692", () => {
    const logits = tensor(
      [
        [0.65, 0.43, 0.11],
        [0.05, 0.51, 0.18],
        [0.33, 0.21, 0.72],
      ],
      float64,
    );
    const targets = tensor([0, 1, 2], int32).oneHot(3, float64);
    expect(logits.logSoftmax().mul(targets).sum().neg().item()).toBeCloseTo(2.54692, 5);
    const picked = logits.logSoftmax().takeAlong(tensor([[0], [1], [2]], int32), 1);
    expect(picked.sum().neg().item()).toBeCloseTo(2.54692, 5);
  });

  test("norms of order 1, 2, 3 and infinity", () => {
    const x = tensor([3, -4], float64);
    expect(x.norm().item()).toBe(5);
    expect(x.norm(0, { order: 1 }).item()).toBe(7);
    expect(x.norm(0, { order: Infinity }).item()).toBe(4);
    expect(x.norm(0, { order: 3 }).item()).toBeCloseTo(91 ** (1 / 3), 12);
    expect(() => x.norm(0, { order: 0 })).toThrow(UsageError);
    expect(zeros([2]).norm().item()).toBe(0);
  });

  test("cumulative sums along either axis", () => {
    expect(matrix.cumulativeSum(1).toArray()).toEqual([
      [1, 3, 6],
      [4, 9, 15],
    ]);
    expect(matrix.cumulativeSum().toArray()).toEqual([
      [1, 2, 3],
      [5, 7, 9],
    ]);
    expect(arange(100, undefined, int32).cumulativeSum().data[99]).toBe(4950);
  });
});

describe("products", () => {
  test("matmul follows NumPy for vectors, matrices and batches", () => {
    const v = tensor([1, 0, -1]);
    expect(matrix.matmul(v).toArray()).toEqual([-2, -2]);
    expect(tensor([1, 1]).matmul(matrix).toArray()).toEqual([5, 7, 9]);
    expect(v.matmul(v).item()).toBe(2);
    expect(matrix.matmul(matrix.T).toArray()).toEqual([
      [14, 32],
      [32, 77],
    ]);
    expect(ones([5, 1, 2, 3]).matmul(ones([4, 3, 2])).shape).toEqual([5, 4, 2, 2]);
    expect(ones([5, 2, 3]).matmul(ones([3, 4])).shape).toEqual([5, 2, 4]);
    expect(ones([5, 2, 3]).matmul(ones([3])).shape).toEqual([5, 2]);
    expect(() => matrix.matmul(matrix)).toThrow(
      "matmul: [2, 3] times [2, 3]: expected the last axis of the first (3) to equal the last but " +
        "one of the second (2).",
    );
    expect(() => matrix.matmul(tensor(2))).toThrow("use mul() for scalars");
  });

  test("dot and outer take vectors", () => {
    expect(
      tensor([1, 2])
        .dot(tensor([3, 4]))
        .item(),
    ).toBe(11);
    expect(
      tensor([1, 2])
        .outer(tensor([3, 4, 5]))
        .toArray(),
    ).toEqual([
      [3, 4, 5],
      [6, 8, 10],
    ]);
    expect(() => matrix.dot(matrix)).toThrow("use matmul() for matrices");
  });

  test("einsum: products, transposes, sums, batches, three operands", () => {
    const other = tensor([
      [1, 0],
      [2, 1],
      [0, 3],
    ]);
    expect(einsum("ij,jk->ik", matrix, other).toArray()).toEqual(matrix.matmul(other).toArray());
    expect(einsum("ij->ji", matrix).toArray()).toEqual(matrix.T.toArray());
    expect(einsum("ij->", matrix).item()).toBe(21);
    expect(einsum("ij,ij->i", matrix, matrix).toArray()).toEqual([14, 77]);
    expect(einsum("i,j", tensor([1, 2]), tensor([3, 4])).toArray()).toEqual([
      [3, 4],
      [6, 8],
    ]);
    expect(einsum("bij,bjk->kbi", ones([2, 3, 4]), ones([2, 4, 5])).shape).toEqual([5, 2, 3]);
    expect(einsum("ij,jk,kl->il", matrix, other, other.T).toArray()).toEqual(
      matrix.matmul(other).matmul(other.T).toArray(),
    );
    expect(einsum("ij,k->i", matrix, tensor([1, 2])).toArray()).toEqual([18, 45]);
    expect(() => einsum("ij,jk->iz", matrix, other)).toThrow(
      'einsum: "ij,jk->iz" does not describe',
    );
    expect(() => einsum("ij,jk->ik", matrix, matrix)).toThrow(
      '"j" in "ij,jk->ik" has length 3 in one operand and 2 in another',
    );
  });
});

describe("shape", () => {
  test("reshape, flatten, squeeze, expandDims, broadcastTo", () => {
    expect(matrix.reshape([3, -1]).shape).toEqual([3, 2]);
    expect(matrix.flatten().shape).toEqual([6]);
    expect(ones([2, 3, 4]).flatten(1).shape).toEqual([2, 12]);
    expect(ones([1, 2, 1]).squeeze().shape).toEqual([2]);
    expect(ones([1, 2, 1]).squeeze(-1).shape).toEqual([1, 2]);
    expect(matrix.expandDims(-1).shape).toEqual([2, 3, 1]);
    expect(tensor([1, 2]).broadcastTo([2, 2]).toArray()).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(() => matrix.reshape([4, -1])).toThrow("[2, 3] does not fit into [4, -1]");
    expect(() => matrix.reshape([-1, -1])).toThrow(ShapeError);
    expect(() => matrix.squeeze(0)).toThrow("expected length 1 at axis 0, got 2");
    expect(() => matrix.expandDims(4)).toThrow(ShapeError);
  });

  test("permute and transpose", () => {
    const x = ones([2, 3, 4]);
    expect(x.T.shape).toEqual([4, 3, 2]);
    expect(x.transpose([0, 2, 1]).shape).toEqual([2, 4, 3]);
    expect(x.permute([-1, 0, 1]).shape).toEqual([4, 2, 3]);
    expect(() => x.permute([0, 0, 1])).toThrow("needs each of its 3 axes once");
  });

  test("pad, flip, tile, repeat, split", () => {
    expect(
      tensor([1, 2])
        .pad([[1, 2]], 9)
        .toArray(),
    ).toEqual([9, 1, 2, 9, 9]);
    expect(matrix.pad([[0, 1]]).shape).toEqual([2, 4]);
    expect(() => matrix.pad([[-1, 0]])).toThrow("pairs [before, after] of whole numbers");
    expect(matrix.flip(1).toArray()).toEqual([
      [3, 2, 1],
      [6, 5, 4],
    ]);
    expect(matrix.flip().flatten().toArray()).toEqual([6, 5, 4, 3, 2, 1]);
    expect(tensor([1, 2]).tile([2, 2]).toArray()).toEqual([
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ]);
    expect(tensor([1, 2]).repeat(2, 0).toArray()).toEqual([1, 1, 2, 2]);
    expect(
      arange(6)
        .split(3)
        .map((part) => part.toArray()),
    ).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    expect(matrix.split([1, 2], 1).map(({ shape }) => shape)).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(() => arange(5).split(2)).toThrow("does not divide into 2 equal parts");
  });

  test("concatenate and stack", () => {
    expect(concatenate([matrix, matrix], 1).shape).toEqual([2, 6]);
    expect(stack([tensor([1, 2]), tensor([3, 4])], 1).toArray()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(() => concatenate([])).toThrow("expected at least one tensor");
    expect(() => stack([])).toThrow("expected at least one tensor");
    expect(() => concatenate([matrix, tensor([1])])).toThrow(ShapeError);
  });

  test("slice follows Python for every start, stop and step", () => {
    const bound = fc.option(fc.integer({ min: -7, max: 7 }), { nil: null });
    const step = fc.integer({ min: -3, max: 3 }).filter((value) => value !== 0);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), bound, bound, step, (length, start, stop, by) => {
        const list = Array.from({ length }, (_, i) => i);
        expect(tensor(list).slice([start, stop, by]).toArray()).toEqual(
          pythonSlice(list, start, stop, by),
        );
      }),
    );
  });

  test("slice drops axes that a number picks", () => {
    expect(matrix.slice(1).toArray()).toEqual([4, 5, 6]);
    expect(matrix.slice(null, -1).toArray()).toEqual([3, 6]);
    expect(matrix.slice([0, 1], [1, 3]).toArray()).toEqual([[2, 3]]);
    expect(matrix.slice(0, 0).item()).toBe(1);
    expect(() => matrix.slice(2)).toThrow("index 2 is outside axis 0 of length 2");
    expect(() => matrix.slice(0, 0, 0)).toThrow("has 2 axes, got 3 ranges");
    expect(() => matrix.slice([0, 1, 0])).toThrow("a step other than 0");
  });
});

/** Element by element, as the language reference defines it. */
function pythonSlice(
  list: readonly number[],
  start: number | null,
  stop: number | null,
  step: number,
): number[] {
  const length = list.length;
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (value: number) =>
    Math.max(low, Math.min(high, value < 0 ? value + length : value));
  const first = start === null ? (step > 0 ? low : high) : clamp(start);
  const last = stop === null ? (step > 0 ? high : low) : clamp(stop);
  const result: number[] = [];
  for (let i = first; step > 0 ? i < last : i > last; i += step) result.push(list[i]);
  return result;
}

describe("indexing", () => {
  test("gather along an axis, with indices of any shape; outside gives 0", () => {
    expect(matrix.gather(tensor([1, 0, 2], int32)).toArray()).toEqual([
      [4, 5, 6],
      [1, 2, 3],
      [0, 0, 0],
    ]);
    expect(matrix.gather(tensor([[2], [-1]], int32), 1).toArray()).toEqual([
      [[3], [0]],
      [[6], [0]],
    ]);
    expect(matrix.gather(tensor(1, int32), -1).toArray()).toEqual([2, 5]);
    expect(() => matrix.gather(tensor([0]))).toThrow(DTypeError);
  });

  test("takeAlong picks within rows; outside gives 0", () => {
    const picked = matrix.takeAlong(tensor([[2], [5]], int32), 1);
    expect(picked.toArray()).toEqual([[3], [0]]);
    const rows = matrix.takeAlong(tensor([[1, 0, -1]], int32), 0);
    expect(rows.toArray()).toEqual([[4, 2, 0]]);
    expect(() => matrix.takeAlong(tensor([1], int32), 1)).toThrow("but for axis 1, got [1]");
  });

  test("scatterAdd adds along an axis", () => {
    const x = zeros([2, 3]);
    expect(x.scatterAdd(tensor([1, 1], int32), matrix.add(0)).toArray()).toEqual([
      [0, 0, 0],
      [5, 7, 9],
    ]);
    expect(x.scatterAdd(tensor([0, 2, 7], int32), matrix, 1).toArray()).toEqual([
      [1, 0, 2],
      [4, 0, 5],
    ]);
  });

  test("oneHot and cast", () => {
    expect(tensor([2, 0], int32).oneHot(3).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(tensor([5], int32).oneHot(2).toArray()).toEqual([[0, 0]]);
    expect(tensor([1.7, -1.7, Number.NaN]).cast("int32").toArray()).toEqual([1, -1, 0]);
  });
});

describe("broadcasting equals a naive loop", () => {
  /** Two shapes that broadcast: lengths from a common shape, some replaced by 1, some cut off. */
  const pair = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }).chain((common) => {
    const variant = fc
      .tuple(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.nat(common.length))
      .map(([single, cut]) => common.map((length, i) => (single[i] ? 1 : length)).slice(cut));
    return fc.tuple(variant, variant);
  });

  /** Reads an element of the smaller shape at an index of the common one. */
  const at = (data: ArrayLike<number>, shape: Shape, index: readonly number[]) => {
    const own = index.slice(index.length - shape.length);
    const strides = stridesOf(shape);
    return data[own.reduce((sum, i, axis) => sum + (shape[axis] === 1 ? 0 : i * strides[axis]), 0)];
  };

  test("for random shapes", () => {
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const a = arange(sizeOf(left), undefined, float64).reshape(left);
        const b = arange(sizeOf(right), undefined, float64).mul(10).reshape(right);
        const shape = broadcastShapes(left, right);
        const result = a.sub(b);
        expect(result.shape).toEqual(shape);
        const [aData, bData, data] = [a.data, b.data, result.data];
        const strides = stridesOf(shape);
        for (let i = 0; i < data.length; i++) {
          const index = shape.map((length, axis) => Math.floor(i / strides[axis]) % length);
          expect(data[i]).toBe(at(aData, left, index) - at(bData, right, index));
        }
      }),
    );
  });
});
