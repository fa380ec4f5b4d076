/** Contractions over large operands, in blocks and panels, and over clipped axes. */

import { describe, expect, test } from "vitest";
import {
  type Affine,
  bytesPerElement,
  type ContractKernel,
  type Plan,
  type Value,
} from "../../compile/index.ts";
import { Generator } from "../../util/index.ts";
import { arrangeContraction } from "./contractionLoops.ts";
import { interpretPlan } from "./interpretPlan.testing.ts";
import { runPlan } from "./runPlan.testing.ts";

const at = (...strides: number[]): Affine => ({ offset: 0, strides });
const anchor = { kind: "anchor", result: 0, dtype: "float32" } as const;

type Sums = Pick<ContractKernel, "extents" | "reduced" | "windows"> & {
  readonly a: Affine;
  readonly b: Affine;
};

/** c += a · b in float32: buffers a, b and c. */
function kernelOf({ extents, reduced, windows, a, b }: Sums): ContractKernel {
  const strides = extents.map((_, dim) => extents.slice(dim + 1).reduce((x, y) => x * y, 1));
  const old = { kind: "load", buffer: 2, at: at(...strides), dtype: "float32" } as const;
  const value = { kind: "op", op: "add", inputs: [old, anchor], dtype: "float32" } as const;
  return {
    kind: "contract",
    dtype: "float32",
    extents,
    reduced,
    windows,
    a: { buffer: 0, at: a },
    b: { buffer: 1, at: b },
    stores: [{ buffer: 2, at: at(...strides), value }],
  };
}

/** A plan of the kernel, and small whole numbers for its buffers: all sums are exact. */
function planOf(kernel: ContractKernel): { plan: Plan; initial: Float64Array[] } {
  const extents = [...kernel.extents, ...kernel.reduced];
  const reach = ({ offset, strides }: Affine) =>
    strides.reduce((sum, stride, dim) => sum + Math.max(0, stride) * (extents[dim] - 1), offset) +
    1;
  const sizes = [kernel.a.at, kernel.b.at, kernel.stores[0].at].map(reach);
  let end = 0;
  const buffers = sizes.map((size) => {
    const offset = end;
    end += Math.ceil((size * bytesPerElement.float32 + 1) / 64) * 64;
    return { dtype: "float32", size, offset } as const;
  });
  const random = new Generator(3);
  return {
    plan: {
      buffers,
      constants: [],
      arenaBytes: end + 64,
      programs: [{ name: "test", kernels: [kernel] }],
      inputs: [],
      transposed: [],
      outputs: [[]],
    },
    initial: sizes.map((size) =>
      Float64Array.from({ length: size }, () => Math.floor(random.uniform() * 5) - 2),
    ),
  };
}

/** [9, 20·130] by [20·130, 17]; a's two summed dimensions do not merge. */
const long: Sums = {
  extents: [9, 17],
  reduced: [20, 130],
  windows: [],
  a: at(20 * 150, 0, 150, 1),
  b: at(0, 1, 17 * 130, 17),
};

/** 2 products of [100, 70] by [70, 11] with rows of b 1024 bytes apart. */
const apart: Sums = {
  extents: [2, 97, 11],
  reduced: [70],
  windows: [],
  a: at(97 * 70, 70, 0, 1),
  b: at(128, 0, 1, 256),
};

/** The gradient of a convolution's weights, [3 places, 40 channels, 9 filters], over 12 images whose rows are
 * clipped to 16. */
const weights: Sums = {
  extents: [3, 40, 9],
  reduced: [12, 16, 8],
  windows: [{ outputDim: 0, summedDim: 1, outputStep: 1, summedStep: 1, low: 1, length: 16 }],
  a: { offset: -320, strides: [320, 1, 0, 5120, 320, 40] },
  b: at(0, 0, 1, 8192, 512, 64),
};

/** 5 images of 5 × 5 pixels with 3 channels, correlated with 6 filters wherever these touch them: both axes are
 * clipped to ranges that differ at each of 9 places, and images make the rows of tiles. */
const full: Sums = {
  extents: [5, 9, 9, 6],
  reduced: [5, 5, 3],
  windows: [
    { outputDim: 1, summedDim: 0, outputStep: 1, summedStep: 1, low: 4, length: 5 },
    { outputDim: 2, summedDim: 1, outputStep: 1, summedStep: 1, low: 4, length: 5 },
  ],
  a: { offset: -4 * 15 - 4 * 3, strides: [75, 15, 3, 0, 15, 3, 1] },
  b: at(0, 0, 0, 1, 90, 18, 6),
};

/** [24, 40] by [40, 21] in many tiles of many sums. */
const plain: Sums = {
  extents: [24, 21],
  reduced: [40],
  windows: [],
  a: at(40, 0, 1),
  b: at(0, 1, 21),
};

const cases = { long, apart, weights, full };

describe.each([{ madd: false }, { madd: true }])("with madd $madd", (options) => {
  test.each(Object.entries(cases))("%s: agrees with the definition", (_, sums) => {
    const { plan, initial } = planOf(kernelOf(sums));
    const expected = initial.map((data) => data.slice());
    interpretPlan(plan, "test", expected);
    const [, , actual] = runPlan(plan, "test", initial, options);
    expect(actual).toEqual(expected[2]);
  });
});

test.each([{ madd: false }, { madd: true }])(
  "many operations on each sum, with madd $madd",
  (options) => {
    const kernel = kernelOf(plain);
    const [{ value, ...store }] = kernel.stores;
    let result: Value = value;
    for (let i = 0; i < 4; i++) {
      const three: Value = { kind: "constant", value: 3, dtype: "float32" };
      const tripled: Value = { kind: "op", op: "mul", inputs: [result, three], dtype: "float32" };
      result = { kind: "op", op: "sub", inputs: [tripled, anchor], dtype: "float32" };
    }
    const { plan, initial } = planOf({ ...kernel, stores: [{ ...store, value: result }] });
    const expected = initial.map((data) => data.slice());
    interpretPlan(plan, "test", expected);
    const [, , actual] = runPlan(plan, "test", initial, options);
    expect(actual).toEqual(expected[2]);
  },
);

describe("arrangeContraction", () => {
  const arranged = (name: keyof typeof cases) => {
    const loops = arrangeContraction(kernelOf(cases[name]), 4, false);
    return { blocks: loops.blockCount, panels: loops.panels };
  };

  test("sums in blocks where both operands together do not fit the cache", () => {
    expect(arranged("long")).toEqual({ blocks: 1, panels: "none" });
    expect(arranged("apart").blocks).toBe(0);
    expect(arranged("weights").blocks).toBe(1);
  });

  test("copies panels where rows of b are far apart and read often", () => {
    expect(arranged("apart").panels).toBe("all");
    expect(arranged("weights").panels).toBe("one");
  });

  test("a block is the largest divisor of a summed dimension that fits", () => {
    const { extents, column, blockCount } = arrangeContraction(kernelOf(long), 4, false);
    expect(extents.slice(column + 1, column + 1 + blockCount)).toEqual([2]);
    expect(extents.slice(column + 1 + blockCount)).toEqual([10, 130]);
  });
});
