/** The graphs of training: a whole step, and a pass over a validation set, each one program.
 *
 * A step gathers its rows by the epoch's order, runs forward and backward, updates the parameters and
 * adds to the epoch's sums. All it needs lives in inputs, so that an epoch is one call.
 */

import { gradients } from "../autograd/index.ts";
import type { Program, Update } from "../backend/index.ts";
import { build, type InputNode, type Node } from "../ir/index.ts";
import { isTrained, type Loss, type Network, type Samples, weightedMean } from "../nn/index.ts";
import { sampleWeights } from "../nn/losses/loss.ts";
import { type EvaluatingOptimizer, isEvaluating, type Optimizer } from "../optim/index.ts";
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
  /** How much the rows count: 1 each, or the weights of their labels. */
  readonly weight: InputNode;
  /** Rows whose largest output is their class. */
  readonly correct: InputNode;
}

/** All inputs of the training programs. */
export interface TrainingInputs {
  readonly data: DataInputs;
  /** Order of the rows in this epoch, int32 [steps, rows of a step], zeros behind the last. */
  readonly order: InputNode;
  /** Learning rate of each step of this epoch. */
  readonly learningRates: InputNode;
  readonly rates: ReadonlyMap<string, InputNode>;
  /** What the optimizer updates. */
  readonly parameters: ReadonlyMap<string, InputNode>;
  /** The layers' state: what they update themselves, such as running means. */
  readonly layerState: ReadonlyMap<string, InputNode>;
  /** The optimizer's state by its own names. */
  readonly optimizerState: ReadonlyMap<string, InputNode>;
  readonly sums: SumInputs;
  /** Steps done, int32 []. */
  readonly step: InputNode;
  /** The first step whose loss was not finite, 0 while there is none, int32 []. */
  readonly brokenStep: InputNode;
  /** Key of the random layers, int32 [2]. */
  readonly key: InputNode;
  readonly classWeights: InputNode | undefined;
}

/** What the programs depend on of the rows; of the targets their type. */
export type SampleShapes = Pick<Samples, "length" | "inputShape" | "targetShape" | "targets">;

/** What the programs are built from. */
export interface TrainingParts<Used = Optimizer | EvaluatingOptimizer> {
  readonly net: Network;
  readonly loss: Loss;
  readonly optimizer: Used;
  readonly samples: SampleShapes;
  /** Rows of a step; the last one of an epoch may have fewer. */
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly isWeighted: boolean;
}

export function dataInputs(name: string, samples: SampleShapes, net: Network): DataInputs {
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
    weight: build.input(`${name} weight`, [], net.dtype),
    correct: build.input(`${name} correct`, [], "int32"),
  };
}

export function trainingInputs(parts: TrainingParts): TrainingInputs {
  const { net, optimizer, samples, batchSize, stepsPerEpoch, isWeighted } = parts;
  const parameters = new Map<string, InputNode>();
  const layerState = new Map<string, InputNode>();
  for (const [path, spec] of net.specs) {
    const { shape } = spec;
    const node = build.input(path, shape, net.dtype);
    (isTrained(spec) ? parameters : layerState).set(path, node);
  }
  const shapes = new Map([...parameters].map(([path, { shape }]) => [path, shape]));
  const optimizerState = new Map<string, InputNode>();
  const specs = isEvaluating(optimizer) ? new Map() : optimizer.state(shapes);
  for (const [name, { shape }] of specs) {
    optimizerState.set(name, build.input(name, shape, net.dtype));
  }
  const rates = Object.keys(optimizer.rates).filter((name) => name !== "learningRate");
  return {
    data: dataInputs("training", samples, net),
    order: build.input("order", [stepsPerEpoch, batchSize], "int32"),
    learningRates: build.input("learningRates", [stepsPerEpoch], net.dtype),
    rates: new Map(rates.map((name) => [name, build.input(name, [], net.dtype)])),
    parameters,
    layerState,
    optimizerState,
    sums: sumInputs("training", net),
    step: build.input("step", [], "int32"),
    brokenStep: build.input("brokenStep", [], "int32"),
    key: build.input("key", [2], "int32"),
    classWeights: isWeighted
      ? build.input("classWeights", [net.outputShape[0]], net.dtype)
      : undefined,
  };
}

