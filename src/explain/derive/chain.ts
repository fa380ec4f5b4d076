/** Arranges layers in a row as stages. */

import type { Shape } from "../../ir/index.ts";
import { activations } from "../activations/catalogue.ts";
import { callsOf, type ExplainedCall, type ExplainedJoin, isJoin, tracePart } from "../calls.ts";
import { at, equation, type MathSymbol, symbol } from "../math/index.ts";
import { type ExplainedLayer, traceShape } from "../model.ts";
import { words } from "../words.ts";
import { line } from "./derivation.ts";
import { fromJoin } from "./operations/fromGraph.ts";
import { keepsValues, operationOf } from "./operations/operationOf.ts";
import { type Place, type Setting, siteAt } from "./place.ts";
import { residual } from "./residual.ts";
import { type CallStage, type MakeStage, type SignalValue, signalOperation } from "./signals.ts";
import type { Operation, Site } from "./site.ts";
import { allIndices, type Chain, type Stage, type StageActivation } from "./stages.ts";

/** A layer and the path of its parameters. */
export interface Placed {
  readonly layer: ExplainedLayer;
  readonly path: string;
}

/** Children of containers in a row become part of the row. */
export function placed(layers: readonly ExplainedLayer[], prefix = ""): Placed[] {
  return layers.flatMap((layer, i) =>
    layer.kind === "sequential"
      ? placed(layer.children as readonly ExplainedLayer[], `${prefix}${i}.`)
      : [{ layer, path: `${prefix}${i}.` }],
  );
}

interface ChainStart {
  readonly layers: readonly Placed[];
  readonly input: MathSymbol;
  readonly inputShape: Shape;
  readonly labelPrefix: string;
  readonly firstKey: number;
  /** Whether something below the chain needs ∂C/∂input. */
  readonly needsInputGradient: boolean;
}

function activationOf({ layer }: Placed): StageActivation | undefined {
  if (layer.kind === "softmax") return { kind: "softmax" };
  const entry = activations[layer.kind];
  return entry && { kind: "function", function: entry.make(layer.options) };
}

/** Arranges layers in a row as stages: each layer with the activation that follows it. */
export function buildChain(setting: Setting, start: ChainStart): Chain {
  const { layers, labelPrefix } = start;
  const stages: Stage[] = [];
  let input = start.input;
  let shape = start.inputShape;
  let keys = start.firstKey;
  let i = 0;
  while (i < layers.length) {
    const label = `${labelPrefix}${stages.length + 1}`;
    const opens = activationOf(layers[i]) === undefined;
    const own = opens ? layers[i++] : undefined;
    const activation = i < layers.length ? activationOf(layers[i]) : undefined;
    if (activation) i++;
    const needsInputGradient = start.needsInputGradient || stages.length > 0;
    const place = { setting, label, input, shape, firstKey: keys, needsInputGradient };
    const stage = own
      ? layerStage(place, own, activation)
      : { ...activationStage(place, activation!), keys: 0 };
    stages.push(stage);
    keys += stage.keys;
    input = stage.result;
    shape = stage.site.outputShape;
  }
  return {
    stages,
    input: start.input,
    result: input,
    resultShape: shape,
    keys: keys - start.firstKey,
  };
}

function layerStage(
  place: Place,
  { layer, path }: Placed,
  activation: StageActivation | undefined,
): Stage & { readonly keys: number } {
  const { shape: outputShape, keys } = traceShape(layer, place.shape, place.setting.training);
  const isPlain = keepsValues(layer.kind) && activation === undefined;
  const { site, a } = siteAt(place, { layer, path, outputShape, isPlain });
  return {
    site,
    ...operationAt(place, path, site, keys),
    ...(activation && { activation }),
    result: activation ? a : site.output,
    keys,
  };
}

