/** Proves gradients: the derivation evaluated numerically, reverse mode and differences, side by side. */

import { type GradientRules, gradientRules } from "../../autograd/index.ts";
import { evaluate } from "../../backend/reference/index.ts";
import {
  allocate,
  type InputNode,
  type Node,
  sizeOf,
  type TensorData,
  topologicalOrder,
} from "../../ir/index.ts";
import { UsageError } from "../../util/index.ts";
import { derive } from "../derive/derive.ts";
import { evaluateDerivation } from "../derive/evaluate.ts";
import { countScalars } from "../graph/scalars.ts";
import type { ExplainedLoss, ExplainedNetwork } from "../model.ts";
import { reverseMode } from "../reverse.ts";
import { type ExplainedSamples, samplesOf } from "../samples.ts";
import { bindingsOf, layerOfNodes, type TracedNetwork, traceNetwork, weightsOf } from "../trace.ts";
import { type Difference, differentiateNumerically } from "./differences.ts";
import { type FirstDifference, locateDifference } from "./locate.ts";

export interface CheckOptions extends ExplainedSamples {
  readonly loss: ExplainedLoss;
  readonly mode?: "online" | "batch";
  readonly training?: boolean;
  /** Largest relative error; default 1e-6, what differences of a network's loss reach in float64. */
  readonly tolerance?: number;
  /** Elements of each parameter that are differenced, spread over it; default 24, fewer for networks
   * whose loss takes long. */
  readonly elements?: number;
  /** The gradient rules of the graph; others to check a rule of one's own. */
  readonly rules?: GradientRules;
}

/** One parameter's gradient, three ways. */
export interface ParameterCheck {
  readonly path: string;
  readonly shape: readonly number[];
  /** Largest relative error of reverse mode against differences, and of symbolic against reverse. */
  readonly reverseError: number;
  readonly symbolicError: number;
  readonly passed: boolean;
  /** How many elements were compared with differences: none where all of those tried lie at kinks. */
  readonly compared: number;
  /** The element with the largest error, by all three. */
  readonly worst: {
    readonly element: number;
    readonly symbolic: number;
    readonly reverse: number;
    readonly numeric: number;
  };
  readonly symbolic: Float64Array;
  readonly reverse: Float64Array;
  /** Of the elements that were differenced. */
  readonly numeric: ReadonlyMap<number, Difference>;
}

export interface GradientCheck {
  readonly passed: boolean;
  readonly loss: number;
  readonly parameters: readonly ParameterCheck[];
  /** The first node, from the loss back, whose rule gives a wrong gradient. */
  readonly firstDifference?: FirstDifference & { readonly layer: string };
  /** The table as text. */
  readonly text: string;
}

/** Checks the gradients of every parameter three ways.
 *
 * Symbolic: the equations of `derive`, evaluated by an evaluator that knows nothing else. Reverse mode:
 * the graph's gradient rules. Numeric: central differences with Richardson extrapolation in float64.
 *
 * @param network in whatever dtype; it is checked in float64 at its present weights
 * @throws ShapeError for samples of another shape than the network's
 * @example
 * checkGradients(net, { loss, x: [5.1, 3.5, 1.4, 0.2], y: 0 }).passed; // true
 */
export function checkGradients(network: ExplainedNetwork, options: CheckOptions): GradientCheck {
  const { loss, tolerance = 1e-6, rules = gradientRules } = options;
  const samples = samplesOf(network, loss, options);
  const { mode } = samples;
  const { training = mode === "batch" } = options;
  if (!(tolerance > 0)) {
    throw new UsageError(`checkGradients: expected a tolerance above 0, got ${tolerance}.`);
  }
  const traced = traceNetwork(network, loss, samples.rows, samples.target, training);
  const affordable = Math.round(200_000 / countScalars(traced.loss));
  const { elements = Math.max(1, Math.min(24, affordable)) } = options;
  const weights = weightsOf(network, traced.parameters);
  const bindings = bindingsOf(traced, samples, weights);
  const derivation = derive(network, { loss, mode, batchSize: samples.rows, training });
  const symbolic = evaluateDerivation(derivation, samples.given(derivation, weights));
  const reverse = reverseMode(traced.loss, rules);
  const [value] = evaluate([traced.loss], bindings);

  const paths = [...traced.trained];
  const totals = paths.map((path) => reverse.totals.get(traced.parameters.get(path)!));
  const known = evaluate(
    totals.flatMap((node) => (node ? [node] : [])),
    bindings,
  );
  let next = 0;
  const parameters = paths.map((path, i): ParameterCheck => {
    const node = traced.parameters.get(path)!;
    const size = sizeOf(node.shape);
    const byReverse = Float64Array.from(totals[i] ? known[next++] : allocate("float64", size));
    const bySymbols = symbolic.get(`∂C/∂${path}`)?.data ?? new Float64Array(size).fill(Number.NaN);
    const numeric = differences(traced.loss, node, {
      values: weights.get(path)!.data,
      bindings,
      candidates: chosenElements(byReverse, elements),
      elements,
      tolerance,
    });
    return compare(path, node.shape, { byReverse, bySymbols, numeric }, tolerance);
  });
  const passed = parameters.every((parameter) => parameter.passed);
  const reverseFailed = parameters.some(({ reverseError }) => !(reverseError <= tolerance));
  const found = reverseFailed
    ? locateDifference(traced.loss, reverse, bindings, tolerance)
    : undefined;
  const firstDifference = found && { ...found, layer: layerOf(found.index, traced) };
  const check = { passed, loss: value[0], parameters, ...(firstDifference && { firstDifference }) };
  return { ...check, text: textOf(check) };
}

