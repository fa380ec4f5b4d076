/** Puts numbers into a derivation: from parameters, input and target to every quantity it mentions. */

import { evaluate } from "../../backend/reference/index.ts";
import { type InputNode, type Node, topologicalOrder } from "../../ir/index.ts";
import {
  type Equation,
  type Expression,
  evaluateEquation,
  evaluateEquations,
  keyOf,
  type NumberArray,
  symbolsOf,
  targetOf,
  type Values,
} from "../math/index.ts";
import type { Derivation, Line } from "./derivation.ts";

/** The values of every quantity of a derivation, by key; ∂C/∂θ is under `∂C/∂path`.
 *
 * Only the equations are used: neither the layers nor automatic differentiation.
 *
 * @param given parameters by path, `x`, `y` (one-hot for labels), and for an update `rate.…`, `step` and
 *   the optimizer's state */
export function evaluateDerivation(
  derivation: Derivation,
  given: ReadonlyMap<string, NumberArray>,
): Values {
  const values: Values = new Map([...given, ...derivation.givens.constants]);
  const lines = derivation.sections
    .filter(({ name }) => name !== "fundamental")
    .flatMap(({ groups }) => groups.flatMap((group) => group.lines));
  let pending: Equation[] = [];
  for (const { equation } of lines) {
    // Lines of one recursion stay together.
    if (pending.length > 0 && pending[0].recursion !== equation.recursion) {
      evaluateEquations(pending, values);
      pending = [];
    }
    observe(derivation, equation.right, values);
    if (equation.recursion === undefined) evaluateEquation(equation, values);
    else pending.push(equation);
  }
  evaluateEquations(pending, values);
  return values;
}

/** Runs the graphs of values that no formula gives, such as the position of a maximum. */
function observe({ givens }: Derivation, x: Expression, values: Values): void {
  for (const key of symbolsOf(x).keys()) {
    const node = givens.observed.get(key);
    if (node === undefined || values.has(key)) continue;
    const bindings = new Map<InputNode, Float64Array>();
    for (const leaf of topologicalOrder([node])) {
      const stands = leaf.op === "input" ? givens.known.get(leaf as Node) : undefined;
      const value = stands && values.get(stands.key);
      if (value && leaf.op === "input") bindings.set(leaf, value.data);
    }
    const [data] = evaluate([node], bindings);
    values.set(key, { shape: node.shape, data: Float64Array.from(data) });
  }
}

/** A step whose numbers are not those of its line. */
export interface StepDifference {
  readonly line: Line;
  readonly step: Line;
  readonly key: string;
  readonly largest: number;
}

/** Evaluates every step of every line by itself and compares it with the line it leads to.
 * @param values what `evaluateDerivation` gave */
export function checkSteps(
  derivation: Derivation,
  values: Values,
  tolerance = 1e-9,
): StepDifference[] {
  const differences: StepDifference[] = [];
  // δ is another name for ∂C/∂z.
  const known: Values = new Map(values);
  for (const { before, error } of derivation.layers) {
    const value = values.get(error.key);
    if (value) known.set(`∂${derivation.loss.key}/∂${before.key}`, value);
  }
  for (const { name, groups } of derivation.sections) {
    if (name === "fundamental") continue;
    for (const line of groups.flatMap(({ lines }) => lines)) {
      checkLine(line, new Map(known), tolerance, differences);
    }
  }
  return differences;
}

function checkLine(line: Line, values: Values, tolerance: number, found: StepDifference[]): void {
  // Steps may use what a later one states, as a chain rule is written before its factors are known.
  let waiting = [...line.steps];
  while (waiting.length > 0) {
    const ready = waiting.filter(({ equation: { right } }) =>
      [...symbolsOf(right).keys()].every((key) => values.has(key) || key === "π"),
    );
    if (ready.length === 0) break;
    for (const step of ready) {
      const key = keyOf(targetOf(step.equation));
      const known = values.get(key);
      const result = evaluateEquation(step.equation, new Map(values));
      if (known === undefined) values.set(key, result);
      else {
        const largest = largestDifference(known, result);
        if (!(largest <= tolerance)) found.push({ line, step, key, largest });
      }
    }
    waiting = waiting.filter((step) => !ready.includes(step));
  }
  for (const step of waiting) {
    found.push({ line, step, key: keyOf(targetOf(step.equation)), largest: Number.NaN });
  }
}

/** The largest difference of two arrays, relative to the larger value from 1. */
export function largestDifference(a: NumberArray, b: NumberArray): number {
  if (a.data.length !== b.data.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (let i = 0; i < a.data.length; i++) {
    if (Object.is(a.data[i], b.data[i])) continue;
    const size = Math.max(1, Math.abs(a.data[i]), Math.abs(b.data[i]));
    const difference = Math.abs(a.data[i] - b.data[i]) / size;
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