/** One step on the first `rows` rows of its batch in the epoch's order. */
export function stepProgram(
  name: string,
  rows: number,
  parts: TrainingParts<Optimizer>,
  inputs: TrainingInputs,
): Program {
  const { sums } = inputs;
  const batch = fromNode(sums.batch);
  const chosen = fromNode(inputs.order).gather(batch).slice([0, rows]);
  const x = fromNode(inputs.data.x).gather(chosen);
  const y = fromNode(inputs.data.y).gather(chosen);
  const step = fromNode(inputs.step).add(1);
  const { objective, layerUpdates, batchSums } = trainingPass(x, y, step, parts, inputs);
  const updates = optimizerUpdates(objective, batch, step, parts, inputs);
  const isBroken = objective.sub(objective).eq(0).logicalNot();
  const brokenStep = fromNode(inputs.brokenStep);
  const isFirst = brokenStep.eq(0).logicalAnd(isBroken);
  return {
    name,
    outputs: [],
    updates: [
      ...updates,
      ...layerUpdates,
      ...sumUpdates(sums, batchSums),
      update(inputs.step, step),
      update(inputs.brokenStep, isFirst.where(step, brokenStep)),
    ],
  };
}

/** The network in training mode on some rows, and its loss. */
export function trainingPass(
  x: Tensor,
  y: Tensor,
  step: Tensor,
  { net, loss }: TrainingParts,
  inputs: TrainingInputs,
): { objective: Tensor; layerUpdates: Update[]; batchSums: BatchSums } {
  const layerState = tensorsOf(inputs.layerState);
  const nextState = new Map<Tensor, Tensor>();
  const prediction = net.forward(new Map([...tensorsOf(inputs.parameters), ...layerState]), x, {
    training: true,
    randomKey: randomKeys(fromNode(inputs.key), step),
    update: (state, next) => nextState.set(state, next),
  });
  const { objective, lossSum, weightSum } = reduceLoss(prediction, y, loss, inputs);
  const layerUpdates: Update[] = [];
  for (const [path, state] of layerState) {
    const next = nextState.get(state);
    if (next !== undefined) layerUpdates.push(update(inputs.layerState.get(path)!, next));
  }
  return { objective, layerUpdates, batchSums: { lossSum, weightSum, prediction, y, loss } };
}

/** ∂objective/∂θ for each parameter. */
export function slopesOf(objective: Tensor, { parameters }: TrainingInputs): Node[] {
  const one = build.scalar(1, objective.dtype);
  return gradients([{ output: objective.node, gradient: one }], [...parameters.values()]);
}

/** The next parameters and states of the optimizer. */
function optimizerUpdates(
  objective: Tensor,
  batch: Tensor,
  step: Tensor,
  { net, optimizer }: TrainingParts<Optimizer>,
  inputs: TrainingInputs,
): Update[] {
  const slopes = slopesOf(objective, inputs);
  const paths = [...inputs.parameters.keys()];
  const next = optimizer.step({
    parameters: tensorsOf(inputs.parameters),
    gradients: new Map(paths.map((path, i) => [path, fromNode(slopes[i])])),
    state: tensorsOf(inputs.optimizerState),
    rates: {
      ...Object.fromEntries(tensorsOf(inputs.rates)),
      learningRate: fromNode(inputs.learningRates).gather(batch),
    },
    step: step.cast(net.dtype),
  });
  return [
    ...[...inputs.parameters].map(([path, node]) => update(node, next.parameters.get(path)!)),
    ...[...inputs.optimizerState].map(([name, node]) => update(node, next.state.get(name)!)),
  ];
}

/** Everything that the network's forward graph reads: parameters and the layers' state. */
export function weightInputs({ parameters, layerState }: TrainingInputs): Map<string, InputNode> {
  return new Map([...parameters, ...layerState]);
}

