/** Arranges layers in a row as stages, with their quantities. */

import type { Node, Shape } from "../../ir/index.ts";
import { activations } from "../activations/catalogue.ts";
import { callsOf, type ExplainedCall, type ExplainedJoin, isJoin, tracePart } from "../calls.ts";
import {
  add,
  at,
  equation,
  type MathFunction,
  type MathSymbol,
  type NumberArray,
  symbol,
} from "../math/index.ts";
import { type ExplainedLayer, parametersOf, traceShape } from "../model.ts";
import { type Words, words } from "../words.ts";
import type { DerivedLayer, DerivedParameter } from "./derivation.ts";
import { line } from "./derivation.ts";
import { fromJoin } from "./operations/fromGraph.ts";
import { keepsValues, operationOf } from "./operations/operationOf.ts";
import { type CallStage, type MakeStage, type SignalValue, signalOperation } from "./signals.ts";
import type { Operation, Site, SiteParameter } from "./site.ts";

import {
  allIndices,
  backwards,
  type Chain,
  forwards,
  type Stage,
  type StageActivation,
  stageTitle,
} from "./stages.ts";

/** What holds for the whole derivation. */
export interface Setting {
  readonly batch: number | undefined;
  readonly training: boolean;
  /** C. */
  readonly loss: MathSymbol;
}

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

const letterFor = (letter: string, rank: number): string => {
  if (rank < 2) return letter;
  return letter === "δ" ? "Δ" : letter.toUpperCase();
};

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

/** Arranges layers as stages. */
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
    const follower = i < layers.length ? activationOf(layers[i]) : undefined;
    const activation = follower;
    if (follower) i++;
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

interface Place {
  readonly setting: Setting;
  /** The layer whose parameters it shares. */
  readonly parameterLabel?: string;
  readonly label: string;
  readonly input: MathSymbol;
  readonly shape: Shape;
  readonly firstKey: number;
  readonly needsInputGradient: boolean;
}

function quantity(
  { setting, label }: Place,
  name: string,
  letter: string,
  shape: Shape,
  meaning: Words,
): MathSymbol {
  const full = setting.batch === undefined ? shape : [setting.batch, ...shape];
  return {
    key: `${label}.${name}`,
    letter: letterFor(letter, full.length),
    layer: label,
    shape: full,
    meaning,
  };
}

function symbolsAt(place: Place, outputShape: Shape, isPlain: boolean) {
  const z = isPlain
    ? quantity(place, "z", "a", outputShape, words("result", "输出"))
    : quantity(place, "z", "z", outputShape, words("weighted input", "加权输入"));
  const a = quantity(place, "a", "a", outputShape, words("activation", "激活值"));
  const error = quantity(
    place,
    "δ",
    "δ",
    outputShape,
    words(`error ∂C/∂${z.letter}`, `误差 ∂C/∂${z.letter}`),
  );
  return { z, a, error };
}

function siteAt(
  place: Place,
  layer: ExplainedLayer,
  path: string,
  outputShape: Shape,
  isPlain: boolean,
): { site: Site; a: MathSymbol } {
  const { setting, label, input, shape } = place;
  const { z, a, error } = symbolsAt(place, outputShape, isPlain);
  const parameters = new Map(
    [...parametersOf(layer, shape)].map(([name, spec]): [string, SiteParameter] => [
      name,
      { ...spec, path: path + name },
    ]),
  );
  const site: Site = {
    kind: layer.kind,
    options: layer.options,
    label,
    batch: setting.batch,
    training: setting.training,
    loss: setting.loss,
    input,
    output: z,
    inputShape: shape,
    outputShape,
    error,
    parameters,
    needsInputGradient: place.needsInputGradient,
    layer,
    firstKey: place.firstKey,
    ...(place.parameterLabel !== undefined && { parameterLabel: place.parameterLabel }),
  };
  return { site, a };
}

