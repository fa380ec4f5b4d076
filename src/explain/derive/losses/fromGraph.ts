/** Equations of any loss from its graph and the gradient rules of the graph. */

import { gradients } from "../../../autograd/index.ts";
import { simplify } from "../../../compile/index.ts";
import { build, type Node } from "../../../ir/index.ts";
import { type MathSymbol, partial } from "../../math/index.ts";
import { batchLoss } from "../../model.ts";
import { words } from "../../words.ts";
import { line } from "../derivation.ts";
import { GraphWriter } from "../graphMath.ts";
import type { LossEquations, LossSite } from "./site.ts";

export function lossFromGraph(site: LossSite): LossEquations {
  const { loss, prediction, target, value } = site;
  const known = new Map<Node, MathSymbol>();
  const z = build.input("prediction", prediction.shape, "float64");
  const isLabels = target.shape.length < prediction.shape.length;
  const y = build.input("target", target.shape, isLabels ? "int32" : "float64");
  known.set(z, prediction);
  known.set(y, target);
  const rows = (node: Node) =>
    site.batch === undefined ? build.reshape(node, [1, ...node.shape]) : node;
  const scalar = batchLoss(loss, rows(z), rows(y));
  const [dz] = gradients([{ output: scalar, gradient: build.fullLike(1, scalar) }], [z]);
  const [forwardNode, gradientNode] = simplify([scalar, dz]);
  const writer = new GraphWriter(known, [forwardNode, gradientNode], (n) => ({
    key: `loss.v${n}`,
    letter: "v",
    mark: String(n),
  }));
  const result = writer.equationOf(value, forwardNode);
  const forward = [...writer.takeLines(), line(result, "definition")];
  const { indices, right } = writer.equationOf(partial(value, prediction), gradientNode);
  return {
    title: words(`loss "${loss.kind}"`, `“${loss.kind}”损失`),
    quantities: writer.quantities,
    constants: writer.constants,
    observed: writer.observed,
    known,
    forward,
    gradient: { indices, element: right, rule: "graphRule", steps: [], before: writer.takeLines() },
  };
}
