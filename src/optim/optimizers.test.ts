/** What PyTorch has no counterpart of, by hand; descriptions; and errors. */

import { describe, expect, test } from "vitest";
import { grad, type Tensor, tensor } from "../tensor/index.ts";
import {
  type Description,
  defineOptimizer,
  isEvaluating,
  type Optimizer,
  optimizers,
} from "./index.ts";
import { optimizerFrom } from "./saving.ts";
import { backends, runSteps, type Values } from "./steps.testing.ts";
import { variants } from "./variants.ts";
import { chain, wrappers } from "./wrappers.ts";

/** The values of one parameter `w` after each step, on both backends. */
function trajectory(
  optimizer: Optimizer,
  start: readonly number[],
  gradients: readonly (readonly number[])[],
): number[][] {
  const [reference, wasm] = backends.map((backend) =>
    runSteps(optimizer, {
      backend,
      shapes: { w: [start.length] },
      start: { w: start },
      gradients: gradients.map((w) => ({ w })),
    }).map(({ parameters }) => [...parameters.w]),
  );
  expectClose(wasm, reference);
  return reference;
}

/** Numbers worked out by hand hold to the last places of float64. */
function expectClose(
  got: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
) {
  expect(got).toHaveLength(expected.length);
  got.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(Math.abs(value - expected[i][j]), `[${i}, ${j}]`).toBeLessThan(1e-14);
    });
  });
}

describe("lion (Chen et al. 2023, algorithm 2)", () => {
  test("three steps by hand", () => {
    // β₁ 0.9, β₂ 0.99, η 0.1, λ 0.1: θ ← θ(1 − 0.01) − 0.1·sign(0.9m + 0.1g); m ← 0.99m + 0.01g.
    const lion = variants.lion({ learningRate: 0.1, weightDecay: 0.1 });
    // c = 0.05: 0.99 − 0.1; m = 0.005. c = 0.0045 − 0.2: 0.8811 + 0.1; m = −0.01505. c = −0.013545.
    expectClose(trajectory(lion, [1], [[0.5], [-2], [0]]), [[0.89], [0.9811], [1.071289]]);
  });

  test("no gradient and no mean is no step", () => {
    expectClose(trajectory(variants.lion({ learningRate: 0.1 }), [1], [[0]]), [[1]]);
  });
});

describe("lookahead (Zhang et al. 2019, algorithm 1)", () => {
  test("every second step goes half of the way", () => {
    const lookahead = wrappers.lookahead({ steps: 2, rate: 0.5 });
    // Fast: −1, −2 → slow −1; −2, −3 → slow −1 + (−3 + 1)/2 = −2; −3.
    expectClose(
      trajectory(lookahead(optimizers.sgd({ learningRate: 1 })), [0], [[1], [1], [1], [1], [1]]),
      [[-1], [-1], [-2], [-2], [-3]],
    );
  });

  test("rate 1 is the wrapped optimizer", () => {
    const adam = optimizers.adam({ learningRate: 0.1 });
    const gradients = [
      [1, -2],
      [0.3, 4],
      [-1, 0.1],
    ];
    expectClose(
      trajectory(wrappers.lookahead({ steps: 2, rate: 1 })(adam), [1, 2], gradients),
      trajectory(adam, [1, 2], gradients),
    );
  });
});

