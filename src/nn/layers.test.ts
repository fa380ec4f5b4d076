import { describe, expect, test } from "vitest";
import { concatenate, grad, type Tensor, tensor } from "../tensor/index.ts";
import { activations } from "./activations.ts";
import { containers } from "./containers.ts";
import { joins } from "./graph/index.ts";
import { type Layer, layers, network, outputShapeOf } from "./index.ts";
import { contextOf, forward, forwardAndBackward } from "./run.testing.ts";
import { scaledDotProductAttention, sequences } from "./sequences.ts";
import { variants } from "./variants.ts";

const float64 = { dtype: "float64" } as const;
const rows = (...values: number[][]) => tensor(values, float64);
const use = (layer: Layer, x: Tensor, parameters: Record<string, Tensor> = {}) =>
  forward(layer, parameters, [x]);
const train = (layer: Layer, x: Tensor) => forward(layer, {}, [x], contextOf(true));
const slope = (layer: Layer, x: Tensor) =>
  grad((each: Tensor) => forward(layer, {}, [each], contextOf(true)).sum())(x);

describe("by hand, where PyTorch has no such layer", () => {
  test("step: 1 from 0 on, without a gradient unless told", () => {
    const x = rows([-2, -0.5, 0, 3]);
    expect(use(activations.step(), x).toArray()).toEqual([[0, 0, 1, 1]]);
    expect(slope(activations.step(), x).toArray()).toEqual([[0, 0, 0, 0]]);
    const identity = activations.step({ straightThrough: "identity" });
    expect(use(identity, x).toArray()).toEqual([[0, 0, 1, 1]]);
    expect(slope(identity, x).toArray()).toEqual([[1, 1, 1, 1]]);
    expect(slope(activations.step({ straightThrough: "clipped" }), x).toArray()).toEqual([
      [0, 1, 1, 0],
    ]);
  });

  test("maxout: the largest of each group of neighbours", () => {
    expect(use(activations.maxout(3), rows([1, 5, 2, -3, -1, -2])).toArray()).toEqual([[5, -1]]);
    expect(() => network({ input: [5], layers: [activations.maxout()] })).toThrow(
      'Layer "maxout": expected a last axis that 2 divides, got [batch, 5].',
    );
  });

  test("swish: silu where β is 1, and ∂/∂β = x²σ(βx)(1 − σ(βx))", () => {
    const x = rows([-1, 2]);
    const beta = tensor([1], float64);
    const result = forwardAndBackward(activations.swish(), { beta }, [x], rows([1, 1]));
    expect(result.y.data).toEqual(use(layers.silu(), x).data);
    const s = (z: number) => 1 / (1 + Math.exp(-z));
    const expected = s(-1) * (1 - s(-1)) + 4 * s(2) * (1 - s(2));
    expect(result.parameterGradients.beta.item()).toBeCloseTo(expected, 14);
  });

  test("quadratic: Σ (u x² + v x) + b and its gradients", () => {
    const parameters = { u: rows([2, 3]), v: rows([5, 7]), b: tensor([11], float64) };
    const x = rows([1, 2]);
    const result = forwardAndBackward(variants.quadratic(1), parameters, [x], rows([1]));
    expect(result.y.toArray()).toEqual([[44]]);
    expect(result.parameterGradients.u.toArray()).toEqual([[1, 4]]);
    expect(result.parameterGradients.v.toArray()).toEqual([[1, 2]]);
    expect(result.parameterGradients.b.toArray()).toEqual([1]);
    // 2ux + v
    expect(result.inputGradients[0].toArray()).toEqual([[9, 19]]);
  });

  test("an activation of one's own, and one that changes the shape", () => {
    expect(
      use(
        layers.activation((x) => x.mul(2)),
        rows([1, 2]),
      ).toArray(),
    ).toEqual([[2, 4]]);
    expect(() => network({ input: [3], layers: [layers.activation((x) => x.sum(1))] })).toThrow(
      'Layer "activation": an activation keeps the shape; expected [batch, 3], got [batch]. ' +
        "For other functions there is layers.lambda.",
    );
  });
});

