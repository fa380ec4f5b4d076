/** Equations of any layer from its graph and the gradient rules of the graph. */

import { gradients } from "../../../autograd/index.ts";
import { simplify } from "../../../compile/index.ts";
import { build, type InputNode, type Node } from "../../../ir/index.ts";
import { fromNode } from "../../../tensor/index.ts";
import { nestByPath } from "../../../util/index.ts";
import type { MathSymbol } from "../../math/index.ts";
import { equation, partial, symbol } from "../../math/index.ts";
import { contextOf } from "../../model.ts";
import { words } from "../../words.ts";
import { type Line, line } from "../derivation.ts";
import { GraphWriter } from "../graphMath.ts";
import { type Operation, parameterSymbol, type Site } from "../site.ts";

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

/** z = forward(a), node by node, and what the chain rule makes of it. */
export function fromGraph(site: Site): Operation {
  const trained: MathSymbol[] = [];
  const known = new Map<Node, MathSymbol>();
  const tensors = new Map<string, ReturnType<typeof fromNode>>();
  const wrt: InputNode[] = [];
  const isRepeated = (letter: string) =>
    [...site.parameters.keys()].filter((name) => letterOf(name) === letter).length > 1;
  for (const [name, { shape, isTrained }] of site.parameters) {
    const node = build.input(name, shape, "float64");
    const letter = letterOf(name);
    const s = parameterSymbol(
      site,
      name,
      letter,
      isTrained ? words("parameter", "参数") : words("state", "状态"),
      isRepeated(letter) ? name.split(".").slice(0, -1).join(".") : undefined,
    );
    known.set(node, s);
    tensors.set(name, fromNode(node));
    if (isTrained) {
      trained.push(s);
      wrt.push(node);
    }
  }
  // Online, layers still take a batch: of the one sample.
  const isOnline = site.batch === undefined;
  const x = build.input("x", site.input.shape, "float64");
  const row = isOnline ? build.reshape(x, [1, ...site.inputShape]) : x;
  const context = contextOf(site.training, site.firstKey);
  const result = site.layer.forward(nestByPath(tensors), fromNode(row), context).node;
  const y = build.reshape(result, site.output.shape);
  const delta = build.input("δ", y.shape, "float64");
  const derivatives = gradients(
    [{ output: y, gradient: delta }],
    site.needsInputGradient ? [...wrt, x] : wrt,
  );
  const [forwardNode, ...gradientNodes] = simplify([y, ...derivatives]);
  known.set(x, site.input);
  known.set(delta, site.error);
  const writer = new GraphWriter(known, [forwardNode, ...gradientNodes], (n) => ({
    key: `${site.label}.v${n}`,
    letter: "v",
    layer: site.label,
    mark: String(n),
  }));
  return finish(site, writer, { forwardNode, gradientNodes, trained, known });
}

interface Written {
  readonly forwardNode: Node;
  readonly gradientNodes: readonly Node[];
  readonly trained: readonly MathSymbol[];
  readonly known: ReadonlyMap<Node, MathSymbol>;
}

function finish(site: Site, writer: GraphWriter, parts: Written): Operation {
  const { forwardNode, gradientNodes, trained, known } = parts;
  const result = writer.equationOf(site.output, forwardNode);
  const forward = [...writer.takeLines(), line(result, "forward")];
  const inputNode = gradientNodes[trained.length];
  const target = partial(site.loss, site.input);
  const inputEquation = site.needsInputGradient
    ? writer.equationOf(target, inputNode)
    : equation(target, [], symbol(site.input));
  const before = writer.takeLines();
  // After the input's gradient: errors are computed before the gradients of parameters.
  const parameterGradients: Line[] = trained.flatMap((s, i) => {
    const own = writer.equationOf(partial(site.loss, s), gradientNodes[i]);
    return [...writer.takeLines(), line(own, "graphRule")];
  });
  return {
    title: words(`layer "${site.kind}"`, `“${site.kind}”层`),
    parameters: trained.map((s) => ({ path: s.key, symbol: s })),
    quantities: writer.quantities,
    constants: writer.constants,
    observed: writer.observed,
    known,
    forward,
    inputGradient: {
      indices: inputEquation.indices,
      element: inputEquation.right,
      rule: "graphRule",
      steps: [],
      before,
    },
    parameterGradients,
  };
}
