/** grad, valueAndGrad, jacobian, hessian, vmap and compile: values, nesting, trees and errors. */

import { describe, expect, test } from "vitest";
import type { Backend } from "../backend/interface.ts";
import { referenceBackend } from "../backend/reference/index.ts";
import { Generator, UsageError } from "../util/index.ts";
import { hessian, jacobian, vmap } from "./batching.ts";
import { einsum } from "./einsum.ts";
import {
  arange,
  compile,
  forkKey,
  fromNode,
  grad,
  keyTensor,
  normal,
  stack,
  type Tensor,
  tensor,
  uniform,
  valueAndGrad,
  zeros,
} from "./index.ts";

const float64 = { dtype: "float64" } as const;
const std = (x: Tensor) => x.sub(x.mean()).square().mean().sqrt();
const cube = (x: Tensor) => x.pow(3).sum();

describe("grad", () => {
  test("of the population standard deviation of (-1, 3) is (-0.5, 0.5)", () => {
    expect(grad(std)(tensor([-1, 3])).toArray()).toEqual([-0.5, 0.5]);
    const [value, gradient] = valueAndGrad(std)(tensor([-1, 3]));
    expect([value.item(), gradient.toArray()]).toEqual([2, [-0.5, 0.5]]);
  });

  test("nests to any depth", () => {
    const f = (x: Tensor) => x.pow(4);
    const x = tensor(2, float64);
    expect(grad(f)(x).item()).toBe(32);
    expect(grad(grad(f))(x).item()).toBe(48);
    expect(grad(grad(grad(f)))(x).item()).toBe(48);
    expect(grad(grad(grad(grad(f))))(x).item()).toBe(24);
  });

  test("keeps inner and outer variables apart (perturbation confusion)", () => {
    // d/dx [x · d/dy (x + y)] = 1, and d/dx [x · d/dy (x · y)] = 2x
    const sum = (x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(tensor(1)));
    const product = (x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(tensor(3)));
    expect(grad(sum)(tensor(5)).item()).toBe(1);
    expect(grad(product)(tensor(5)).item()).toBe(10);
    // The inner point is the outer variable itself: d/dx [d/dy y³ at y = x] = 6x
    expect(grad((x: Tensor) => grad((y: Tensor) => y.pow(3))(x))(tensor(5)).item()).toBe(30);
  });

  test("follows trees of parameters and the chosen argument", () => {
    const loss = (parameters: { w: Tensor; b: [Tensor] }, x: Tensor) =>
      x.mul(parameters.w).add(parameters.b[0]).sum();
    const parameters = { w: tensor([2, 3]), b: [tensor(1)] as [Tensor] };
    const gradient = grad(loss)(parameters, tensor([5, 7]));
    expect(gradient.w.toArray()).toEqual([5, 7]);
    expect(gradient.b[0].item()).toBe(2);
    expect(grad(loss, { argument: 1 })(parameters, tensor([5, 7])).toArray()).toEqual([2, 3]);
  });

  test("is zero where the result does not depend, and where it was detached", () => {
    expect(grad((_: Tensor) => tensor(3))(tensor([1, 2])).toArray()).toEqual([0, 0]);
    expect(grad((x: Tensor) => x.detach().mul(x).sum())(tensor([2, 3])).toArray()).toEqual([2, 3]);
  });

  test("composed functions have the right slopes at their kinks", () => {
    const slope = (f: (x: Tensor) => Tensor, x: number[]) =>
      grad((v: Tensor) => f(v).sum())(tensor(x, float64)).toArray();
    expect(slope((x) => x.relu(), [-1, 0, 2])).toEqual([0, 0, 1]);
    expect(slope((x) => x.clip(0, 1), [-1, 0, 0.5, 1, 2])).toEqual([0, 1, 1, 1, 0]);
    expect(slope((x) => x.norm(), [0, 0])).toEqual([0, 0]);
    expect(slope((x) => x.norm(), [0, 5])).toEqual([0, 1]);
    expect(slope((x) => x.prod(), [0, 2, 3])).toEqual([6, 0, 0]);
    expect(slope((x) => x.max(), [1, 5, 5])).toEqual([0, 0.5, 0.5]);
    expect(slope((x) => x.cumulativeSum(), [1, 1, 1])).toEqual([3, 2, 1]);
    expect(
      slope((x) => x.slice([null, null, -2]).mul(tensor([1, 10], float64)), [1, 2, 3]),
    ).toEqual([10, 0, 1]);
  });

  test("of the cross-entropy is softmax − one-hot", () => {
    const target = tensor([1], { dtype: "int32" }).oneHot(3, float64);
    const loss = (z: Tensor) => z.logSoftmax().mul(target).sum().neg();
    const z = tensor([[0.1, 0.2, -0.3]], float64);
    const expected = z.softmax().sub(target).data;
    grad(loss)(z).data.forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(expected[i], 14);
    });
  });

  test("misuse is explained", () => {
    const x = tensor([1, 2]);
    expect(() => grad((v: Tensor) => v.mul(2))(x)).toThrow(
      "grad: expected the function to return a scalar, got float32[2]; sum it with .sum() or " +
        "average it with .mean().",
    );
    expect(() => valueAndGrad((v: Tensor) => v)(x)).toThrow("valueAndGrad: expected");
    expect(() => grad((v: Tensor) => v.argMax())(x)).toThrow("got int32, which has no gradient");
    expect(() => grad((v: Tensor) => v.sum())(x.cast("int32"))).toThrow(
      "grad: expected float32 or float64 as argument 0, got int32",
    );
    expect(() => grad((p: { w: Tensor; n: number }) => p.w.sum())({ w: x, n: 1 })).toThrow(
      "expected a tensor as argument 0 at n, got number",
    );
    expect(() => grad((v: Tensor) => v.sum(), { argument: 1 })(x)).toThrow("got 1 arguments");
    expect(() => grad(((v: Tensor) => v.sum().item()) as never)(x as never)).toThrow(
      new UsageError(
        "item(): the values of this float32[] tensor are not known while grad, vmap or compile " +
          "traces the function; return the tensor and read it outside.",
      ),
    );
    expect(() => grad(((v: Tensor) => v.toArray()) as never)(x as never)).toThrow("toArray()");
    expect(() => grad(((v: Tensor) => v.data) as never)(x as never)).toThrow("data: the values");
    expect(() => grad((() => 1) as never)(x as never)).toThrow("return a tensor, got number");
  });

  test("a traced tensor prints its type", () => {
    let text = "";
    grad((x: Tensor) => {
      text = String(x.sin());
      return x.sum();
    })(tensor([1, 2]));
    expect(text).toBe("Tensor(float32[2], traced: sin)");
  });
});

