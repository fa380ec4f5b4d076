/** The program of the loss over all rows and its gradient. */

import type { Program } from "../backend/index.ts";
import type { Node } from "../ir/index.ts";
import { fromNode, tensor } from "../tensor/index.ts";
import {
  correctSum,
  slopesOf,
  type TrainingInputs,
  type TrainingParts,
  tensorsOf,
  trainingPass,
} from "./program.ts";

/** What {@link lossProgram} leaves to read. */
export interface LossOutputs {
  /** The number to minimize, penalties included. */
  readonly objective: Node;
  /** ∂objective/∂θ for each parameter. */
  readonly gradients: readonly Node[];
  /** The sums over the rows, as in `SumInputs`. */
  readonly loss: Node;
  readonly weight: Node;
  readonly correct: Node | undefined;
}

/** The loss over all rows and its gradient, for optimizers that evaluate several points a step. Random
 * layers have the same numbers each time. */
export function lossProgram(
  name: string,
  parts: TrainingParts,
  inputs: TrainingInputs,
): { readonly program: Program; readonly outputs: LossOutputs } {
  const { x, y } = inputs.data;
  const step = tensor(1, { dtype: "int32" });
  const pass = trainingPass(fromNode(x), fromNode(y), step, parts, inputs);
  const risk = parts.optimizer.risk?.({
    parameters: tensorsOf(inputs.parameters),
    rates: Object.fromEntries(tensorsOf(inputs.rates)),
  });
  const objective = risk === undefined ? pass.objective : pass.objective.add(risk);
  const { lossSum, weightSum } = pass.batchSums;
  const outputs: LossOutputs = {
    objective: objective.node,
    gradients: slopesOf(objective, inputs),
    loss: lossSum.node,
    weight: weightSum.node,
    correct: correctSum(pass.batchSums)?.node,
  };
  const { gradients: slopes, loss, weight, correct } = outputs;
  const nodes = [objective.node, ...slopes, loss, weight, ...(correct ? [correct] : [])];
  return { program: { name, outputs: nodes, updates: pass.layerUpdates }, outputs };
}
