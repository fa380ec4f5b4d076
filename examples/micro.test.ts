/** Tests the one-file example: its gradients, their gradients, and the network that learns xor. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import {
  add,
  constant,
  evaluate,
  gradient,
  input,
  learnXor,
  mul,
  type Node,
  square,
  sub,
  tanh,
  xor,
} from "./micro.ts";

const [x, y] = [input(), input()];
const at = (a: number, b: number) => new Map<Node, number>([x, y].map((v, i) => [v, [a, b][i]]));

const formulas: Record<string, Node> = {
  "x + y": add(x, y),
  "x − y": sub(x, y),
  "x · y": mul(x, y),
  "tanh x": tanh(x),
  "x² y + tanh(x y)": add(mul(square(x), y), tanh(mul(x, y))),
  "tanh(tanh(x) − y)²": square(tanh(sub(tanh(x), y))),
};

test.for(Object.entries(formulas))("the gradient of %s is its finite difference", ([, f]) => {
  const h = 1e-5; // a central difference errs by h² f‴/6 and by rounding, 1e-16/h: under 1e-9 here
  const value = (a: number, b: number) => evaluate([f], at(a, b))[0];
  for (const [a, b] of [
    [0.3, -0.7],
    [-1.2, 0.4],
  ]) {
    const [dx, dy] = evaluate(gradient(f, [x, y]), at(a, b));
    expect(dx).toBeCloseTo((value(a + h, b) - value(a - h, b)) / (2 * h), 9);
    expect(dy).toBeCloseTo((value(a, b + h) - value(a, b - h)) / (2 * h), 9);
  }
});

test("a gradient has a gradient: (x³)″ = 6x and tanh″ = −2 tanh (1 − tanh²)", () => {
  const second = (f: Node) => gradient(gradient(f, [x])[0], [x])[0];
  const [cubic, curve] = evaluate([second(mul(x, square(x))), second(tanh(x))], at(0.5, 0));
  const t = Math.tanh(0.5);
  expect(cubic).toBeCloseTo(3, 12);
  expect(curve).toBeCloseTo(-2 * t * (1 - t * t), 12);
});

test("a variable that the output does not depend on has gradient 0", () => {
  expect(evaluate(gradient(tanh(x), [y]), at(1, 1))).toEqual([0]);
});

test("an input without a value is an error that says so", () => {
  expect(() => evaluate([add(x, constant(1))], new Map())).toThrow(
    /expected a value for every input/,
  );
});

test("the network learns xor, the same way every time", () => {
  const { losses, answers } = learnXor();
  expect(answers.map(Math.sign)).toEqual(xor.map(({ target }) => target));
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.01);
  expect(learnXor()).toEqual({ losses, answers });
});

test("run as a program it prints a falling loss and four answers", () => {
  const { stdout, status } = spawnSync(process.execPath, ["examples/micro.ts"], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const losses = [...stdout.matchAll(/loss ([\d.]+)/g)].map(([, loss]) => Number(loss));
  expect(losses).toHaveLength(10);
  expect(losses).toEqual(losses.toSorted((a, b) => b - a));
  expect(stdout.match(/the network says/g)).toHaveLength(4);
});