describe("random layers", () => {
  const x = tensor(new Float64Array(4000).fill(2), { dtype: "float64", shape: [4, 1000] });

  test("dropout zeroes a share and keeps the mean", () => {
    const y = train(layers.dropout(0.3), x);
    const zeros = y.data.filter((value) => value === 0).length / 4000;
    // The share of 4000 draws strays by √(0.3·0.7/4000) = 0.7 %.
    expect(zeros).toBeGreaterThan(0.27);
    expect(zeros).toBeLessThan(0.33);
    expect(y.data.every((value) => value === 0 || value === 2 / 0.7)).toBe(true);
    const gradient = slope(layers.dropout(0.3), x);
    expect(gradient.data).toEqual(y.data.map((value) => value / 2));
  });

  test("dropout does nothing to a network in use, nor with rate 0", () => {
    expect(use(layers.dropout(0.3), x).data).toEqual(x.data);
    expect(train(layers.dropout(0), x).data).toEqual(x.data);
    expect(() => network({ input: [3], layers: [layers.dropout(1)] })).toThrow(
      'Layer "dropout": expected rate from 0 up to but without 1, got 1.',
    );
  });

  test("dropout has another mask for each call, the same for the same keys", () => {
    const context = contextOf(true);
    const first = forward(layers.dropout(), {}, [x], context);
    const second = forward(layers.dropout(), {}, [x], context);
    expect(second.data).not.toEqual(first.data);
    expect(train(layers.dropout(), x).data).toEqual(first.data);
  });

  test("rrelu draws slopes within its bounds", () => {
    const y = train(activations.rrelu({ low: 0.1, high: 0.4 }), x.neg());
    expect(Math.max(...y.data)).toBeLessThanOrEqual(-0.2);
    expect(Math.min(...y.data)).toBeGreaterThanOrEqual(-0.8);
    expect(new Set(y.data).size).toBeGreaterThan(3900);
    expect(train(activations.rrelu(), x).data).toEqual(x.data);
    expect(() => network({ input: [3], layers: [activations.rrelu({ low: 1, high: 0 })] })).toThrow(
      'Layer "rrelu": expected low up to high, got 1 and 0.',
    );
  });

  test("gumbelSoftmax picks classes as often as softmax says", () => {
    const logits = tensor([0, Math.log(3)], float64).broadcastTo([4000, 2]);
    const y = train(activations.gumbelSoftmax({ hard: true }), logits);
    const share = y.mean(0).toArray() as number[];
    // √(0.25·0.75/4000) = 0.7 %
    expect(share[1]).toBeGreaterThan(0.72);
    expect(share[1]).toBeLessThan(0.78);
    expect(y.data.every((value) => value === 0 || value === 1)).toBe(true);
  });

  test("gumbelSoftmax is soft with the gradient of softmax, also when hard", () => {
    const logits = rows([0.3, -1, 2]);
    expect(use(activations.gumbelSoftmax({ temperature: 2 }), logits).data).toEqual(
      logits.div(2).softmax(1).data,
    );
    const g = rows([1, 2, 3]);
    const soft = forwardAndBackward(activations.gumbelSoftmax(), {}, [logits], g);
    const hard = forwardAndBackward(activations.gumbelSoftmax({ hard: true }), {}, [logits], g);
    expect(hard.y.toArray()).toEqual([[0, 0, 1]]);
    expect(hard.inputGradients[0].data).toEqual(soft.inputGradients[0].data);
  });
});

describe("structure", () => {
  test("reshape fills one length in and refuses what does not fit", () => {
    expect(outputShapeOf(layers.reshape([3, -1]), [12])).toEqual([3, 4]);
    expect(outputShapeOf(layers.reshape([]), [1])).toEqual([]);
    expect(() => network({ input: [10], layers: [layers.reshape([3, -1])] })).toThrow(
      'Layer "reshape": [batch, 10] holds 10 values a sample, which do not fit into [3, -1].',
    );
    expect(() => outputShapeOf(layers.reshape([-1, -1]), [4])).toThrow("do not fit into [-1, -1]");
  });

  test("flatten keeps a sample without values and a scalar one", () => {
    expect(outputShapeOf(layers.flatten(), [2, 0])).toEqual([0]);
    expect(outputShapeOf(layers.flatten(), [])).toEqual([1]);
  });

  test("residual adds its input, and needs the shape kept", () => {
    const x = rows([1, 2]);
    expect(use(containers.residual([layers.relu()]), x).toArray()).toEqual([[2, 4]]);
    expect(() =>
      network({ input: [2], layers: [containers.residual([layers.linear(3)])] }),
    ).toThrow(
      'Layer "residual": expected its layers to keep the shape [batch, 2], they give [batch, 3]; ' +
        "use layers.parallel with a shortcut that changes it too.",
    );
  });

  test("parallel joins what its branches give", () => {
    const branches = [layers.relu(), layers.identity()];
    const x = rows([-1, 2]);
    const joined = (join: ReturnType<typeof joins.add>) =>
      use(containers.parallel(branches, join), x).toArray();
    expect(use(containers.parallel(branches), x).toArray()).toEqual([[0, 2, -1, 2]]);
    expect(joined(joins.add())).toEqual([[-1, 4]]);
    expect(joined(joins.multiply())).toEqual([[-0, 4]]);
    expect(joined(joins.maximum())).toEqual([[0, 2]]);
    expect(joined(joins.average())).toEqual([[-0.5, 2]]);
    const uneven = [layers.linear(2), layers.linear(3)];
    expect(() =>
      network({ input: [4], layers: [containers.parallel(uneven, joins.add())] }),
    ).toThrow(
      'Join "add": expected inputs of one shape, got [batch, 2] and [batch, 3]; ' +
        "add a layer that brings them to one, such as layers.linear(units).",
    );
    expect(() => containers.parallel([])).toThrow("expected at least one branch and a join");
  });

  test("sequential refuses a join", () => {
    expect(() => layers.sequential([joins.add() as never])).toThrow(
      'Layer "sequential": "add" takes several inputs; use it in layers.parallel or graph().',
    );
  });
});