/** The equations of a layer, and the chain within it where it is made of others. */
function operationAt(
  place: Place,
  path: string,
  site: Site,
  keys: number,
): Pick<Stage, "operation" | "inner"> {
  const { layer, input, output: result, outputShape: resultShape } = site;
  const calls = callsOf(layer);
  if (calls) {
    const { operation, stages } = signalOperation(site, calls, stageMaker(place, path));
    return { operation, inner: { stages, input, result, resultShape, keys } };
  }
  if (layer.kind !== "residual") return { operation: operationOf(site) };
  const inner = residualChain(place, site, path);
  return { operation: residual(site, inner), inner };
}

/** Makes the stages of a layer made of signals, whose random keys follow one another in the order of the calls. */
function stageMaker(outer: Place, path: string): MakeStage {
  const { setting } = outer;
  let firstKey = outer.firstKey;
  const functionOf = ({ part, parameters }: ExplainedCall) =>
    isJoin(part) ? undefined : activationOf({ layer: part, path: parameters });
  return {
    activationOf: functionOf,
    ofCall: (call, inputs, { label, parameterLabel }, activation) => {
      const { part, name, parameters } = call;
      const [{ symbol: input, shape }] = inputs;
      const place: Place = {
        setting,
        label,
        input,
        shape,
        firstKey,
        needsInputGradient: inputs.some(({ needsGradient }) => needsGradient),
        ...(parameterLabel !== undefined && { parameterLabel }),
      };
      firstKey += tracePart(
        part,
        inputs.map((each) => each.shape),
        setting.training,
      ).keys;
      const prefix = `${path}${parameters}.`;
      if (isJoin(part)) return joinStage(place, part, prefix, { name, inputs, activation });
      const alone = functionOf(call);
      const stage = alone
        ? activationStage(place, alone)
        : layerStage(place, { layer: part, path: prefix }, activation);
      const gradients = [stage.site.needsInputGradient ? stage.operation.inputGradient : undefined];
      return { stage: { ...stage, name }, gradients };
    },
  };
}

/** A join of several values. */
function joinStage(
  place: Place,
  join: ExplainedJoin,
  path: string,
  call: {
    readonly name: string;
    readonly inputs: readonly SignalValue[];
    readonly activation: StageActivation | undefined;
  },
): CallStage {
  const { inputs, activation, name } = call;
  const shapes = inputs.map(({ shape }) => shape);
  const layer: ExplainedLayer = {
    kind: join.kind,
    options: join.options,
    children: [],
    parameters: () => join.parameters(shapes),
    forward: (parameters, x, context) => join.forward(parameters, [x], context),
  };
  const { shape } = tracePart(join, shapes, place.setting.training);
  const { site, a } = siteAt(place, {
    layer,
    path,
    outputShape: shape,
    isPlain: activation === undefined,
  });
  const { operation, gradients } = fromJoin(site, join, inputs);
  const result = activation ? a : site.output;
  return { stage: { site, operation, ...(activation && { activation }), result, name }, gradients };
}

/** An activation that follows no layer of its own: z⁽ˡ⁾ = a⁽ˡ⁻¹⁾. */
function activationStage(place: Place, activation: StageActivation): Stage {
  const identity: ExplainedLayer = {
    kind: "identity",
    options: {},
    children: [],
    parameters: () => ({}),
    forward: (_, x) => x,
  };
  const { site, a } = siteAt(place, {
    layer: identity,
    path: "",
    outputShape: place.shape,
    isPlain: false,
  });
  const indices = allIndices(site);
  const operation: Operation = {
    title: words("activation", "激活"),
    parameters: [],
    quantities: [],
    forward: [line(equation(site.output, [], symbol(site.input)), "forward")],
    inputGradient: {
      indices,
      element: at(site.error, indices),
      whole: symbol(site.error),
      rule: "chainRule",
      steps: [],
      before: [],
    },
    parameterGradients: [],
  };
  return { site, operation, activation, result: a };
}

function residualChain(place: Place, site: Site, path: string): Chain {
  return buildChain(place.setting, {
    layers: placed(site.layer.children as readonly ExplainedLayer[], path),
    input: place.input,
    inputShape: place.shape,
    labelPrefix: `${place.label}.`,
    firstKey: place.firstKey,
    needsInputGradient: place.needsInputGradient,
  });
}