describe("gradient checks of composed functions, first and second order", () => {
  const index = (list: number[][]) => tensor(list, { dtype: "int32" });
  const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    square: (x) => x.square(),
    reciprocal: (x) => x.reciprocal(),
    relu: (x) => x.sub(1).relu().square(),
    clip: (x) => x.square().clip(0.5, 2),
    where: (x) => x.gt(1).where(x.square(), x.sin()),
    mean: (x) => x.mean(1).square(),
    variance: (x) => x.variance(0, { correction: 1 }),
    std: (x) => x.std(1),
    prod: (x) => x.prod(1),
    logSumExp: (x) => x.logSumExp(0),
    softmax: (x) => x.softmax(0),
    logSoftmax: (x) => x.logSoftmax(),
    norm: (x) => x.norm(1),
    "norm of order 3": (x) => x.norm(0, { order: 3 }),
    cumulativeSum: (x) => x.square().cumulativeSum(1),
    matmul: (x) => x.matmul(x.T),
    "matmul with a vector": (x) => x.matmul(x.slice(0)),
    outer: (x) => x.slice(0).outer(x.slice(1)),
    einsum: (x) => einsum("ij,kj,kl->il", x, x, x),
    slice: (x) => x.square().slice([null, null, -1], [0, null, 2]),
    pad: (x) => x.square().pad([[1, 2]]),
    tile: (x) => x.square().tile([2, 2]),
    repeat: (x) => x.square().repeat(2, 1),
    split: (x) => stack(x.split(3, 1)).square(),
    gather: (x) =>
      x.square().gather(
        index([
          [0, 2],
          [2, 3],
        ]),
        1,
      ),
    takeAlong: (x) =>
      x.square().takeAlong(
        index([
          [0, 0],
          [2, -1],
        ]),
        1,
      ),
    scatterAdd: (x) => x.scatterAdd(index([[0], [0]]).flatten(), x.square(), 0).square(),
  };

  test.each(Object.entries(functions))("%s", (_, f) => {
    const weighted = (y: Tensor) =>
      y.mul(arange(y.size, undefined, float64).sin().add(2).reshape(y.shape)).sum();
    const loss = (x: Tensor) => weighted(f(x));
    const slope = (x: Tensor) => weighted(grad(loss)(x));
    const x = uniform({ shape: [2, 3], key: 4, low: 0.4, high: 1.9, dtype: "float64" });
    for (const g of [loss, slope]) {
      const exact = grad(g)(x).data;
      const scale = Math.hypot(...exact);
      x.data.forEach((value: number, i: number) => {
        const at = (v: number) => g(tensor(x.data.with(i, v), { shape: x.shape })).item();
        const difference = (h: number) => (at(value + h) - at(value - h)) / (2 * h);
        // Central differences, extrapolated: error O(h⁴).
        const numerical = (4 * difference(5e-4) - difference(1e-3)) / 3;
        expect(Math.abs(exact[i] - numerical)).toBeLessThan(1e-6 * Math.max(scale, 1e-3));
      });
    }
  });
});

