import { describe, expect, test } from "vitest";
import { grad, type Tensor, tensor } from "../../tensor/index.ts";
import { Generator, nestByPath, ShapeError, UsageError } from "../../util/index.ts";
import { containers } from "../containers.ts";
import { describeNetwork, networkFrom } from "../description.ts";
import type { Layer } from "../layer.ts";
import { network } from "../network.ts";
import { outputShapeOf } from "../outputShape.ts";
import { flattenSpecs, type ParameterSpecs } from "../parameter.ts";
import { resizing } from "../resizing.ts";
import { contextOf } from "../run.testing.ts";
import { variants } from "../variants.ts";
import { im2col, layers } from "./index.ts";

/** Parameters drawn from a seed. */
function drawn(specs: ParameterSpecs, seed = 1): Record<string, unknown> {
  const generator = new Generator(seed);
  return nestByPath(
    new Map(
      flattenSpecs(specs).map(([name, { shape, initialize }]) => [
        name,
        tensor(initialize(generator.fork(name)), { shape, dtype: "float64" }),
      ]),
    ),
  );
}

function images(...shape: number[]): Tensor {
  const generator = new Generator(2);
  const size = shape.reduce((product, length) => product * length, 1);
  return tensor(
    Float64Array.from({ length: size }, () => generator.normal()),
    {
      shape,
      dtype: "float64",
    },
  );
}

function apply(layer: Layer, parameters: unknown, x: Tensor): Tensor {
  return layer.forward(parameters, x, contextOf(false));
}

describe("conv2d", () => {
  test("sums products of each window with the kernel, by hand", () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], { shape: [1, 3, 3, 1] });
    const weight = tensor([1, 10, 100, 1000], { shape: [2, 2, 1, 1] });
    const y = apply(layers.conv2d(1, 2, { bias: false }), { weight }, x);
    expect(y.shape).toEqual([1, 2, 2, 1]);
    // 1 + 2·10 + 4·100 + 5·1000 …
    expect([...y.data]).toEqual([5421, 6532, 8754, 9865]);
  });

  test.each([
    [{}, [24, 24]],
    [{ padding: "same" }, [28, 28]],
    [{ padding: "same", stride: 3 }, [10, 10]],
    [{ padding: "valid", stride: [1, 2] }, [24, 12]],
    [{ padding: [1, 2], dilation: [2, 1] }, [22, 28]],
  ] as const)("with %j turns 28 x 28 into %j", (options, size) => {
    const layer = layers.conv2d(6, 5, options);
    expect(outputShapeOf(layer, [28, 28, 3])).toEqual([...size, 6]);
  });

  test("draws W and b as PyTorch: U(±1/√fanIn)", () => {
    const { weight, bias } = drawn(layers.conv2d(64, [3, 5], { groups: 2 }).parameters([9, 9, 8]));
    const limit = 1 / Math.sqrt(4 * 15);
    for (const values of [weight, bias] as Tensor[]) {
      const largest = Math.max(...values.data.map(Math.abs));
      expect(largest).toBeLessThan(limit);
      expect(largest).toBeGreaterThan(0.9 * limit);
    }
    expect((weight as Tensor).shape).toEqual([3, 5, 4, 64]);
  });

  test("stores an initializer's [out, in, ...kernel] as [...kernel, in, out]", () => {
    const layer = layers.conv2d(4, 2, { initializer: "orthogonal" });
    const { weight } = drawn(layer.parameters([5, 5, 3])) as { weight: Tensor };
    // The rows of [out, in · kernel] are orthonormal.
    const rows = weight.permute([3, 2, 0, 1]).reshape([4, 12]);
    rows.matmul(rows.T).data.forEach((value, i) => {
      expect(value).toBeCloseTo(i % 5 === 0 ? 1 : 0, 12);
    });
  });

  test("im2col gives a row for each window, which W turns into the convolution", () => {
    const x = images(2, 5, 6, 3);
    const options = { kernel: [3, 2], stride: 2, padding: 1 };
    const layer = layers.conv2d(4, options.kernel, options);
    const parameters = drawn(layer.parameters([5, 6, 3])) as { weight: Tensor; bias: Tensor };
    const rows = im2col(x, options);
    expect(rows.shape).toEqual([2 * 3 * 4, 3 * 2 * 3]);
    const product = rows.matmul(parameters.weight.reshape([-1, 4])).add(parameters.bias);
    const y = apply(layer, parameters, x);
    product.data.forEach((value, i) => {
      expect(value).toBeCloseTo(y.data[i], 12);
    });
  });

  test.each([
    [[28, 28], "for one channel add layers.reshape([28, 28, 1]) before it."],
    [[784], "add layers.reshape([height, width, channels]) before it."],
  ])("says what to do about input %j", (input, advice) => {
    expect(() => network({ input, layers: [layers.conv2d(6, 5)] })).toThrow(
      `Layer "conv2d": expected input [batch, height, width, channels], got [batch, ${input.join(", ")}]; ` +
        advice,
    );
  });

  test("says when a kernel is larger than the image, and that channels are last", () => {
    const layer = layers.conv2d(6, 5);
    expect(() => layer.parameters([1, 28, 28])).toThrow(ShapeError);
    expect(() => layer.parameters([1, 28, 28])).toThrow(
      'Layer "conv2d": expected at least 5 x 5 elements of each channel, got 1 x 28 (channels are the ' +
        'last axis of [batch, 1, 28, 28]); use a smaller kernel, or padding: "same".',
    );
  });

  test.each([
    [{ stride: 0 }, "expected stride to be a whole number from 1, got 0."],
    [{ padding: -1 }, "expected padding to be a whole number from 0, got -1."],
    [{ dilation: [1, 2, 3] }, "expected dilation to be a number or 2 numbers, got [1, 2, 3]."],
    [
      { padding: "full" as "same" },
      'expected padding to be a number, "same" or "valid", got "full".',
    ],
    [
      { groups: 2 },
      "expected groups that divide 3 channels of the input and 6 of the result, got 2.",
    ],
    [
      { algorithm: "winograd" as "direct" },
      'expected algorithm "direct" or "im2col", got "winograd".',
    ],
  ])("refuses %j", (options, message) => {
    const build = () => network({ input: [8, 8, 3], layers: [layers.conv2d(6, 3, options)] });
    expect(build).toThrow(UsageError);
    expect(build).toThrow(message);
  });
});

