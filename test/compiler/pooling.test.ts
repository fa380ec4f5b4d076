/** Convolutions in front of max pooling: their gradients as products of patches, on every backend. */

import { describe, expect, test } from "vitest";
import { gradients } from "../../src/autograd/index.ts";
import { referenceBackend, wasmBackend } from "../../src/backend/index.ts";
import { compilePrograms } from "../../src/compile/index.ts";
import { build, type FloatDType, type Node, sizeOf } from "../../src/ir/index.ts";
import { Generator } from "../../src/util/index.ts";
import { interpreterBackend } from "./interpreterBackend.ts";

type Activation = "none" | "relu" | "leakyRelu" | "square";

interface Sizes {
  readonly dtype: FloatDType;
  readonly images: number;
  /** Of the image, the kernel and the windows, for each axis. */
  readonly axes: readonly {
    readonly windows: number;
    readonly kernel: number;
    readonly pool: number;
    /** Zeros before the image, and after it. */
    readonly padding?: readonly [number, number];
  }[];
  readonly channels: number;
  readonly out: number;
  readonly activation: Activation;
}

function activate(kind: Activation, x: Node): Node {
  const isNegative = build.binary("le", x, build.fullLike(0, x));
  switch (kind) {
    case "none":
      return x;
    case "relu":
      return build.select(isNegative, build.fullLike(0, x), x);
    case "leakyRelu":
      return build.select(isNegative, build.mul(x, build.fullLike(0.5, x)), x);
    case "square":
      return build.mul(x, x);
  }
}

/** pool(f(x * w + b)) and its gradients by x, w and b. */
function pooledConvolution({ dtype, images, axes, channels, out, activation }: Sizes) {
  const paddings = axes.map(({ padding = [0, 0] }) => padding);
  const [low, high] = [0, 1].map((side) => paddings.map((padding) => padding[side]));
  const lengths = axes.map(
    ({ windows, kernel, pool }, axis) => windows * pool + kernel - 1 - low[axis] - high[axis],
  );
  const x = build.input("x", [images, ...lengths, channels], dtype);
  const w = build.input("w", [...axes.map(({ kernel }) => kernel), channels, out], dtype);
  const b = build.input("b", [out], dtype);
  const ones = axes.map(() => 1);
  const z = build.convolve(x, w, ones, ones, { low, high });
  const a = activate(activation, build.add(z, build.broadcast(b, z.shape)));
  const split = axes.flatMap(({ windows, pool }) => [windows, pool]);
  const windows = build.reshape(a, [images, ...split, out]);
  const within = axes.map((_, axis) => 2 * axis + 2);
  const y = build.firstExtremum("reduceMax", windows, within);
  const g = build.input("g", y.shape, dtype);
  const inputs = [x, w, b, g];
  return { inputs, outputs: [y, ...gradients([{ output: y, gradient: g }], [x, w, b])] };
}

function randomSizes(generator: Generator, dtype: FloatDType): Sizes {
  const among = (least: number, most: number) => least + generator.integer(most - least + 1);
  const isPadded = generator.integer(2) === 1;
  const axes = Array.from({ length: among(1, 2) }, () => {
    const kernel = among(1, 5);
    const most = isPadded ? Math.floor((kernel - 1) / 2) : 0;
    const padding = [among(0, most), among(0, most)] as const;
    return { windows: among(1, 4), kernel, pool: among(1, 3), padding };
  });
  const kinds = ["none", "relu", "leakyRelu", "square"] as const;
  return {
    dtype,
    axes,
    images: among(1, 5),
    channels: among(1, 7),
    out: among(1, 9),
    activation: kinds[generator.integer(kinds.length)],
  };
}

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test("gradients agree with the reference, with equal largest elements too", () => {
    const backends = [interpreterBackend(), wasmBackend(), wasmBackend({ mode: "fast" })];
    let patches = 0;
    for (let seed = 0; seed < 40; seed++) {
      const generator = new Generator(seed).fork("pooling");
      const { inputs, outputs } = pooledConvolution(randomSizes(generator, dtype));
      const values = inputs.map((node) =>
        Float64Array.from({ length: sizeOf(node.shape) }, () => generator.integer(5) - 2),
      );
      const program = { name: "c", outputs };
      const [expected, ...others] = [referenceBackend(), ...backends].map((backend) => {
        const executable = backend.compile([program]);
        for (const [i, node] of inputs.entries()) executable.write(node as never, values[i]);
        executable.run("c");
        return outputs.map((node) => Array.from(executable.read(node), (value) => value + 0));
      });
      // Sums of small whole numbers and halves are exact in any order.
      for (const actual of others) expect(actual, `seed ${seed}`).toEqual(expected);
      const { kernels } = compilePrograms([program]).programs[0];
      patches += kernels.filter(({ kind }) => kind === "patch").length;
    }
    expect(patches).toBeGreaterThan(15);
  });
});

const lenet: Sizes = {
  dtype: "float32",
  images: 4,
  axes: [
    { windows: 4, kernel: 5, pool: 2 },
    { windows: 4, kernel: 5, pool: 2 },
  ],
  channels: 6,
  out: 16,
  activation: "relu",
};

function kindsOf(sizes: Sizes): string[] {
  const program = { name: "c", outputs: pooledConvolution(sizes).outputs };
  return compilePrograms([program]).programs[0].kernels.map((kernel) =>
    kernel.kind === "patch" ? kernel.direction : kernel.kind,
  );
}

test("the largest elements and their places are one kernel, the gradients one each", () => {
  const kinds = kindsOf(lenet);
  expect(kinds.filter((kind) => kind === "contract")).toHaveLength(1);
  expect(kinds.filter((kind) => kind === "gather")).toHaveLength(1);
  expect(kinds.filter((kind) => kind === "scatter")).toHaveLength(1);
  // The pooling, the values with their mask, the packed kernel, the kernels' order of the result.
  expect(kinds.filter((kind) => kind === "map").length).toBeLessThanOrEqual(4);
});

test("padding lies around the image in storage, or is left out of its gradient", () => {
  const axes = lenet.axes.map((axis) => ({ ...axis, kernel: 3, padding: [1, 1] as const }));
  const kinds = kindsOf({ ...lenet, axes });
  expect(kinds).toContain("gather");
  expect(kinds).toContain("scatter");
});

test("windows of two elements are too small for patches to pay", () => {
  const axes = [{ windows: 8, kernel: 3, pool: 2 }];
  expect(kindsOf({ ...lenet, axes })).not.toContain("scatter");
});