describe("penalties", () => {
  const sgd = optimizers.sgd({ learningRate: 1 });
  const start = [1, -2, 0];
  const still = [[0, 0, 0]];

  test("l1 adds λ·sign(θ)", () => {
    expectClose(trajectory(wrappers.l1({ strength: 0.1 })(sgd), start, still), [[0.9, -1.9, 0]]);
  });

  test("l2 adds λθ", () => {
    expectClose(trajectory(wrappers.l2({ strength: 0.1 })(sgd), start, still), [[0.9, -1.8, 0]]);
  });

  test("elastic adds λ(ρ·sign(θ) + (1 − ρ)θ)", () => {
    const elastic = wrappers.elastic({ strength: 0.1, ratio: 0.25 })(sgd);
    // 0.1·(0.25·1 + 0.75·1) = 0.1; 0.1·(−0.25 − 1.5) = −0.175.
    expectClose(trajectory(elastic, start, still), [[0.9, -1.825, 0]]);
  });

  const matrix = {
    shapes: { "0.weight": [2, 2], "0.bias": [2] },
    start: { "0.weight": [1, -2, 3, 0.5], "0.bias": [4, -5] },
    gradients: [{ "0.weight": [0, 0, 0, 0], "0.bias": [0, 0] }],
  };

  test("the Frobenius risk leaves biases alone", () => {
    const [{ parameters }] = runSteps(wrappers.frobenius({ strength: 0.1 })(sgd), matrix);
    expectClose(
      [parameters["0.weight"], parameters["0.bias"]],
      [
        [0.9, -1.8, 2.7, 0.45],
        [4, -5],
      ],
    );
  });

  test("patterns choose the parameters", () => {
    const l2 = wrappers.l2({ strength: 0.1, parameters: ["bias"] });
    const [{ parameters }] = runSteps(l2(sgd), matrix);
    expectClose(
      [parameters["0.weight"], parameters["0.bias"]],
      [
        [1, -2, 3, 0.5],
        [3.6, -4.5],
      ],
    );
    expect(() => runSteps(wrappers.l1({ strength: 1, parameters: "biases" })(sgd), matrix)).toThrow(
      'Optimizer l1: expected a parameter that fits "biases", got none; the network has 0.weight, 0.bias.',
    );
  });

  test.each([
    ["l1", wrappers.l1({ strength: 0.3 }), 0.3 * 15.5],
    ["l2", wrappers.l2({ strength: 0.3, parameters: "weight" }), 0.15 * 14.25],
    ["frobenius", wrappers.frobenius({ strength: 0.3 }), 0.15 * 14.25],
    [
      "elastic",
      wrappers.elastic({ strength: 0.3, ratio: 0.25 }),
      0.3 * (0.25 * 15.5 + 0.375 * 55.25),
    ],
  ] as const)("%s: the risk by hand, and its gradient is what the step adds", (_, wrap, risk) => {
    const optimizer = wrap(sgd);
    const rates = Object.fromEntries(
      Object.entries(optimizer.rates).map(([name, value]) => [
        name,
        tensor(value, { dtype: "float64" }),
      ]),
    );
    const parameters = Object.fromEntries(
      Object.entries(matrix.start).map(([path, values]) => [
        path,
        tensor(values, { dtype: "float64" }).reshape(
          matrix.shapes[path as keyof typeof matrix.shapes],
        ),
      ]),
    );
    const riskOf = (each: Record<string, Tensor>) =>
      optimizer.risk!({ parameters: new Map(Object.entries(each)), rates });
    expect(riskOf(parameters).item()).toBeCloseTo(risk, 13);
    const slopes = grad(riskOf)(parameters);
    const [{ parameters: next }] = runSteps(optimizer, matrix);
    for (const [path, slope] of Object.entries(slopes)) {
      const before = matrix.start[path as keyof typeof matrix.start];
      expectClose([[...slope.data]], [before.map((value, i) => value - next[path][i])]);
    }
  });

  test("risks of a chain and of groups add up", () => {
    const one = { parameters: new Map([["w", tensor([2], { dtype: "float64" })]]) };
    const scalar = (value: number) => tensor(value, { dtype: "float64" });
    const both = chain(wrappers.l1({ strength: 1 }), wrappers.l2({ strength: 3 }), sgd);
    const rates = { learningRate: scalar(1), strength: scalar(1), "inner:strength": scalar(3) };
    expect(both.risk!({ ...one, rates }).item()).toBe(1 * 2 + (3 / 2) * 4);
    const grouped = wrappers.groups([{ parameters: "w", optimizer: both }])(sgd);
    const scoped = Object.fromEntries(
      Object.keys(grouped.rates).map((name) => [name, scalar(grouped.rates[name])]),
    );
    expect(grouped.risk!({ ...one, rates: scoped }).item()).toBe(8);
  });
});

