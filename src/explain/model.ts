/** What a network, a loss and an optimizer have to offer to be explained: their structure, not their class. */

import { build, type FloatDType, type Node, type Shape, type TensorData } from "../ir/index.ts";
import { fromNode, type Tensor, tensor } from "../tensor/index.ts";
import { nestByPath } from "../util/index.ts";

/** What a forward graph may depend on besides parameters and input. */
export interface ExplainedContext {
  readonly training: boolean;
  readonly randomKey: () => Tensor;
  readonly update: (state: Tensor, next: Tensor) => void;
}

/** A layer: plain data and two pure functions; every layer of `chainrule/nn` is one. */
export interface ExplainedLayer {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly children: readonly unknown[];
  parameters(input: Shape): unknown;
  forward(parameters: unknown, x: Tensor, context: ExplainedContext): Tensor;
}

/** A network: layers in a row with the present values of their parameters. */
export interface ExplainedNetwork {
  readonly input: Shape;
  readonly layers: readonly ExplainedLayer[];
  readonly dtype: FloatDType;
  readonly weights: ReadonlyMap<string, TensorData>;
}

/** A loss; every loss of `chainrule/nn` is one. */
export interface ExplainedLoss {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly reduction: "mean" | "sum";
  perSample(prediction: Tensor, target: Tensor): Tensor;
  /** How much each sample counts in the mean; 1 without it. */
  sampleWeights?(prediction: Tensor, target: Tensor): Tensor;
}

/** An optimizer; every optimizer of `chainrule/optim` is one. Those that search along lines have no
 * graph of a step (`needs`), and no update to derive. */
export interface ExplainedOptimizer {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly rates: Readonly<Record<string, number>>;
  readonly needs?: unknown;
  state?: unknown;
  step?: unknown;
}

/** One tensor of an optimizer's state. */
export interface ExplainedState {
  readonly shape: Shape;
  readonly initial: number | { readonly parameter: string };
}

/** The state that an optimizer keeps for parameters of some shapes; none for a line search. */
export function stateOf(
  optimizer: ExplainedOptimizer,
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, ExplainedState> {
  if (optimizer.needs !== undefined) return new Map();
  type Of = (shapes: ReadonlyMap<string, Shape>) => ReadonlyMap<string, ExplainedState>;
  return (optimizer.state as Of)(shapes);
}

type ByPath = ReadonlyMap<string, Tensor>;

/** One update of all parameters as a graph. */
export function stepOf(
  optimizer: ExplainedOptimizer,
  inputs: {
    readonly parameters: ByPath;
    readonly gradients: ByPath;
    readonly state: ByPath;
    readonly rates: Readonly<Record<string, Tensor>>;
    readonly step: Tensor;
  },
): { readonly parameters: ByPath; readonly state: ByPath } {
  type Step = (given: typeof inputs) => { readonly parameters: ByPath; readonly state: ByPath };
  return (optimizer.step as Step).call(optimizer, inputs);
}

/** A parameter, or a piece of state, of a layer. */
export interface ExplainedParameter {
  readonly shape: Shape;
  readonly isTrained: boolean;
}

interface SpecLike {
  readonly shape: Shape;
  readonly isTrained?: boolean;
}

const isSpec = (value: unknown): value is SpecLike =>
  typeof value === "object" && value !== null && Array.isArray((value as SpecLike).shape);

/** The parameters of a layer by name; those of children by path, such as `0.weight`. */
export function parametersOf(layer: ExplainedLayer, input: Shape): Map<string, ExplainedParameter> {
  return parameterSpecsOf(layer.parameters(input));
}

/** The specifications that a layer gives, by path. */
export function parameterSpecsOf(given: unknown): Map<string, ExplainedParameter> {
  const found = new Map<string, ExplainedParameter>();
  const visit = (specs: unknown, prefix: string): void => {
    for (const [name, value] of Object.entries((specs ?? {}) as Record<string, unknown>)) {
      if (value === undefined) continue;
      if (isSpec(value)) {
        const { shape, isTrained = true } = value;
        found.set(prefix + name, { shape, isTrained });
      } else visit(value, `${prefix}${name}.`);
    }
  };
  visit(given, "");
  return found;
}

/** A context whose random keys are numbered, so that a layer draws the same numbers again. */
export function contextOf(
  training: boolean,
  firstKey = 0,
): ExplainedContext & { readonly keysTaken: () => number } {
  let next = firstKey;
  return {
    training,
    randomKey: () => tensor(Int32Array.of(2026, next++), { dtype: "int32", shape: [2] }),
    update: () => {},
    keysTaken: () => next - firstKey,
  };
}

/** The shape of one result for samples of one shape, and how many random keys a pass takes. */
export function traceShape(
  layer: ExplainedLayer,
  input: Shape,
  training: boolean,
): { readonly shape: Shape; readonly keys: number } {
  const parameters = new Map(
    [...parametersOf(layer, input)].map(([name, { shape }]) => [
      name,
      fromNode(build.input(name, shape, "float64")),
    ]),
  );
  const x = fromNode(build.input("x", [2, ...input], "float64"));
  const context = contextOf(training);
  const { shape } = layer.forward(nestByPath(parameters), x, context);
  return { shape: shape.slice(1), keys: context.keysTaken() };
}

/** The loss of a batch, a scalar node: the mean or the sum of its samples' losses, as the loss has it. */
export function batchLoss(loss: ExplainedLoss, prediction: Node, target: Node): Node {
  const [p, t] = [fromNode(prediction), fromNode(target)];
  const each = loss.perSample(p, t);
  if (loss.reduction === "sum") return each.sum().node;
  const weights = loss.sampleWeights?.(p, t);
  return (weights === undefined ? each.mean() : each.sum().div(weights.sum())).node;
}
