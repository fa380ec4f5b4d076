import { describe, expect, test } from "vitest";
import { gradients } from "../autograd/index.ts";
import { build, type Node } from "../ir/index.ts";
import { readyPatchesOf } from "./patches.ts";
import { poolGradients } from "./poolGradients.ts";
import { routedOf } from "./routed.ts";
import { simplify } from "./simplify.ts";

/** Images [2, 8, 8, 3] and the gradient of their max pooling by windows of 2 x 2. */
function pooled() {
  const x = build.input("x", [2, 8, 8, 3], "float32");
  const windows = build.reshape(x, [2, 4, 2, 4, 2, 3]);
  const y = build.firstExtremum("reduceMax", windows, [2, 4]);
  const g = build.input("g", y.shape, "float32");
  const [dx] = gradients([{ output: y, gradient: g }], [x]);
  return { x, g, dx };
}

const passed = (node: Node) => poolGradients(simplify([node]))[0];

test("the derivative of an activation in front multiplies the windows' values", () => {
  const { x, dx } = pooled();
  const masked = passed(
    build.select(build.binary("le", x, build.fullLike(0, x)), build.fullLike(0, x), dx),
  );
  const routed = routedOf(masked.inputs[0]);
  expect(masked.op).toBe("reshape");
  expect(routed?.values).toMatchObject({ op: "select", shape: [2, 4, 4, 3] });
});

test("what does not depend on the pooled image alone stays where it is", () => {
  const { dx } = pooled();
  const other = build.input("other", dx.shape, "float32");
  expect(passed(build.mul(dx, other))).toMatchObject({ op: "mul", shape: dx.shape });
});

test("a sum over whole windows is that of their values", () => {
  const { g, dx } = pooled();
  const sum = passed(build.reduceSum(dx, [0, 1, 2]));
  expect(sum).toMatchObject({ op: "reduceSum", attributes: { axes: [0, 1, 2] } });
  expect(sum.inputs[0]).toBe(g);
  expect(passed(build.reduceSum(dx, [1])).inputs[0]).not.toBe(g);
});

describe("a convolution", () => {
  test("of the gradient with its image gathers patches, their places in elements of the image", () => {
    const { dx } = pooled();
    const image = build.input("image", [2, 10, 12, 5], "float32");
    const kernel = build.convolve(
      build.permute(image, [3, 1, 2, 0]),
      build.permute(dx, [1, 2, 0, 3]),
      [1, 1],
      [1, 1],
    );
    const patches = readyPatchesOf(passed(kernel));
    expect(patches).toMatchObject({
      direction: "gather",
      weights: [12 * 5, 5],
      extents: [2, 4, 4, 3],
      patch: [3, 5, 5],
      image: { offset: 0, strides: [600, 120, 10, 0, 60, 5, 1] },
    });
    expect(patches?.stored).toBe(image);
  });

  test("of the gradient with a mirrored kernel scatters patches into the image", () => {
    const { dx } = pooled();
    const w = build.input("w", [3, 3, 3, 5], "float32");
    const full = { low: [2, 2], high: [2, 2] };
    const patches = readyPatchesOf(passed(build.convolve(dx, w, [1, 1], [1, 1], full)));
    expect(patches).toMatchObject({
      direction: "scatter",
      weights: [10 * 5, 5],
      image: { strides: [500, 100, 10, 0, 50, 5, 1] },
    });
  });

  test("of what is not routed is no product of patches", () => {
    const x = build.input("x", [2, 8, 8, 3], "float32");
    const w = build.input("w", [3, 3, 3, 5], "float32");
    expect(readyPatchesOf(passed(build.convolve(x, w, [1, 1], [1, 1])))).toBeUndefined();
  });
});