describe("max-norm (Srebro and Shraibman 2005)", () => {
  test("rows that are too long are shortened, biases and short rows are not", () => {
    const still = optimizers.sgd({ learningRate: 0 });
    const options = {
      shapes: { weight: [3, 2], bias: [2] },
      start: { weight: [3, 4, 0.3, 0.4, 0, 0], bias: [3, 4] },
      gradients: [{ weight: [0, 0, 0, 0, 0, 0], bias: [0, 0] }],
    };
    for (const backend of backends) {
      const [{ parameters }] = runSteps(wrappers.maxNorm({ limit: 1 })(still), {
        ...options,
        backend,
      });
      expectClose(
        [parameters.weight, parameters.bias],
        [
          [0.6, 0.8, 0.3, 0.4, 0, 0],
          [3, 4],
        ],
      );
    }
  });
});

describe("backpropagation (Rumelhart, Hinton, Williams 1986)", () => {
  test("momentum is the last change", () => {
    // Δ = −0.5g + 0.5Δ: −0.5; −0.5 − 0.25; 0 − 0.375.
    const optimizer = variants.backpropagation({ learningRate: 0.5, momentum: 0.5 });
    expectClose(trajectory(optimizer, [1], [[1], [1], [0]]), [[0.5], [-0.25], [-0.625]]);
  });

  test("rates and momentum by name, in proportion to a schedule", () => {
    const optimizer = variants.backpropagation({
      learningRate: { u: 0.1, v: 0.2, other: 0.4 },
      momentum: { v: 0.5, other: 0 },
    });
    const ones: Values = { "0.u": [1], "0.v": [1], "0.b": [1] };
    const after = runSteps(optimizer, {
      shapes: { "0.u": [1], "0.v": [1], "0.b": [1] },
      start: { "0.u": [0], "0.v": [0], "0.b": [0] },
      gradients: [ones, ones],
      learningRates: [0.4, 0.2],
    }).map(({ parameters }) => ["0.u", "0.v", "0.b"].map((path) => parameters[path][0]));
    expectClose(after, [
      [-0.1, -0.2, -0.4],
      [-0.15, -0.4, -0.6],
    ]);
  });

  test("needs a rate for the rest", () => {
    expect(() => variants.backpropagation({ learningRate: { u: 0.1 } })).toThrow(
      'Optimizer backpropagation: expected learningRate by name with "other" for the rest, got u.',
    );
  });
});

describe("groups", () => {
  const sgd = optimizers.sgd({ learningRate: 1 });

  test("the first group that fits counts", () => {
    const grouped = wrappers.groups([
      { parameters: "0.*", options: { learningRate: 0.5 } },
      { parameters: "bias", options: { learningRate: 0.25 } },
    ])(sgd);
    const paths = ["0.bias", "1.bias", "1.weight"];
    const all = <Value>(value: Value) => Object.fromEntries(paths.map((path) => [path, value]));
    const [{ parameters }] = runSteps(grouped, {
      shapes: all([1]),
      start: all([0]),
      gradients: [all([1])],
    });
    expect(paths.map((path) => parameters[path][0])).toEqual([-0.5, -0.25, -1]);
  });

  test("a pattern that fits nothing is an error", () => {
    const grouped = wrappers.groups([{ parameters: "bais", options: {} }])(sgd);
    expect(() => grouped.state(new Map([["0.bias", [1]]]))).toThrow(
      'Optimizer groups: expected a parameter that fits "bais", got none; the network has 0.bias.',
    );
  });

  test("a base rate of 0 is an error", () => {
    expect(() => wrappers.groups([])(optimizers.sgd({ learningRate: 0 }))).toThrow(
      "Optimizer groups: expected a learning rate above 0 outside of the groups, got 0",
    );
  });
});

test("a chain is its wrappers, the first outermost", () => {
  const sgd = optimizers.sgd({ learningRate: 1 });
  const clip = wrappers.clipByValue({ limit: 0.1 });
  const decay = wrappers.l2({ strength: 1 });
  // Clipped before the penalty: 0.1 + 10; after it: 0.1.
  expectClose(trajectory(chain(clip, decay, sgd), [10], [[5]]), [[10 - 10.1]]);
  expectClose(trajectory(chain(decay, clip, sgd), [10], [[5]]), [[9.9]]);
});

