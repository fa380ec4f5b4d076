/** Finding out where a run broke: which layer first gave values that are not finite. */

import type { Dataset } from "../data/index.ts";
import type { TensorData } from "../ir/index.ts";
import type { Network } from "../nn/index.ts";
import { flattenSpecs, outputShapeOf } from "../nn/index.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import { NumericalError, nestByPath } from "../util/index.ts";

/** The step at which the loss stopped being finite. */
export interface Breakdown {
  readonly step: number;
  readonly epoch: number;
  readonly learningRate: number;
  /** The parameters before that step. */
  readonly weights: ReadonlyMap<string, TensorData>;
  /** The rows of that step. */
  readonly batch: Dataset;
}

/** An error that names the step, the first layer whose values broke, and what to try. */
export function explainBreakdown(net: Network, breakdown: Breakdown): NumericalError {
  const { step, epoch, learningRate } = breakdown;
  return new NumericalError(
    `Training broke at step ${step} (epoch ${epoch}): the loss is not finite. ` +
      `${firstBrokenLayer(net, breakdown)} ` +
      `Try a smaller learning rate (it was ${learningRate}), standardized inputs ` +
      `(the largest of this step is ${largest(breakdown.batch.inputs).toPrecision(3)}), ` +
      "or another initializer.",
  );
}

function firstBrokenLayer(net: Network, { weights, batch }: Breakdown): string {
  let shape = net.input;
  let x: Tensor = tensor(batch.inputs, { dtype: net.dtype, shape: [batch.length, ...shape] });
  for (const [i, layer] of net.layers.entries()) {
    const specs = layer.parameters(shape);
    const parameters = new Map<string, Tensor>();
    for (const [path, spec] of flattenSpecs(specs)) {
      const values = weights.get(`${i}.${path}`)!;
      if (!values.every(Number.isFinite)) {
        return `The first values to break are the parameter "${path}" of layer ${i} (${layer.kind}).`;
      }
      parameters.set(path, tensor(values, { dtype: net.dtype, shape: spec.shape }));
    }
    x = layer.forward(nestByPath(parameters), x, {
      training: true,
      randomKey: () => zeroKey(),
      update: () => {},
    });
    if (!x.data.every(Number.isFinite)) {
      return `The first values to break are the outputs of layer ${i} (${layer.kind}).`;
    }
    shape = outputShapeOf(layer, shape);
  }
  return "All layers give finite values: the loss itself breaks.";
}

/** Any key shows the same overflow. */
function zeroKey(): Tensor {
  return tensor([0, 0], { dtype: "int32" });
}

function largest(values: ArrayLike<number>): number {
  let result = 0;
  for (let i = 0; i < values.length; i++) result = Math.max(result, Math.abs(values[i]));
  return result;
}
