/** The graphs of training: a whole step, and a pass over a validation set, each one program.
 *
 * A step gathers its rows by the epoch's order, runs forward and backward, updates the parameters and
 * adds to the epoch's sums. All it needs lives in inputs, so that an epoch is one call.
 */

import { gradients } from "../autograd/index.ts";
import type { Program, Update } from "../backend/index.ts";
import { build, type InputNode } from "../ir/index.ts";
import type { Loss, Network, Samples } from "../nn/index.ts";
import type { Optimizer } from "../optim/index.ts";
import { fromNode, type Tensor, tensor } from "../tensor/index.ts";

/** The rows of one dataset as inputs. */
export interface DataInputs {
  readonly x: InputNode;
  readonly y: InputNode;
}

/** Sums over the rows of a pass. */
export interface SumInputs {
  /** Batches done. */
  readonly batch: InputNode;
  readonly loss: InputNode;
  /** Rows whose largest output is their class. */
  readonly correct: InputNode;
}

/** All inputs of the training programs. */
export interface TrainingInputs {
  readonly data: DataInputs;
  /** Order of the rows in this epoch, int32 [rows]. */
  readonly order: InputNode;
  /** Learning rate of each step of this epoch. */
  readonly learningRates: InputNode;
  readonly rates: ReadonlyMap<string, InputNode>;
  readonly parameters: ReadonlyMap<string, InputNode>;
  /** The optimizer's state by `path/slot`. */
  readonly slots: ReadonlyMap<string, InputNode>;
  readonly sums: SumInputs;
  /** Steps done, int32 []. */
  readonly step: InputNode;
  /** The first step whose loss was not finite, 0 while there is none, int32 []. */
  readonly brokenStep: InputNode;
  /** Key of the random layers, int32 [2]. */
  readonly key: InputNode;
  readonly classWeights: InputNode | undefined;
}

/** What the programs are built from. */
export interface TrainingParts {
  readonly net: Network;
  readonly loss: Loss;
  readonly optimizer: Optimizer;
  readonly samples: Samples;
  readonly stepsPerEpoch: number;
  readonly isWeighted: boolean;
}

export function dataInputs(name: string, samples: Samples, net: Network): DataInputs {
  const { length, inputShape, targetShape, targets } = samples;
  const isClass = targets instanceof Int32Array;
  return {
    x: build.input(`${name} inputs`, [length, ...inputShape], net.dtype),
    y: build.input(
      `${name} targets`,
      [length, ...(isClass ? [] : targetShape)],
      isClass ? "int32" : net.dtype,
    ),
  };
}

export function sumInputs(name: string, net: Network): SumInputs {
  return {
    batch: build.input(`${name} batch`, [], "int32"),
    loss: build.input(`${name} loss`, [], net.dtype),
    correct: build.input(`${name} correct`, [], "int32"),
  };
}

export function trainingInputs(parts: TrainingParts): TrainingInputs {
  const { net, optimizer, samples, stepsPerEpoch, isWeighted } = parts;
  const parameters = new Map<string, InputNode>();
  const slots = new Map<string, InputNode>();
  for (const [path, { shape }] of net.specs) {
    parameters.set(path, build.input(path, shape, net.dtype));
    for (const slot of optimizer.slots) {
      slots.set(`${path}/${slot}`, build.input(`${path}/${slot}`, shape, net.dtype));
    }
  }
  const rates = Object.keys(optimizer.rates).filter((name) => name !== "learningRate");
  return {
    data: dataInputs("training", samples, net),
    order: build.input("order", [samples.length], "int32"),
    learningRates: build.input("learningRates", [stepsPerEpoch], net.dtype),
    rates: new Map(rates.map((name) => [name, build.input(name, [], net.dtype)])),
    parameters,
    slots,
    sums: sumInputs("training", net),
    step: build.input("step", [], "int32"),
    brokenStep: build.input("brokenStep", [], "int32"),
    key: build.input("key", [2], "int32"),
    classWeights: isWeighted
      ? build.input("classWeights", [net.outputShape[0]], net.dtype)
      : undefined,
  };
}