/** What the network is evaluated with: of an optimizer that averages weights, the averages. */
export function evaluatedInputs(
  inputs: TrainingInputs,
  optimizer: TrainingParts["optimizer"],
): Map<string, InputNode> {
  if (isEvaluating(optimizer)) return weightInputs(inputs);
  const nodes = weightInputs(inputs);
  for (const path of inputs.parameters.keys()) {
    const name = optimizer.evaluated?.(path);
    if (name !== undefined) nodes.set(path, inputs.optimizerState.get(name)!);
  }
  return nodes;
}

/** What the programs of a pass over a validation set are built from. */
export interface EvaluationParts {
  readonly net: Network;
  readonly loss: Loss;
  /** What the network is evaluated with, by path. */
  readonly weights: ReadonlyMap<string, InputNode>;
  readonly data: DataInputs;
  readonly sums: SumInputs;
  /** Rows from the beginning of one batch to that of the next. */
  readonly stride: number;
}

/** A pass over `rows` rows in their own order, which start at row `batch · stride`. */
export function evaluationProgram(
  name: string,
  rows: number,
  { net, loss, weights, data, sums, stride }: EvaluationParts,
): Program {
  const positions = counting(rows).add(fromNode(sums.batch).mul(stride));
  const x = fromNode(data.x).gather(positions);
  const y = fromNode(data.y).gather(positions);
  const prediction = net.forward(tensorsOf(weights), x);
  const lossSum = loss.perSample(prediction, y).sum();
  const weightSum = sampleWeights(loss, prediction, y).sum();
  return {
    name,
    outputs: [],
    updates: sumUpdates(sums, { lossSum, weightSum, prediction, y, loss }),
  };
}

interface BatchSums {
  readonly lossSum: Tensor;
  readonly weightSum: Tensor;
  readonly prediction: Tensor;
  readonly y: Tensor;
  readonly loss: Loss;
}

function sumUpdates(sums: SumInputs, batchSums: BatchSums): Update[] {
  const updates = [
    update(sums.batch, fromNode(sums.batch).add(1)),
    update(sums.loss, fromNode(sums.loss).add(batchSums.lossSum)),
    update(sums.weight, fromNode(sums.weight).add(batchSums.weightSum)),
  ];
  const correct = correctSum(batchSums);
  if (correct !== undefined) {
    updates.push(update(sums.correct, fromNode(sums.correct).add(correct)));
  }
  return updates;
}

/** Rows whose class is the predicted one; undefined for targets that are no classes. */
export function correctSum({ prediction, y, loss }: BatchSums): Tensor | undefined {
  if (y.dtype !== "int32") return undefined;
  return loss.classify(prediction).eq(y).cast("int32").sum();
}

/** The number to minimize, and for the record the sums of losses and weights over the rows. */
function reduceLoss(
  prediction: Tensor,
  y: Tensor,
  loss: Loss,
  { classWeights }: TrainingInputs,
): { objective: Tensor; lossSum: Tensor; weightSum: Tensor } {
  const plain = loss.perSample(prediction, y);
  const ofLoss = sampleWeights(loss, prediction, y);
  const ofRows = classWeights === undefined ? undefined : fromNode(classWeights).gather(y);
  const perSample = ofRows === undefined ? plain : plain.mul(ofRows);
  const weights = ofRows === undefined ? ofLoss : ofLoss.mul(ofRows);
  const lossSum = perSample.sum();
  const isPlain = ofRows === undefined && loss.sampleWeights === undefined;
  const mean = isPlain ? perSample.mean() : weightedMean(perSample, weights);
  return {
    objective: loss.reduction === "sum" ? lossSum : mean,
    lossSum,
    weightSum: weights.sum(),
  };
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

export function tensorsOf(nodes: ReadonlyMap<string, InputNode>): Map<string, Tensor> {
  return new Map([...nodes].map(([name, node]) => [name, fromNode(node)]));
}

function update(target: InputNode, value: Tensor): Update {
  return { target, value: value.node };
}