describe("jacobian and hessian", () => {
  test("have the axes of the result, then those of the argument", () => {
    const a = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    expect(jacobian((x: Tensor) => a.matmul(x))(tensor([1, 1])).toArray()).toEqual(a.toArray());
    const rows = jacobian((x: Tensor) => x.sum(1))(
      tensor([
        [1, 2],
        [3, 4],
      ]),
    );
    expect(rows.shape).toEqual([2, 2, 2]);
    expect(jacobian((x: Tensor) => x.sum())(tensor([1, 2])).toArray()).toEqual([1, 1]);
    expect(
      jacobian((_: Tensor, y: Tensor) => y.square(), { argument: 1 })(a, tensor([3])).toArray(),
    ).toEqual([[6]]);
  });

  test("hessian of Σ x³ is diag(6x); of a quadratic form A + Aᵀ", () => {
    expect(hessian(cube)(tensor([1, 2])).toArray()).toEqual([
      [6, 0],
      [0, 12],
    ]);
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    const form = (x: Tensor) => x.dot(a.matmul(x));
    expect(hessian(form)(tensor([5, 6])).toArray()).toEqual([
      [2, 5],
      [5, 8],
    ]);
  });

  test("nest with grad: the gradient of the trace of a Hessian", () => {
    const trace = (x: Tensor) => einsum("ij,ij->", hessian(cube)(x), hessian(cube)(x));
    // Σ (6x)², of which the gradient is 72x.
    expect(grad(trace)(tensor([1, 2], float64)).toArray()).toEqual([72, 144]);
  });
});

