import { describe, expect, test } from "vitest";
import { Generator } from "../util/index.ts";
import {
  constant,
  fanInUniform,
  fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  initialized,
  initializers,
  layers,
  lecunNormal,
  lecunUniform,
  network,
  normal,
  ones,
  orthogonal,
  type ParameterSpec,
  sparse,
  truncatedNormal,
  uniform,
  zeros,
} from "./index.ts";
import { sequences } from "./sequences.ts";

const draw = (spec: ParameterSpec, seed = 1) => spec.initialize(new Generator(seed));

function moments(values: Float64Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

test("fans count the positions of a kernel", () => {
  expect(fans([5, 3])).toEqual({ fanIn: 3, fanOut: 5 });
  expect(fans([8, 4, 3, 3])).toEqual({ fanIn: 36, fanOut: 72 });
  expect(fans([7])).toEqual({ fanIn: 7, fanOut: 7 });
});

test.each([
  ["zeros", zeros([3]), [0, 0, 0]],
  ["ones", ones([2]), [1, 1]],
  ["constant", constant([2], 0.5), [0.5, 0.5]],
  ["identity", identity([2, 3], 2), [2, 0, 0, 0, 2, 0]],
])("%s", (_, spec, values) => {
  expect([...draw(spec)]).toEqual(values);
});

// [out, in] = [200, 100]: 20 000 values. The mean of n values strays by σ/√n and the variance by
// about σ²·√(2/n), here 1 %; the bounds are four times that.
const shape = [200, 100];

describe.each([
  ["uniform", uniform(shape, -1, 3), 1, 16 / 12, [-1, 3]],
  ["glorotUniform", glorotUniform(shape), 0, 2 / 300, [-Math.sqrt(6 / 300), Math.sqrt(6 / 300)]],
  ["heUniform", heUniform(shape), 0, 2 / 100, [-Math.sqrt(6 / 100), Math.sqrt(6 / 100)]],
  [
    "heUniform of a slope",
    heUniform(shape, 1),
    0,
    1 / 100,
    [-Math.sqrt(3) / 10, Math.sqrt(3) / 10],
  ],
  ["lecunUniform", lecunUniform(shape), 0, 1 / 100, [-Math.sqrt(3) / 10, Math.sqrt(3) / 10]],
  ["fanInUniform", fanInUniform(shape), 0, 1 / 300, [-0.1, 0.1]],
  ["normal", normal(shape, 2, 5), 5, 4, undefined],
  ["glorotNormal", glorotNormal(shape), 0, 2 / 300, undefined],
  ["heNormal", heNormal(shape), 0, 2 / 100, undefined],
  ["lecunNormal", lecunNormal(shape), 0, 1 / 100, undefined],
  // Variance of a normal cut at 2: 1 − 2·2φ(2)/(2Φ(2) − 1).
  ["truncatedNormal", truncatedNormal(shape, 1, 3), 3, 0.7737413, [1, 5]],
] as const)("%s", (_, spec, mean, variance, bounds) => {
  const values = draw(spec);

  test("has its moments", () => {
    const found = moments(values);
    expect(values.length).toBe(20_000);
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * Math.sqrt(variance / 20_000));
    expect(Math.abs(found.variance / variance - 1)).toBeLessThan(0.04);
  });

  test("keeps its bounds and comes near them", () => {
    if (bounds === undefined) return expect(values.every(Number.isFinite)).toBe(true);
    const [low, high] = bounds;
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
    expect(Math.min(...values)).toBeLessThan(low + 0.05 * (high - low));
  });

  test("depends on the generator only", () => {
    expect(draw(spec)).toEqual(values);
    expect(draw(spec, 2)).not.toEqual(values);
  });
});

describe("orthogonal", () => {
  test.each([[[3, 5]], [[5, 3]], [[4, 4]], [[2, 3, 2]]])(
    "%j: the fewer of rows and columns are orthonormal",
    (size) => {
      const [rows, columns] = [size[0], size.slice(1).reduce((a, b) => a * b)];
      const values = draw(orthogonal(size, 3));
      const at = (row: number, column: number) => values[row * columns + column] / 3;
      const few = Math.min(rows, columns);
      const many = Math.max(rows, columns);
      for (let i = 0; i < few; i++) {
        for (let j = 0; j < few; j++) {
          let dot = 0;
          for (let k = 0; k < many; k++) {
            dot += rows <= columns ? at(i, k) * at(j, k) : at(k, i) * at(k, j);
          }
          expect(dot).toBeCloseTo(i === j ? 1 : 0, 12);
        }
      }
    },
  );

  test("needs a matrix", () => {
    expect(() => orthogonal([4])).toThrow(
      'Initializer "orthogonal": expected a shape of two axes or more, got [4].',
    );
  });
});