describe("convTranspose2d", () => {
  test("is the transpose of conv2d: ⟨conv(x), y⟩ = ⟨x, convTranspose(y)⟩", () => {
    const options = { stride: [2, 3], padding: [1, 0], dilation: [1, 2], bias: false };
    const forward = layers.conv2d(5, 3, options);
    const { weight } = drawn(forward.parameters([9, 11, 2])) as { weight: Tensor };
    const x = images(3, 9, 11, 2);
    const y = apply(forward, { weight }, x);
    const cotangent = images(...y.shape);
    const backward = resizing.convTranspose2d(2, 3, options);
    const back = apply(backward, { weight: weight.permute([0, 1, 3, 2]) }, cotangent);
    expect(back.shape).toEqual(x.shape);
    expect(back.mul(x).sum().item()).toBeCloseTo(y.mul(cotangent).sum().item(), 9);
  });

  test("refuses an output padding that no stride explains", () => {
    expect(() =>
      network({ input: [4, 4, 1], layers: [resizing.convTranspose2d(1, 3, { outputPadding: 1 })] }),
    ).toThrow(
      'Layer "convTranspose2d": expected outputPadding below the stride or the dilation, got 1.',
    );
  });
});

describe("pooling", () => {
  test("takes the largest element or the mean of each window, by hand", () => {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8], { shape: [1, 2, 4, 1] });
    expect([...apply(layers.maxPool2d(2), {}, x).data]).toEqual([6, 8]);
    expect([...apply(layers.averagePool2d(2), {}, x).data]).toEqual([3.5, 5.5]);
    expect([...apply(layers.maxPool2d(2, { stride: 1 }), {}, x).data]).toEqual([6, 7, 8]);
  });

  test("leaves out what does not fill a window", () => {
    expect(outputShapeOf(layers.maxPool2d(2), [5, 7, 3])).toEqual([2, 3, 3]);
    expect(outputShapeOf(layers.averagePool1d(3), [11, 2])).toEqual([3, 2]);
  });

  test("never takes padding for the largest element", () => {
    const x = tensor([-3, -1, -2], { shape: [1, 3, 1] });
    expect([...apply(layers.maxPool1d(2, { padding: 1 }), {}, x).data]).toEqual([-3, -1]);
  });

  test.each([{}, { stride: 1 }])(
    "gives the gradient to the first largest element, %o",
    (options) => {
      const pool = layers.maxPool2d(2, options);
      const total = (x: Tensor) => apply(pool, {}, x).sum();
      const x = tensor([2, 2, 2, 1], { shape: [1, 2, 2, 1] });
      expect([...grad(total)(x).data]).toEqual([1, 0, 0, 0]);
    },
  );

  test("refuses windows that may hold nothing but padding", () => {
    expect(() => outputShapeOf(layers.maxPool2d(2, { padding: 2 }), [8, 8, 1])).toThrow(
      'Layer "maxPool2d": expected padding of at most half the kernel of 2, got 2.',
    );
  });

  test("gives each channel one value", () => {
    const x = tensor([1, 20, 3, 40], { shape: [1, 2, 1, 2] });
    expect(apply(layers.globalAveragePool(), {}, x).toArray()).toEqual([[2, 30]]);
    expect(apply(layers.globalMaxPool(), {}, x).toArray()).toEqual([[3, 40]]);
  });
});

