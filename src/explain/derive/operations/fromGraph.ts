/** Equations of any layer or join from its graph and the gradient rules of the graph. */

import { gradients } from "../../../autograd/index.ts";
import { simplify } from "../../../compile/index.ts";
import { build, type InputNode, type Node, type Shape } from "../../../ir/index.ts";
import { fromNode, type Tensor } from "../../../tensor/index.ts";
import { nestByPath } from "../../../util/index.ts";
import type { ExplainedJoin } from "../../calls.ts";
import type { MathSymbol } from "../../math/index.ts";
import { partial, symbol } from "../../math/index.ts";
import { contextOf } from "../../model.ts";
import { words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import { GraphWriter } from "../graphMath.ts";
import { type InputGradient, type Operation, parameterSymbol, type Site } from "../site.ts";

/** A letter for a parameter by its name: known words have one, others are written out. */
const letters: Readonly<Record<string, string>> = {
  weight: "W",
  bias: "b",
  slope: "α",
  scale: "γ",
  shift: "β",
  beta: "β",
  gamma: "γ",
  alpha: "α",
};

function letterOf(name: string): string {
  const last = name.split(".").at(-1)!;
  return letters[last] ?? last;
}

/** One of the values that a piece of graph starts from. */
export interface GraphInput {
  readonly symbol: MathSymbol;
  /** Of one sample. */
  readonly shape: Shape;
  readonly needsGradient: boolean;
}

/** One of its results, with its error. */
export interface GraphOutput {
  readonly symbol: MathSymbol;
  readonly error: MathSymbol;
}

/** A piece of graph between quantities that have names already. */
export interface GraphPiece {
  /** Begins the keys of intermediate values. */
  readonly prefix: string;
  readonly label: string;
  readonly batch: number | undefined;
  readonly loss: MathSymbol;
  readonly parameters: readonly { readonly node: InputNode; readonly symbol: MathSymbol }[];
  readonly trained: readonly MathSymbol[];
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  /** Batches in, batches out. */
  run(inputs: readonly Tensor[]): readonly Tensor[];
}

/** What a piece of graph says: forwards, and backwards to inputs and parameters. */
export interface GraphEquations
  extends Pick<
    Operation,
    "quantities" | "constants" | "observed" | "known" | "forward" | "parameterGradients"
  > {
  /** ∂C/∂input of each input that needs it. */
  readonly inputGradients: readonly (InputGradient | undefined)[];
}

/** outputs = run(inputs), node by node, and what the chain rule makes of it. */
export function graphEquations(piece: GraphPiece): GraphEquations {
  const { prefix, label, batch, loss, inputs, outputs, trained } = piece;
  const known = new Map<Node, MathSymbol>(piece.parameters.map((p) => [p.node, p.symbol]));
  const nodes = inputs.map(({ symbol: s }, i) => build.input(`x${i}`, s.shape, "float64"));
  // Online, layers still take a batch: of the one sample.
  const rows = inputs.map(({ shape }, i) =>
    fromNode(batch === undefined ? build.reshape(nodes[i], [1, ...shape]) : nodes[i]),
  );
  const results = piece
    .run(rows)
    .map(({ node }, i) => build.reshape(node, outputs[i].symbol.shape));
  const deltas = results.map(({ shape }, i) => build.input(`δ${i}`, shape, "float64"));
  const isTrained = new Set(trained);
  const wrt = piece.parameters.filter((p) => isTrained.has(p.symbol)).map(({ node }) => node);
  const needing = nodes.filter((_, i) => inputs[i].needsGradient);
  const derivatives = gradients(
    results.map((output, i) => ({ output, gradient: deltas[i] })),
    [...wrt, ...needing],
  );
  const simplified = simplify([...results, ...derivatives]);
  nodes.forEach((node, i) => {
    known.set(node, inputs[i].symbol);
  });
  deltas.forEach((node, i) => {
    known.set(node, outputs[i].error);
  });
  const writer = new GraphWriter(known, simplified, (n) => ({
    key: `${prefix}.v${n}`,
    letter: "v",
    layer: label,
    mark: String(n),
  }));
  const forward: Line[] = outputs.flatMap((output, i) => {
    const own = writer.equationOf(output.symbol, simplified[i]);
    return [...writer.takeLines(), line(own, "forward")];
  });
  const gradientNodes = simplified.slice(outputs.length);
  let next = trained.length;
  const inputGradients = inputs.map(({ symbol: s, needsGradient }): InputGradient | undefined => {
    if (!needsGradient) return undefined;
    const { indices, right } = writer.equationOf(partial(loss, s), gradientNodes[next++]);
    const before = writer.takeLines();
    return { indices, element: right, rule: "graphRule", steps: [], before };
  });
  // After the inputs' gradients: errors are computed before the gradients of parameters.
  const parameterGradients: Line[] = trained.flatMap((s, i) => {
    const own = writer.equationOf(partial(loss, s), gradientNodes[i]);
    return [...writer.takeLines(), line(own, "graphRule")];
  });
  return {
    quantities: writer.quantities,
    constants: writer.constants,
    observed: writer.observed,
    known,
    forward,
    inputGradients,
    parameterGradients,
  };
}

/** The nodes and symbols of a site's parameters. */
function parametersAt(site: Site) {
  const isRepeated = (letter: string) =>
    [...site.parameters.keys()].filter((name) => letterOf(name) === letter).length > 1;
  return [...site.parameters].map(([name, { shape, isTrained }]) => {
    const letter = letterOf(name);
    const meaning = isTrained ? words("parameter", "参数") : words("state", "状态");
    const mark = isRepeated(letter) ? name.split(".").slice(0, -1).join(".") : undefined;
    return {
      name,
      isTrained,
      node: build.input(name, shape, "float64"),
      symbol: parameterSymbol(site, name, letter, meaning, mark),
    };
  });
}

function siteEquations(
  site: Site,
  inputs: readonly GraphInput[],
  run: (parameters: unknown, xs: readonly Tensor[]) => Tensor,
) {
  const parameters = parametersAt(site);
  const trained = parameters.filter(({ isTrained }) => isTrained).map((p) => p.symbol);
  const tensors = new Map(parameters.map(({ name, node }) => [name, fromNode(node)]));
  const equations = graphEquations({
    prefix: site.label,
    label: site.label,
    batch: site.batch,
    loss: site.loss,
    parameters,
    trained,
    inputs,
    outputs: [{ symbol: site.output, error: site.error }],
    run: (xs) => [run(nestByPath(tensors), xs)],
  });
  return { ...equations, parameters: trained.map((s) => ({ path: s.key, symbol: s })) };
}

/** z = forward(a), node by node, and what the chain rule makes of it. */
export function fromGraph(site: Site): Operation {
  const { input, inputShape, needsInputGradient, layer } = site;
  const { inputGradients, ...equations } = siteEquations(
    site,
    [{ symbol: input, shape: inputShape, needsGradient: needsInputGradient }],
    (parameters, [x]) => layer.forward(parameters, x, contextOf(site.training, site.firstKey)),
  );
  return {
    ...equations,
    title: words(`layer "${site.kind}"`, `“${site.kind}”层`),
    inputGradient: inputGradients[0] ?? {
      indices: [],
      element: symbol(input),
      rule: "graphRule",
      steps: [],
      before: [],
    },
  };
}

/** z = join(a, b, …), and the gradient that goes back to each of them. */
export function fromJoin(
  site: Site,
  join: ExplainedJoin,
  inputs: readonly GraphInput[],
): { readonly operation: Operation; readonly gradients: readonly (InputGradient | undefined)[] } {
  const { inputGradients, ...equations } = siteEquations(site, inputs, (parameters, xs) =>
    join.forward(parameters, xs, contextOf(site.training, site.firstKey)),
  );
  const indices = inputGradients[0]?.indices ?? [];
  return {
    operation: {
      ...equations,
      title: words(`join "${join.kind}"`, `“${join.kind}”合并`),
      inputGradient: {
        indices,
        element: symbol(site.error),
        rule: "graphRule",
        steps: [],
        before: [],
      },
      // The inputs' gradients share intermediate values, which have to be known before any of them.
      errors: inputGradients.flatMap((gradient) => gradient?.before ?? []),
    },
    gradients: inputGradients.map((gradient) => gradient && { ...gradient, before: [] }),
  };
}