test("sparse zeroes a share of each input's weights, rounded up", () => {
  const values = draw(sparse([7, 4], 0.3, 0.5));
  for (let column = 0; column < 4; column++) {
    const zeros = Array.from({ length: 7 }, (_, row) => values[row * 4 + column]).filter(
      (value) => value === 0,
    );
    expect(zeros.length).toBe(3);
  }
  expect(() => sparse([2, 2], 2)).toThrow("expected a sparsity from 0 to 1, got 2");
});

test("every initializer has its own name", () => {
  for (const [name, make] of Object.entries(initializers)) {
    expect(make([2, 2]).initializer).toBe(name);
    expect(make([2, 2]).shape).toEqual([2, 2]);
  }
});

test("an unknown name is refused", () => {
  expect(() => initialized("toString" as never, [2, 2])).toThrow(
    "expected one of zeros, ones, uniform, normal, truncatedNormal, glorotUniform",
  );
});

describe("the first weights of a network", () => {
  const make = (seed: number, extra: ReturnType<typeof layers.relu>[] = []) =>
    network({
      input: [3],
      layers: [layers.linear(4), layers.relu(), layers.linear(2), ...extra],
      seed,
    });

  test("follow from the seed", () => {
    expect(make(1).weights).toEqual(make(1).weights);
    expect(make(1).weights).not.toEqual(make(2).weights);
  });

  test("of one path do not depend on the other layers", () => {
    const longer = make(1, [layers.tanh(), layers.linear(5)]);
    expect(longer.weights.get("0.weight")).toEqual(make(1).weights.get("0.weight"));
    expect(longer.weights.get("2.bias")).toEqual(make(1).weights.get("2.bias"));
  });

  test("differ between paths of one shape", () => {
    const net = network({ input: [3], layers: [layers.linear(3), layers.linear(3)], seed: 1 });
    expect(net.weights.get("0.weight")).not.toEqual(net.weights.get("1.weight"));
  });

  test("are by default those of PyTorch: U(±1/√inputs) for weights and biases", () => {
    const net = network({ input: [400], layers: [layers.linear(50)], dtype: "float64" });
    const weight = net.weights.get("0.weight") as Float64Array;
    expect(Math.max(...weight)).toBeLessThanOrEqual(0.05);
    expect(Math.max(...weight)).toBeGreaterThan(0.0499);
    const bias = net.weights.get("0.bias") as Float64Array;
    expect(Math.max(...bias.map(Math.abs))).toBeLessThanOrEqual(0.05);
    expect(bias.some((value) => value !== 0)).toBe(true);
  });

  test("are those of Keras on request: Glorot uniform and zeros", () => {
    const net = network({
      input: [100],
      layers: [layers.linear(200)],
      dtype: "float64",
      defaults: "keras",
    });
    const limit = Math.sqrt(6 / 300);
    const weight = net.weights.get("0.weight") as Float64Array;
    expect(Math.max(...weight)).toBeLessThanOrEqual(limit);
    expect(Math.max(...weight)).toBeGreaterThan(0.99 * limit);
    expect([...(net.weights.get("0.bias") as Float64Array)].every((value) => value === 0)).toBe(
      true,
    );
  });

  test("of a Keras LSTM have orthogonal recurrent weights and keep what they remember", () => {
    const net = network({ input: [2, 3], layers: [sequences.lstm(2)], defaults: "keras" });
    expect([...net.weights.get("0.inputBias")!]).toEqual([0, 0, 1, 1, 0, 0, 0, 0]);
    expect(net.specs.get("0.recurrentWeight")!.initializer).toBe("orthogonal");
  });

  test("take the initializers that are named", () => {
    const options = { initializer: "ones", biasInitializer: "zeros" } as const;
    const net = network({ input: [2], layers: [layers.linear(2, options)], defaults: "keras" });
    expect([...net.weights.get("0.weight")!]).toEqual([1, 1, 1, 1]);
  });
});