function layerStage(
  place: Place,
  { layer, path }: Placed,
  activation: StageActivation | undefined,
): Stage & { readonly keys: number } {
  const traced = traceShape(layer, place.shape, place.setting.training);
  const isPlain = keepsValues(layer.kind) && activation === undefined;
  const { site, a } = siteAt(place, layer, path, traced.shape, isPlain);
  const calls = callsOf(layer);
  const inner = layer.kind === "residual" ? residualChain(place, site, path) : undefined;
  if (calls) {
    const { operation, stages } = signalOperation(site, calls, stageMaker(place, path));
    return {
      site,
      operation,
      ...(activation && { activation }),
      result: activation ? a : site.output,
      inner: {
        stages,
        input: site.input,
        result: site.output,
        resultShape: traced.shape,
        keys: traced.keys,
      },
      keys: traced.keys,
    };
  }
  const operation = inner ? residual(site, inner) : operationOf(site);
  return {
    site,
    operation,
    ...(activation && { activation }),
    result: activation ? a : site.output,
    ...(inner && { inner }),
    keys: traced.keys,
  };
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
  const { site, a } = siteAt(place, layer, path, shape, activation === undefined);
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
  const { site, a } = siteAt(place, identity, "", place.shape, false);
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

/** z = a + F(a): the error goes back both ways. */
function residual(site: Site, inner: Chain): Operation {
  const indices = allIndices(site);
  const delta = symbol(site.error);
  const back = backwards(inner, {
    indices,
    element: at(site.error, indices),
    whole: delta,
    rule: "branches",
    steps: [],
    before: [],
  });
  const through = back.bottom;
  const operations = inner.stages.map(({ operation }) => operation);
  return {
    title: words("residual connection", "残差连接"),
    parameters: operations.flatMap(({ parameters }) => parameters),
    quantities: quantitiesOf(inner),
    functions: functionsOf(inner),
    constants: new Map(operations.flatMap(({ constants }) => [...(constants ?? [])])),
    observed: new Map(operations.flatMap(({ observed }) => [...(observed ?? [])])),
    known: new Map(operations.flatMap(({ known }) => [...(known ?? [])])),
    forward: [
      ...forwards(inner).flatMap(({ lines }) => lines),
      line(equation(site.output, [], add(symbol(site.input), symbol(inner.result))), "branches"),
    ],
    errors: back.recursion.flatMap(({ lines }) => lines),
    inputGradient: {
      indices: through?.indices ?? indices,
      element: through
        ? add(at(site.error, through.indices), through.element)
        : at(site.error, indices),
      ...(through?.whole && { whole: add(delta, through.whole) }),
      rule: "branches",
      steps: [],
      before: through?.before ?? [],
    },
    parameterGradients: back.gradients.flatMap(({ lines }) => lines),
  };
}

/** Every quantity of a chain, for the notation table. */
export function quantitiesOf({ stages }: Chain): MathSymbol[] {
  return stages.flatMap(({ site, operation, result }) => [
    ...operation.parameters.map((parameter) => parameter.symbol),
    ...operation.quantities,
    site.output,
    ...(result === site.output ? [] : [result]),
    site.error,
  ]);
}

export function functionsOf({ stages }: Chain): MathFunction[] {
  return stages.flatMap(({ activation, operation }) => [
    ...(activation?.kind === "function" ? [activation.function] : []),
    ...(operation.functions ?? []),
  ]);
}

export function parametersWithin({ stages }: Chain): DerivedParameter[] {
  return stages.flatMap(({ operation }) => operation.parameters);
}

export function layersOf({ stages }: Chain): DerivedLayer[] {
  return stages.flatMap((stage) => [
    ...(stage.inner ? layersOf(stage.inner) : []),
    {
      label: stage.site.label,
      title: stageTitle(stage),
      before: stage.site.output,
      after: stage.result,
      error: stage.site.error,
    },
  ]);
}

/** Values and observed nodes that the operations bring along. */
export function givensOf({ stages }: Chain): {
  readonly constants: ReadonlyMap<string, NumberArray>;
  readonly observed: ReadonlyMap<string, Node>;
  readonly known: ReadonlyMap<Node, MathSymbol>;
} {
  return {
    constants: new Map(stages.flatMap(({ operation }) => [...(operation.constants ?? [])])),
    observed: new Map(stages.flatMap(({ operation }) => [...(operation.observed ?? [])])),
    known: new Map(stages.flatMap(({ operation }) => [...(operation.known ?? [])])),
  };
}