/** Which layer a node of the forward pass belongs to. */
function layerOf(index: number, traced: TracedNetwork): string {
  const path = layerOfNodes(traced).get(topologicalOrder([traced.loss])[index]);
  const layer = traced.layers.find((each) => each.path === path);
  return layer ? `layer ${layer.path} (${layer.kind})` : "the loss";
}

/** The element with the largest gradient, so that zeros alone prove nothing, and a spread of others; more
 * than are needed, as some lie at kinks. */
function chosenElements(gradient: Float64Array, elements: number): ReadonlySet<number> {
  const spread = (count: number, shift: number) =>
    Array.from({ length: count }, (_, i) => Math.floor(((i + shift) * gradient.length) / count));
  const largest = gradient.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(gradient[best]) ? i : best),
    0,
  );
  const count = Math.min(gradient.length, elements);
  return new Set([
    largest,
    ...spread(count, 0),
    ...spread(Math.min(gradient.length, Math.max(12, 3 * elements)), 0.5),
  ]);
}

/** At a kink of ReLU or max the differences do not settle: they say so, and prove nothing. */
const hasSettled = ({ value, error }: Difference, tolerance: number): boolean =>
  error <= tolerance * Math.max(1, Math.abs(value));

interface DifferenceOptions {
  /** Of the parameter. */
  readonly values: Float64Array;
  readonly bindings: ReadonlyMap<InputNode, TensorData>;
  readonly candidates: ReadonlySet<number>;
  /** How many of the candidates must settle. */
  readonly elements: number;
  readonly tolerance: number;
}

/** The slopes of the scalar by elements of a parameter, until enough have settled. */
function differences(
  scalar: Node,
  node: InputNode,
  { values, bindings, candidates, elements, tolerance }: DifferenceOptions,
): Map<number, Difference> {
  const found = new Map<number, Difference>();
  let settled = 0;
  for (const element of candidates) {
    if (settled === elements) break;
    const changed = values.slice();
    const f = (x: number) => {
      changed[element] = x;
      return evaluate(
        [scalar],
        new Map<InputNode, TensorData>([...bindings, [node, changed]]),
      )[0][0];
    };
    const at = values[element];
    const wide = differentiateNumerically(f, at);
    // Kinks beyond smaller steps do no harm.
    const difference = hasSettled(wide, tolerance)
      ? wide
      : differentiateNumerically(f, at, 1e-4 * Math.max(1, Math.abs(at)));
    found.set(element, difference);
    if (hasSettled(difference, tolerance)) settled++;
  }
  return found;
}

/** |a − b| relative to the larger of them, and to 1 for small ones: gradients near 0 are compared by
 * their size, as differences cannot tell them from 0. */
function relativeError(a: number, b: number): number {
  if (a === b) return 0;
  const error = Math.abs(a - b) / Math.max(1, Math.abs(a), Math.abs(b));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

interface Ways {
  readonly byReverse: Float64Array;
  readonly bySymbols: Float64Array;
  readonly numeric: ReadonlyMap<number, Difference>;
}

function compare(
  path: string,
  shape: readonly number[],
  { byReverse, bySymbols, numeric }: Ways,
  tolerance: number,
): ParameterCheck {
  let symbolicError = 0;
  byReverse.forEach((value, i) => {
    symbolicError = Math.max(symbolicError, relativeError(value, bySymbols[i]));
  });
  let reverseError = 0;
  const settled = [...numeric].filter(([, difference]) => hasSettled(difference, tolerance));
  let element = (settled[0] ?? [...numeric][0])[0];
  for (const [i, { value }] of settled) {
    const difference = relativeError(byReverse[i], value);
    if (difference > reverseError) {
      reverseError = difference;
      element = i;
    }
  }
  return {
    path,
    shape,
    reverseError,
    symbolicError,
    passed: reverseError <= tolerance && symbolicError <= tolerance,
    compared: settled.length,
    worst: {
      element,
      symbolic: bySymbols[element],
      reverse: byReverse[element],
      numeric: numeric.get(element)?.value ?? Number.NaN,
    },
    symbolic: bySymbols,
    reverse: byReverse,
    numeric,
  };
}

function textOf(check: Omit<GradientCheck, "text">): string {
  const head = ["parameter", "symbolic", "reverse mode", "differences", "relative error", ""];
  const rows = check.parameters.map(({ path, worst, compared, ...rest }) => [
    `${path}[${worst.element}]`,
    worst.symbolic.toPrecision(10),
    worst.reverse.toPrecision(10),
    compared === 0 ? "at a kink" : worst.numeric.toPrecision(10),
    Math.max(rest.reverseError, rest.symbolicError).toExponential(1),
    rest.passed ? "ok" : "WRONG",
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column].length)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]),
      )
      .join("  ")
      .trimEnd(),
  );
  const { firstDifference: first } = check;
  const verdict = check.passed
    ? "All gradients agree."
    : first
      ? `Reverse mode first differs in ${first.layer}: ${first.node} gives operand ${first.operand}, ` +
        `element ${first.element}, the gradient ${first.reverse}; differences give ${first.numeric}.`
      : "The derivation and reverse mode differ; the graph's own gradients are right.";
  return `${lines.join("\n")}\n\n${verdict}\n`;
}