describe("groupNorm", () => {
  test("refuses groups that do not divide the channels", () => {
    expect(() => variants.groupNorm(4).parameters([5, 5, 6])).toThrow(
      'Layer "groupNorm": expected groups that divide the 6 channels, got 4.',
    );
  });
});

describe("spatialDropout", () => {
  test("drops whole channels and keeps the mean", () => {
    const x = tensor(new Float64Array(40 * 9 * 5).fill(1), { shape: [40, 3, 3, 5] });
    const y = variants.spatialDropout(0.25).forward({}, x, contextOf(true));
    const means = y.mean([1, 2]).data;
    for (const mean of means) expect([0, 1 / 0.75]).toContainEqual(expect.closeTo(mean, 6));
    const kept = means.filter((mean) => mean > 0).length / means.length;
    // 200 draws: the standard deviation of the share is 0.03.
    expect(Math.abs(kept - 0.75)).toBeLessThan(0.12);
    expect(variants.spatialDropout(0.25).forward({}, x, contextOf(false))).toBe(x);
  });
});

describe("upsample", () => {
  test("repeats or interpolates", () => {
    const x = tensor([0, 4], { shape: [1, 2, 1] });
    expect([...apply(resizing.upsample(2), {}, x).data]).toEqual([0, 0, 4, 4]);
    expect([...apply(resizing.upsample(2, { mode: "linear" }), {}, x).data]).toEqual([0, 1, 3, 4]);
  });

  test("says what it expects", () => {
    expect(() => outputShapeOf(resizing.upsample(2), [4])).toThrow(
      'Layer "upsample": expected input [batch, ...spatial, channels], got [batch, 4]; ' +
        "add layers.reshape(...) before it.",
    );
    expect(() =>
      outputShapeOf(resizing.upsample(2, { mode: "cubic" as "linear" }), [4, 1]),
    ).toThrow('Layer "upsample": expected mode "nearest" or "linear", got "cubic".');
  });
});

test("a network of every kind of layer for images survives its description", async () => {
  const net = network({
    input: [16, 16, 1],
    seed: 3,
    layers: [
      layers.conv2d(4, 3, { padding: "same" }),
      layers.batchNorm(),
      layers.relu(),
      layers.maxPool2d(2),
      containers.residual([layers.conv2d(4, 3, { padding: 1, groups: 2 }), variants.groupNorm(2)]),
      variants.spatialDropout(0.1),
      resizing.upsample(2, { mode: "linear" }),
      layers.averagePool2d(3, { stride: 2, padding: 1, countPadding: false }),
      resizing.convTranspose2d(6, 2, { stride: 2, groups: 2 }),
      resizing.adaptiveAveragePool2d([5, 3]),
      layers.globalAveragePool(),
      layers.linear(2),
    ],
  });
  const copy = networkFrom(JSON.parse(JSON.stringify(describeNetwork(net))));
  expect(copy.summary()).toBe(net.summary());
  expect(copy.summary()).toContain("convTranspose2d");
  const generator = new Generator(4);
  const x = Float32Array.from({ length: 2 * 256 }, () => generator.normal());
  expect((await copy.predict(x)).data).toEqual((await net.predict(x)).data);
});