describe("vmap", () => {
  const points = uniform({ shape: [4, 3], key: 1 });
  const others = uniform({ shape: [4, 3], key: 2 });
  const rowsOf = (x: Tensor) => Array.from({ length: x.shape[0] }, (_, i) => x.slice(i));

  test("equals a loop, for mapped and shared arguments, along any axis", () => {
    const f = (a: Tensor, b: Tensor) => a.softmax().sub(b.max()).square().sum();
    const loop = (pairs: [Tensor, Tensor][]) => stack(pairs.map(([a, b]) => f(a, b))).toArray();
    expect(vmap(f)(points, others).toArray()).toEqual(
      loop(rowsOf(points).map((row, i) => [row, rowsOf(others)[i]])),
    );
    const centre = others.slice(0);
    expect(vmap(f, { axes: [0, null] })(points, centre).toArray()).toEqual(
      loop(rowsOf(points).map((row) => [row, centre])),
    );
    expect(vmap(f, { axes: [-1, null] })(points.T, centre).toArray()).toEqual(
      vmap(f, { axes: [0, null] })(points, centre).toArray(),
    );
  });

  test("per-example gradients, and gradients through vmap", () => {
    const loss = (w: Tensor, x: Tensor) => w.dot(x).tanh();
    const w = tensor([0.1, -0.2, 0.3]);
    const each = vmap(grad(loss), { axes: [null, 0] })(w, points);
    expect(each.toArray()).toEqual(rowsOf(points).map((x) => grad(loss)(w, x).toArray()));
    const total = (v: Tensor) => vmap(loss, { axes: [null, 0] })(v, points).sum();
    const summed = each.sum(0).data;
    grad(total)(w).data.forEach((value: number, i: number) => {
      // Sums of four in another order: a few roundings of float32.
      expect(value).toBeCloseTo(summed[i], 6);
    });
  });

  test("nests: all pairs of distances", () => {
    const distance = (a: Tensor, b: Tensor) => a.sub(b).abs().sum();
    const all = vmap((a: Tensor) => vmap((b: Tensor) => distance(a, b))(others))(points);
    expect(all.shape).toEqual([4, 4]);
    expect(all.slice(1, 2).item()).toBe(distance(points.slice(1), others.slice(2)).item());
  });

  test("maps trees, and repeats results that do not depend on the example", () => {
    const f = ({ a }: { a: Tensor }) => ({ twice: a.mul(2), fixed: tensor([7]) });
    const result = vmap(f)({ a: tensor([1, 2]) });
    expect(result.twice.toArray()).toEqual([2, 4]);
    expect(result.fixed.toArray()).toEqual([[7], [7]]);
  });

  test("random numbers of a mapped key are those of each key", () => {
    const keys = stack([keyTensor(1), keyTensor(2), keyTensor(3)]);
    const drawn = vmap((key: Tensor) => normal({ shape: [2], key }))(keys);
    expect(drawn.slice(1).toArray()).toEqual(normal({ shape: [2], key: 2 }).toArray());
  });

  test("misuse is explained", () => {
    const f = (a: Tensor, b: Tensor) => a.add(b);
    expect(() => vmap(f)(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(
      "vmap: expected equally many examples in every argument, got 2 and 3.",
    );
    expect(() => vmap(f)(tensor([1, 2]), tensor(1))).toThrow(
      "argument 1 of shape [] has no axis 0",
    );
    expect(() => vmap(f, { axes: [null, null] })(tensor(1), tensor(1))).toThrow(UsageError);
  });
});

describe("compile", () => {
  /** A reference backend that counts. */
  function counting() {
    const counts = { compiled: 0 };
    const reference = referenceBackend();
    const backend: Backend = {
      name: "counting",
      compile: (programs) => {
        counts.compiled++;
        return reference.compile(programs);
      },
    };
    return { backend, counts };
  }

  test("gives the eager results, and traces once for each kind of arguments", () => {
    const { backend, counts } = counting();
    let traces = 0;
    const f = compile(
      (x: Tensor, { scale }: { scale: number }) => {
        traces++;
        return { loss: std(x), gradient: grad(std)(x).mul(scale), input: x, three: tensor(3) };
      },
      { backend },
    );
    const x = tensor([-1, 3]);
    const result = f(x, { scale: 2 });
    expect(result.loss.item()).toBe(2);
    expect(result.gradient.toArray()).toEqual([-1, 1]);
    expect(result.input).toBe(x);
    expect(result.three.item()).toBe(3);
    expect(f(tensor([0, 8]), { scale: 2 }).loss.item()).toBe(4);
    expect([traces, counts.compiled]).toEqual([1, 1]);
    expect(f(x, { scale: 3 }).gradient.toArray()).toEqual([-1.5, 1.5]);
    expect(f(tensor([1, 2, 3]), { scale: 2 }).input.shape).toEqual([3]);
    expect(f(x.cast("float64"), { scale: 2 }).loss.dtype).toBe("float64");
    expect([traces, counts.compiled]).toEqual([4, 4]);
  });

  test("results stay when the program runs again", () => {
    const double = compile((x: Tensor) => x.mul(2));
    const first = double(tensor([1]));
    double(tensor([5]));
    expect(first.toArray()).toEqual([2]);
  });

  test("joins the graph inside of grad, vmap and compile, also with outer variables", () => {
    const square = compile((x: Tensor) => x.mul(x));
    expect(grad((x: Tensor) => square(x).sum())(tensor([3])).toArray()).toEqual([6]);
    expect(vmap(square)(tensor([2, 3])).toArray()).toEqual([4, 9]);
    expect(compile((x: Tensor) => square(x).add(1))(tensor([2])).toArray()).toEqual([5]);
    const outer = (x: Tensor) => compile((y: Tensor) => y.mul(x))(tensor([10])).sum();
    expect(grad(outer)(tensor(3)).item()).toBe(10);
  });

  test("needs no program for results that are constants", () => {
    const { backend, counts } = counting();
    expect(compile((_: Tensor) => tensor(7), { backend })(tensor(1)).item()).toBe(7);
    expect(counts.compiled).toBe(0);
  });

  test("a training loop on a line finds its slope", () => {
    const x = arange(8, undefined, float64);
    const y = x.mul(3).add(1);
    const loss = ({ w, b }: { w: Tensor; b: Tensor }) => x.mul(w).add(b).sub(y).square().mean();
    const step = compile((p: { w: Tensor; b: Tensor }) => {
      const g = grad(loss)(p);
      return { w: p.w.sub(g.w.mul(0.03)), b: p.b.sub(g.b.mul(0.03)) };
    });
    let parameters = { w: zeros([], float64), b: zeros([], float64) };
    for (let i = 0; i < 2000; i++) parameters = step(parameters);
    expect(parameters.w.item()).toBeCloseTo(3, 6);
    expect(parameters.b.item()).toBeCloseTo(1, 6);
  });
});

describe("random tensors", () => {
  test("depend on the key only, and cover their range", () => {
    const u = uniform({ shape: [2000], key: 5, low: -1, high: 3 });
    expect(u.toArray()).toEqual(uniform({ shape: [2000], key: 5, low: -1, high: 3 }).toArray());
    expect(u.min().item()).toBeGreaterThanOrEqual(-1);
    expect(u.max().item()).toBeLessThan(3);
    // Mean 1, standard error 4/√12/√2000 = 0.026; five of them.
    expect(Math.abs(u.mean().item() - 1)).toBeLessThan(0.13);
    expect(uniform({ shape: [3], key: 6 }).toArray()).not.toEqual(
      uniform({ shape: [3], key: 5 }).toArray(),
    );
  });

  test("normal has its mean and standard deviation", () => {
    const z = normal({ shape: [4000], key: new Generator(3), mean: 2, standardDeviation: 0.5 });
    // Standard errors 0.5/√4000 = 0.008 and 0.5/√8000 = 0.0056; five of them.
    expect(Math.abs(z.mean().item() - 2)).toBeLessThan(0.04);
    expect(Math.abs(z.std().item() - 0.5)).toBeLessThan(0.028);
    expect(normal({ shape: [2], key: [1, 2], dtype: "float64" }).dtype).toBe("float64");
  });

  test("forked keys differ by label and work on traced keys", () => {
    const key = keyTensor(1);
    expect(forkKey(key, "a").toArray()).not.toEqual(forkKey(key, "b").toArray());
    const draw = (k: Tensor) => uniform({ shape: [2], key: forkKey(k, "dropout") });
    expect(compile(draw)(key).toArray()).toEqual(draw(key).toArray());
  });
});

test("fromNode computes what is known and wraps what is not", () => {
  expect(fromNode(tensor([1, 2]).node).toArray()).toEqual([1, 2]);
  grad((x: Tensor) => {
    expect(fromNode(x.mul(2).node).isTraced).toBe(true);
    expect(fromNode(tensor(1).add(1).node).isTraced).toBe(false);
    return x.sum();
  })(tensor([1]));
});
