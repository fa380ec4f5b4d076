/** Finding out where a run broke, which layer first gave values that are not finite: loaded when one does. */

import { epochOrder } from "../data/batches.ts";
import type { Dataset } from "../data/index.ts";
import type { TensorData } from "../ir/index.ts";
import type { Network } from "../nn/index.ts";
import { outputShapeOf } from "../nn/outputShape.ts";
import { flattenSpecs } from "../nn/parameter.ts";
import { type Tensor, tensor } from "../tensor/index.ts";
import { NumericalError, nestByPath } from "../util/index.ts";
import type { Snapshot, TrainingSession } from "./session.ts";

/** A state to go back to, and the epoch that follows it or that it lies in. */
export interface Anchor {
  readonly snapshot: Snapshot;
  readonly epoch: number;
  /** Steps of that epoch done. */
  readonly done: number;
  readonly at: number;
}

/** What the step at which the loss stopped being finite began with. */
interface Breakdown {
  /** The parameters before that step. */
  readonly weights: ReadonlyMap<string, TensorData>;
  /** The rows of that step. */
  readonly batch: Pick<Dataset, "inputs" | "length">;
}

/** Goes back and repeats the steps before the one at which the loss stopped being finite.
 *
 * @param step that step, from 1
 * @returns an error that names it, the first layer whose values broke, and what to try */
export async function explainBreakdown(
  net: Network,
  session: TrainingSession,
  anchor: Anchor,
  step: number,
): Promise<NumericalError> {
  const { stepsPerEpoch } = session;
  const last = Math.ceil(step / stepsPerEpoch);
  const index = step - 1 - (last - 1) * stepsPerEpoch;
  session.restore(anchor.snapshot);
  for (let epoch = anchor.epoch; epoch <= last; epoch++) {
    const done = epoch === anchor.epoch ? anchor.done : 0;
    session.beginEpoch(epoch, done);
    const end = epoch === last ? index : stepsPerEpoch;
    for (let at = done; at < end; ) {
      const count = Math.min(end - at, await session.prepare(epoch, at));
      for (const _ of session.steps(epoch, at, count));
      at += count;
    }
  }
  const learningRate = session.learningRateAt(last, index);
  const weights = session.trainingWeights();
  const batch = await batchOfStep(session, last, index);
  return new NumericalError(
    `Training broke at step ${step} (epoch ${last}): the loss is not finite. ` +
      `${firstBrokenLayer(net, { weights, batch })} ` +
      `Try a smaller learning rate (it was ${learningRate}), standardized inputs ` +
      `(the largest of this step is ${largest(batch.inputs).toPrecision(3)}), ` +
      "or another initializer.",
  );
}

/** The rows that step `index` (from 0) of an epoch (from 1) takes, as it sees them. */
async function batchOfStep(
  session: TrainingSession,
  epoch: number,
  index: number,
): Promise<Breakdown["batch"]> {
  const { data } = session;
  const { seed, shuffle, batchSize, chunks } = session.options;
  const order = epochOrder(data.length, { seed, epoch, shuffle });
  const batch = data.subset(order.subarray(index * batchSize, (index + 1) * batchSize));
  if (chunks === undefined) return batch;
  await session.prepare(epoch, index);
  const inputs = session.loadedInputs();
  const start = (index % chunks.steps) * batchSize * batch.inputSize;
  return { length: batch.length, inputs: inputs.subarray(start, start + batch.inputs.length) };
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