describe("sequences", () => {
  test("a recurrent layer run backwards is the layer of the reversed sequence", () => {
    const x = tensor(
      Float64Array.from({ length: 12 }, (_, i) => Math.cos(i)),
      {
        dtype: "float64",
        shape: [2, 3, 2],
      },
    );
    const net = network({ input: [3, 2], layers: [sequences.lstm(2)], seed: 1, dtype: "float64" });
    const parameters = Object.fromEntries(
      [...net.weights].map(([path, data]) => [
        path.slice(2),
        tensor(data, { dtype: "float64", shape: net.specs.get(path)!.shape }),
      ]),
    );
    const reversed = use(sequences.lstm(2, { reverse: true }), x, parameters);
    expect(reversed.data).toEqual(use(sequences.lstm(2), x.flip(1), parameters).data);
  });

  test("a bidirectional layer is two in parallel", () => {
    const both = [
      sequences.gru(3, { sequence: true }),
      sequences.gru(3, { sequence: true, reverse: true }),
    ];
    expect(outputShapeOf(containers.parallel(both), [5, 2])).toEqual([5, 6]);
  });

  test("a vector is not a sequence, and heads divide the width", () => {
    expect(() => network({ input: [8], layers: [sequences.gru(4)] })).toThrow(
      'Layer "gru": expected input [batch, time, features], got [batch, 8]; ' +
        "add layers.reshape([time, features]) before it, or layers.embedding for indices.",
    );
    expect(() =>
      network({ input: [3, 5], layers: [sequences.selfAttention({ heads: 2 })] }),
    ).toThrow('"selfAttention": expected heads that divide the width 5, got 2.');
  });

  test("attention to nothing at all is finite", () => {
    const q = tensor([[1, 2]], float64);
    const mask = tensor([[0, 0]], float64);
    const values = rows([2, 4], [4, 8]);
    const y = scaledDotProductAttention(q, rows([1, 0], [0, 1]), values, {}, mask);
    expect(y.toArray()).toEqual([[3, 6]]);
  });

  test("an index outside an embedding gives zeros", () => {
    const weight = rows([1, 2], [3, 4]);
    const y = use(sequences.embedding(2, 2), rows([1, 7, -1]), { weight });
    expect(y.toArray()).toEqual([
      [
        [3, 4],
        [0, 0],
        [0, 0],
      ],
    ]);
  });
});

describe("numbers", () => {
  test("smooth activations neither overflow nor lose their gradient far out", () => {
    const x = rows([-1e4, -50, 0, 50, 1e4]);
    for (const make of [
      "softplus",
      "logSigmoid",
      "mish",
      "silu",
      "gelu",
      "elu",
      "selu",
      "celu",
    ] as const) {
      const layer = activations[make]();
      expect(use(layer, x).data.every(Number.isFinite), make).toBe(true);
      expect(slope(layer, x).data.every(Number.isFinite), make).toBe(true);
    }
    expect(slope(activations.softplus(), rows([0])).item()).toBe(0.5);
  });

  test("every activation passes NaN on", () => {
    const x = rows([Number.NaN, 1]);
    for (const name of [
      "relu",
      "relu6",
      "elu",
      "selu",
      "celu",
      "gelu",
      "softplus",
      "mish",
      "tanh",
    ] as const) {
      expect(use(activations[name](), x).data[0], name).toBeNaN();
    }
  });

  test("batchNorm of a batch of one row does not break", () => {
    const context = contextOf(true);
    const parameters = {
      scale: tensor([1], float64),
      shift: tensor([5], float64),
      runningMean: tensor([0], float64),
      runningVariance: tensor([1], float64),
    };
    const y = forward(layers.batchNorm(), parameters, [rows([3])], context);
    expect(y.item()).toBe(5);
    expect(context.next.get(parameters.runningVariance)!.item()).toBeCloseTo(0.9, 15);
  });
});

test("concatenate joins along any axis of a sample", () => {
  const x = tensor([[[1, 2]]], float64);
  const y = forward(joins.concatenate({ axis: 0 }), {}, [x, x]);
  expect(y.toArray()).toEqual(concatenate([x, x], 1).toArray());
});