test("penalties chain around L-BFGS", () => {
  const optimizer = chain(
    wrappers.l1({ strength: 1 }),
    wrappers.l2({ strength: 3 }),
    variants.lbfgs(),
  );
  expect(isEvaluating(optimizer)).toBe(true);
  expect(optimizer.rates).toEqual({ learningRate: 1, strength: 1, "inner:strength": 3 });
});

describe("descriptions", () => {
  const nested: Description = {
    kind: "clipByGlobalNorm",
    options: {
      limit: 1,
      optimizer: {
        kind: "groups",
        options: {
          groups: [
            { parameters: "bias", options: { weightDecay: 0 } },
            { parameters: "0.*", optimizer: { kind: "sgd", options: { momentum: 0.9 } } },
          ],
          optimizer: { kind: "adamW" },
        },
      },
    },
  };

  test("nest, and come back with every default", () => {
    const optimizer = optimizerFrom(nested);
    const { kind, options } = optimizer;
    const again = optimizerFrom(JSON.parse(JSON.stringify({ kind, options })));
    expect(again.options).toEqual(options);
    expect(again.rates).toEqual(optimizer.rates);
    expect(optimizer.rates).toMatchObject({ limit: 1, "inner:rest:weightDecay": 0.01 });
  });

  test("with() changes options, through wrappers too", () => {
    const optimizer = wrappers.ema()(optimizers.adam()).with({ learningRate: 0.5 });
    expect(optimizer.rates.learningRate).toBe(0.5);
    expect(optimizer.kind).toBe("ema");
    const own = defineOptimizer({
      name: "own",
      rates: { learningRate: 1, other: 2 },
      update: ({ parameter }) => ({ parameter }),
    });
    expect(own.with({ other: 3 }).rates).toEqual({ learningRate: 1, other: 3 });
  });

  test("penalties wrap L-BFGS, other wrappers do not", () => {
    const penalized = optimizerFrom({
      kind: "l2",
      options: { strength: 0.1, optimizer: { kind: "lbfgs" } },
    });
    expect(isEvaluating(penalized)).toBe(true);
    expect(() => optimizerFrom({ kind: "ema", options: { optimizer: { kind: "lbfgs" } } })).toThrow(
      'Optimizer ema: expected an optimizer of one gradient a step, got "lbfgs", whose line search only penalties (l1, l2, elastic, frobenius) can wrap.',
    );
  });

  test.each<[Description, string]>([
    [{ kind: "adm" }, "Optimizer: expected one of sgd, adam, adamW"],
    [{ kind: "toString" }, "Optimizer: expected one of sgd, adam, adamW"],
    [
      { kind: "ema", options: { decay: 0.9 } },
      'Optimizer ema: expected the description of the optimizer it wraps as "optimizer", got none.',
    ],
  ])("refuses %j", (description, message) => {
    expect(() => optimizerFrom(description)).toThrow(message);
  });
});

test.each<[() => unknown, string]>([
  [
    () => optimizers.sgd({ learningRate: -1 }),
    "Optimizer sgd: expected learningRate of at least 0, got -1.",
  ],
  [
    () => optimizers.sgd({ nesterov: true }),
    "Optimizer sgd: Nesterov needs momentum above 0 and no dampening, got momentum 0 and dampening 0; set momentum: 0.9, say.",
  ],
  [() => optimizers.adam({ beta1: 1 }), "Optimizer adam: expected beta1 in [0, 1), got 1."],
  [() => optimizers.adamW({ beta2: -1 }), "Optimizer adamW: expected beta2 in [0, 1), got -1."],
  [
    () => variants.rprop({ shrink: 1.1 }),
    "Optimizer rprop: expected shrink below 1 and grow above 1, got 1.1 and 1.2.",
  ],
  [() => wrappers.clipByNorm({ limit: 0 }), "Optimizer clipByNorm: expected limit above 0, got 0."],
  [
    () => wrappers.accumulate({ steps: 1.5 }),
    "Optimizer accumulate: expected steps to be an integer from 1, got 1.5.",
  ],
  [
    () => wrappers.elastic({ strength: 1, ratio: 2 }),
    "Optimizer elastic: expected ratio in [0, 1], got 2.",
  ],
])("refuses %s", (make, message) => {
  expect(make).toThrow(message);
});
