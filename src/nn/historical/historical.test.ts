import { describe, expect, test } from "vitest";
import {
  activate,
  fires,
  learnHebbian,
  learnPerceptron,
  mcCullochPitts,
  netInputs,
} from "./index.ts";

const corners: readonly (readonly [0 | 1, 0 | 1])[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const tables = { and: [0, 0, 0, 1], or: [0, 1, 1, 1], xor: [0, 1, 1, 0] } as const;

const binary = (name: keyof typeof tables) =>
  corners.map((input, i) => ({ input, target: [tables[name][i]] }));
const bipolar = (name: keyof typeof tables) =>
  binary(name).map(({ input, target }) => ({
    input: input.map((x) => 2 * x - 1),
    target: target.map((t) => 2 * t - 1),
  }));

describe("McCulloch and Pitts", () => {
  const and = mcCullochPitts({ inputs: 2, threshold: 2 });
  const or = mcCullochPitts({ inputs: 2, threshold: 1 });
  const onlyFirst = mcCullochPitts({ inputs: 2, threshold: 1, inhibitory: [1] });

  test("and, or, not", () => {
    expect(corners.map((x) => fires(and, x))).toEqual(tables.and);
    expect(corners.map((x) => fires(or, x))).toEqual(tables.or);
    const not = mcCullochPitts({ inputs: 1, threshold: 0, inhibitory: [0] });
    expect([fires(not, [0]), fires(not, [1])]).toEqual([1, 0]);
  });

  test("an inhibitory input forbids, whatever else is active", () => {
    const busy = mcCullochPitts({ inputs: 3, threshold: 1, weights: [5, 5, 1], inhibitory: [2] });
    expect(fires(busy, [1, 1, 0])).toBe(1);
    expect(fires(busy, [1, 1, 1])).toBe(0);
  });

  test("xor takes a net of two steps", () => {
    const xor = ([x, y]: readonly [number, number]) =>
      fires(or, [fires(onlyFirst, [x, y]), fires(onlyFirst, [y, x])]);
    expect(corners.map(xor)).toEqual(tables.xor);
  });

  test("refuses what is not binary, not a count, not there", () => {
    expect(() => fires(and, [1, 0.5])).toThrow(
      "fires: expected 2 inputs that are 0 or 1, got [1, 0.5].",
    );
    expect(() => mcCullochPitts({ inputs: 2, threshold: 1, weights: [1, -1] })).toThrow(
      "inhibition is not a negative weight but { inhibitory }",
    );
    expect(() => mcCullochPitts({ inputs: 2, threshold: 1, inhibitory: [2] })).toThrow(
      "expected inhibitory inputs from 0 to 1, got 2",
    );
  });
});

describe("Hebb", () => {
  const outputs = (name: keyof typeof tables) => {
    const { units } = learnHebbian(bipolar(name));
    return {
      units,
      right: bipolar(name).map(({ input, target }) => activate(units, input)[0] === target[0]),
    };
  };

  test("and: weights 2, 2 and bias −2", () => {
    const { units, right } = outputs("and");
    expect(units).toEqual({ weights: [[2, 2]], biases: [-2], low: -1 });
    expect(right).toEqual([true, true, true, true]);
  });

  test("or: weights 2, 2 and bias 2", () => {
    const { units, right } = outputs("or");
    expect(units).toEqual({ weights: [[2, 2]], biases: [2], low: -1 });
    expect(right).toEqual([true, true, true, true]);
  });

  test("xor: everything cancels out", () => {
    const { units, right } = outputs("xor");
    expect(units).toEqual({ weights: [[0, 0]], biases: [0], low: -1 });
    expect(right).toContain(false);
  });

  test("each update is told, and orthogonal patterns are all recalled", () => {
    const samples = [
      { input: [1, 1, -1, -1], target: [1, -1] },
      { input: [1, -1, 1, -1], target: [-1, -1] },
      { input: [1, -1, -1, 1], target: [-1, 1] },
    ];
    const { units, updates } = learnHebbian(samples, { learningRate: 0.5 });
    expect(updates.map(({ sample }) => sample)).toEqual([0, 1, 2]);
    expect(updates[0].units.weights[0]).toEqual([0.5, 0.5, -0.5, -0.5]);
    // W·x = 4·η·t for an orthogonal x; the biases lie below that.
    for (const { input, target } of samples) {
      expect(activate(units, input)).toEqual(target);
      netInputs({ ...units, biases: [0, 0] }, input).forEach((sum, i) => {
        expect(sum).toBe(2 * target[i]);
      });
    }
  });
});

describe("Rosenblatt", () => {
  test.each(["and", "or"] as const)("%s is learned after finitely many mistakes", (name) => {
    const { units, hasConverged, mistakes } = learnPerceptron(binary(name));
    expect(hasConverged).toBe(true);
    expect(mistakes.at(-1)).toBe(0);
    expect(corners.map((x) => activate(units, x)[0])).toEqual(tables[name]);
  });

  test("or: every step by hand", () => {
    const { updates, mistakes, units } = learnPerceptron(binary("or"));
    expect(
      updates.map((each) => [
        each.epoch,
        each.sample,
        ...each.units.weights[0],
        each.units.biases[0],
      ]),
    ).toEqual([
      [1, 0, 0, 0, -1], // (0, 0) gave 1
      [1, 1, 0, 1, 0], // (0, 1) gave 0
      [2, 0, 0, 1, -1], // (0, 0) gave 1
      [2, 2, 1, 1, 0], // (1, 0) gave 0
      [3, 0, 1, 1, -1], // (0, 0) gave 1
    ]);
    expect(mistakes).toEqual([2, 2, 1, 0]);
    expect(units).toEqual({ weights: [[1, 1]], biases: [-1], low: 0 });
  });

  test("xor is never learned", () => {
    const { hasConverged, mistakes } = learnPerceptron(binary("xor"), { epochs: 50 });
    expect(hasConverged).toBe(false);
    expect(mistakes.length).toBe(50);
    expect(Math.min(...mistakes)).toBeGreaterThan(0);
  });

  test("the learning rate only scales weights that begin at 0", () => {
    const [one, half] = [1, 0.5].map((learningRate) =>
      learnPerceptron(bipolar("and"), { learningRate, low: -1 }),
    );
    expect(half.mistakes).toEqual(one.mistakes);
    expect(half.units.weights[0].map((w) => 2 * w)).toEqual(one.units.weights[0]);
  });

  test("refuses targets of another code and samples of other lengths", () => {
    expect(() => learnPerceptron(bipolar("and"))).toThrow(
      "Sample 0: expected targets that are 0 or 1, got -1.",
    );
    expect(() => learnHebbian([])).toThrow("Expected at least one sample, got none.");
    expect(() =>
      learnHebbian([
        { input: [1, 1], target: [1] },
        { input: [1], target: [1] },
      ]),
    ).toThrow("Sample 1: expected 2 inputs and 1 targets as in sample 0, got 1 and 1.");
    const { units } = learnHebbian(bipolar("and"));
    expect(() => activate(units, [1])).toThrow("activate: expected 2 inputs, got 1.");
  });
});