/** One step on `rows` rows, which start at row `batch · stride` of the epoch's order. */
export function stepProgram(
  name: string,
  rows: number,
  stride: number,
  parts: TrainingParts,
  inputs: TrainingInputs,
): Program {
  const { net, loss, optimizer } = parts;
  const { sums } = inputs;
  const batch = fromNode(sums.batch);
  const positions = counting(rows).add(batch.mul(stride));
  const chosen = fromNode(inputs.order).gather(positions);
  const x = fromNode(inputs.data.x).gather(chosen);
  const y = fromNode(inputs.data.y).gather(chosen);

  const step = fromNode(inputs.step).add(1);
  const parameters = tensorsOf(inputs.parameters);
  const prediction = net.forward(parameters, x, {
    training: true,
    randomKey: randomKeys(fromNode(inputs.key), step),
  });
  const { objective, lossSum } = reduceLoss(loss.perSample(prediction, y), y, loss, inputs);

  const paths = [...inputs.parameters.keys()];
  const one = build.scalar(1, net.dtype);
  const slopes = gradients(
    [{ output: objective.node, gradient: one }],
    [...inputs.parameters.values()],
  );
  const rates: Record<string, Tensor> = Object.fromEntries(tensorsOf(inputs.rates));
  rates.learningRate = fromNode(inputs.learningRates).gather(batch);
  const updates: Update[] = [];
  paths.forEach((path, i) => {
    const result = optimizer.update({
      parameter: parameters.get(path)!,
      gradient: fromNode(slopes[i]),
      slots: Object.fromEntries(
        optimizer.slots.map((slot) => [slot, fromNode(inputs.slots.get(`${path}/${slot}`)!)]),
      ),
      rates,
      step: step.cast(net.dtype),
    });
    updates.push(update(inputs.parameters.get(path)!, result.parameter));
    for (const slot of optimizer.slots) {
      updates.push(update(inputs.slots.get(`${path}/${slot}`)!, result.slots[slot]));
    }
  });

  const isBroken = objective.sub(objective).eq(0).logicalNot();
  const brokenStep = fromNode(inputs.brokenStep);
  const isFirst = brokenStep.eq(0).logicalAnd(isBroken);
  return {
    name,
    outputs: [],
    updates: [
      ...updates,
      ...sumUpdates(sums, lossSum, prediction, y),
      update(inputs.step, step),
      update(inputs.brokenStep, isFirst.where(step, brokenStep)),
    ],
  };
}

/** A pass over `rows` rows in their own order, which start at row `batch · stride`. */
export function evaluationProgram(
  name: string,
  rows: number,
  stride: number,
  { net, loss }: TrainingParts,
  parameters: ReadonlyMap<string, InputNode>,
  data: DataInputs,
  sums: SumInputs,
): Program {
  const positions = counting(rows).add(fromNode(sums.batch).mul(stride));
  const x = fromNode(data.x).gather(positions);
  const y = fromNode(data.y).gather(positions);
  const prediction = net.forward(tensorsOf(parameters), x);
  const lossSum = loss.perSample(prediction, y).sum();
  return { name, outputs: [], updates: sumUpdates(sums, lossSum, prediction, y) };
}

function sumUpdates(sums: SumInputs, lossSum: Tensor, prediction: Tensor, y: Tensor): Update[] {
  const updates = [
    update(sums.batch, fromNode(sums.batch).add(1)),
    update(sums.loss, fromNode(sums.loss).add(lossSum)),
  ];
  if (y.dtype === "int32") {
    const correct = prediction.argMax(1).eq(y).cast("int32").sum();
    updates.push(update(sums.correct, fromNode(sums.correct).add(correct)));
  }
  return updates;
}

/** The number to minimize, and the sum over the rows for the record. */
function reduceLoss(
  perSample: Tensor,
  y: Tensor,
  loss: Loss,
  { classWeights }: TrainingInputs,
): { objective: Tensor; lossSum: Tensor } {
  if (classWeights === undefined) {
    const lossSum = perSample.sum();
    return { objective: loss.reduction === "sum" ? lossSum : perSample.mean(), lossSum };
  }
  const weights = fromNode(classWeights).gather(y);
  const lossSum = perSample.mul(weights).sum();
  // A batch may hold only rows of weight 0: its mean is then 0, not 0/0.
  const total = weights.sum();
  const mean = total.gt(0).where(lossSum.div(total.gt(0).where(total, 1)), 0);
  return { objective: loss.reduction === "sum" ? lossSum : mean, lossSum };
}

/** A key for each call and step: (key₀ + step, key₁ + call). */
function randomKeys(key: Tensor, step: Tensor): () => Tensor {
  let call = 0;
  return () => {
    const offset = tensor([0, call++], { dtype: "int32" });
    const ofStep = step.reshape([1]).pad([[0, 1]]);
    return key.add(ofStep).add(offset);
  };
}

function counting(rows: number): Tensor {
  return fromNode(build.iota(0, [rows], "int32"));
}

function tensorsOf(nodes: ReadonlyMap<string, InputNode>): Map<string, Tensor> {
  return new Map([...nodes].map(([name, node]) => [name, fromNode(node)]));
}

function update(target: InputNode, value: Tensor): Update {
  return { target, value: value.node };
}
