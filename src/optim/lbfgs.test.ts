/** L-BFGS against PyTorch's, from `scripts/golden/optim.py`, and its ends. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { EvaluatingOptimizer, Evaluation } from "./index.ts";
import { type LbfgsOptions, variants } from "./variants.ts";

const { cases }: { cases: { options: LbfgsOptions; start: number[]; points: number[][] }[] } =
  JSON.parse(readFileSync(new URL("./golden/lbfgs.json", import.meta.url), "utf8"));

/** Σ 100(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)². Rosenbrock 1960. */
function rosenbrock(x: Float64Array): Evaluation {
  const gradient = new Float64Array(x.length);
  let loss = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    const bend = x[i + 1] - x[i] ** 2;
    const distance = 1 - x[i];
    loss += 100 * bend ** 2 + distance ** 2;
    gradient[i] += -400 * bend * x[i] - 2 * distance;
    gradient[i + 1] += 200 * bend;
  }
  return { loss, gradient };
}

/** Points after each step until convergence. */
async function minimize(
  optimizer: EvaluatingOptimizer,
  start: readonly number[],
  f: (point: Float64Array) => Evaluation,
  steps: number,
) {
  let point: Float64Array = Float64Array.from(start);
  const algorithm = await optimizer.algorithm();
  let state = algorithm.start();
  let evaluations = 0;
  const points: Float64Array[] = [];
  for (let i = 0; i < steps; i++) {
    const dialogue = algorithm.step(point, state, optimizer.rates.learningRate);
    let answer = dialogue.next();
    while (!answer.done) {
      evaluations++;
      answer = dialogue.next(f(answer.value));
    }
    const { isConverged } = answer.value;
    ({ point, state } = answer.value);
    points.push(point);
    if (isConverged) return { points, evaluations, isConverged };
    // Saving and reading the state in between changes nothing.
    state = algorithm.fromArrays(algorithm.toArrays(state));
  }
  return { points, evaluations, isConverged: false };
}

test.each(cases.map((each) => ({ ...each, title: JSON.stringify(each.options) })))(
  "ten steps on the Rosenbrock function equal PyTorch's: $title",
  async ({ options, start, points: expected }) => {
    const { points } = await minimize(variants.lbfgs(options), start, rosenbrock, 10);
    expect(points).toHaveLength(expected.length);
    points.forEach((point, i) => {
      point.forEach((value, j) => {
        expect(Math.abs(value - expected[i][j]), `step ${i + 1}`).toBeLessThan(1e-9);
      });
    });
  },
);

describe("lbfgs", () => {
  test("finds the minimum of the Rosenbrock function", async () => {
    const { points, evaluations, isConverged } = await minimize(
      variants.lbfgs({ changeTolerance: 0 }),
      [-1.2, 1],
      rosenbrock,
      200,
    );
    expect(isConverged).toBe(true);
    expect(evaluations).toBeLessThan(100);
    for (const value of points.at(-1)!) expect(Math.abs(value - 1)).toBeLessThan(1e-7);
  });

  test("converges on a sphere within four steps", async () => {
    const sphere = (x: Float64Array) => ({
      loss: x.reduce((sum, value) => sum + value ** 2 / 2, 0),
      gradient: x.slice(),
    });
    const { points, isConverged } = await minimize(variants.lbfgs(), [3, -4], sphere, 10);
    expect(isConverged).toBe(true);
    expect(points.length).toBeLessThanOrEqual(4);
    for (const value of points.at(-1)!) expect(Math.abs(value)).toBeLessThan(1e-6);
  });

  test("stays where the gradient is 0", async () => {
    const { points, isConverged } = await minimize(variants.lbfgs(), [1, 1], rosenbrock, 10);
    expect(isConverged).toBe(true);
    expect(points).toEqual([Float64Array.of(1, 1)]);
  });

  test("draws back from where the loss is not a number", async () => {
    // −log(1 − x)/10 + 50(x − 0.9)² is not defined from 1 on; its minimum lies a little below 0.9.
    const barrier = ([x]: Float64Array): Evaluation => ({
      loss: x < 1 ? -Math.log(1 - x) / 10 + 50 * (x - 0.9) ** 2 : Number.NaN,
      gradient: Float64Array.of(x < 1 ? 0.1 / (1 - x) + 100 * (x - 0.9) : Number.NaN),
    });
    const { points } = await minimize(variants.lbfgs({ learningRate: 10 }), [0], barrier, 50);
    const [x] = points.at(-1)!;
    expect(Math.abs(0.1 / (1 - x) + 100 * (x - 0.9))).toBeLessThan(1e-3);
  });

  test.each<[LbfgsOptions, string]>([
    [{ learningRate: 0 }, "Optimizer lbfgs: expected learningRate above 0, got 0."],
    [{ historySize: 0 }, "Optimizer lbfgs: expected historySize to be an integer from 1, got 0."],
    [
      { lineSearch: "armijo" as never },
      'Optimizer lbfgs: expected lineSearch "strongWolfe" or "none", got "armijo".',
    ],
  ])("refuses %j", (options, message) => {
    expect(() => variants.lbfgs(options)).toThrow(message);
  });
});
