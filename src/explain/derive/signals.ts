/** Equations of a layer made of signals: each call a stage of its own, and where a value is used several
 * times, what comes back along every path adds up. */

import type { Shape } from "../../ir/index.ts";
import { type ExplainedCall, type ExplainedCalls, packOutputs, unpackInputs } from "../calls.ts";
import { add, at, equation, type MathSymbol, symbol } from "../math/index.ts";
import { words } from "../words.ts";
import { type Line, type LineGroup, line } from "./derivation.ts";
import { type GraphOutput, graphEquations } from "./operations/fromGraph.ts";
import { retargeted, sharedGradients } from "./sharedGradients.ts";
import { type InputGradient, layerSymbol, type Operation, type Site } from "./site.ts";
import {
  allIndices,
  errorLines,
  forwards,
  type Stage,
  type StageActivation,
  stageTitle,
} from "./stages.ts";

/** A value between calls. */
export interface SignalValue {
  readonly symbol: MathSymbol;
  /** Of one sample. */
  readonly shape: Shape;
  readonly needsGradient: boolean;
}

/** What a call becomes: its stage, and what goes back to each of its inputs. */
export interface CallStage {
  readonly stage: Stage;
  readonly gradients: readonly (InputGradient | undefined)[];
}

export interface MakeStage {
  /** The stage of a call, with the activation that follows it. */
  readonly ofCall: (
    call: ExplainedCall,
    inputs: readonly SignalValue[],
    place: { readonly label: string; readonly parameterLabel?: string },
    activation: StageActivation | undefined,
  ) => CallStage;
  readonly activationOf: (call: ExplainedCall) => StageActivation | undefined;
}

interface Placed extends CallStage {
  readonly call: ExplainedCall;
  /** The names that it takes its values from. */
  readonly from: readonly string[];
  /** The name under which others take its result. */
  readonly result: string;
}

/** The operation of a layer made of signals, and the stages within. */
export function signalOperation(
  site: Site,
  { inputs, calls, outputs }: ExplainedCalls,
  make: MakeStage,
): { readonly operation: Operation; readonly stages: readonly Stage[] } {
  const values = new Map<string, SignalValue>();
  const entry = entryOf(site, inputs);
  for (const [name, value] of entry.values) values.set(name, value);
  const placed = placeCalls(site, calls, new Set(outputs.values()), values, make);
  const stages = placed.map(({ stage }) => stage);
  const exit = exitOf(site, [...outputs.values()], values);
  const parts = [...stages.map(({ operation }) => operation), entry, exit];
  const back = backwardsOf(site, placed, values, exit.gradients, entry.values);
  const gradients = sharedGradients(site, placed);
  const parameters = stages.flatMap(({ operation }) => operation.parameters);
  const operation: Operation = {
    title: words("the layers above as one", "以上各层合为一层"),
    parameters: parameters.filter(
      ({ path }, i) => parameters.findIndex((other) => other.path === path) === i,
    ),
    quantities: [
      ...entry.quantities,
      ...stages.flatMap((stage) => [
        ...stage.operation.parameters.map((parameter) => parameter.symbol),
        ...stage.operation.quantities,
        stage.site.output,
        stage.result,
        stage.site.error,
      ]),
      ...exit.quantities,
      ...back.quantities,
      ...gradients.quantities,
    ],
    functions: stages.flatMap(({ activation, operation: { functions } }) => [
      ...(activation?.kind === "function" ? [activation.function] : []),
      ...(functions ?? []),
    ]),
    constants: new Map(parts.flatMap(({ constants }) => [...(constants ?? [])])),
    observed: new Map(parts.flatMap(({ observed }) => [...(observed ?? [])])),
    known: new Map(parts.flatMap(({ known }) => [...(known ?? [])])),
    forward: exit.forward,
    errors: exit.errors,
    inside: {
      forward: [
        ...(entry.forward.length > 0
          ? [{ title: words("Inputs", "输入"), lines: entry.forward }]
          : []),
        ...forwards({ stages }),
      ],
      errors: back.groups,
      gradients: gradients.groups,
    },
    inputGradient: entry.inputGradient(back.entering),
    parameterGradients: [],
  };
  return { operation, stages };
}

/** Calls as stages; an activation joins the call before it where nothing else takes that one's result. */
function placeCalls(
  site: Site,
  calls: readonly ExplainedCall[],
  isOutput: ReadonlySet<string>,
  values: Map<string, SignalValue>,
  make: MakeStage,
): Placed[] {
  const takers = (name: string) => calls.filter(({ from }) => from.includes(name));
  const follower = ({ name }: ExplainedCall): ExplainedCall | undefined => {
    const [only, ...others] = takers(name);
    if (only === undefined || others.length > 0 || isOutput.has(name)) return undefined;
    return make.activationOf(only) && only;
  };
  const placed: Placed[] = [];
  const done = new Set<ExplainedCall>();
  const labels = new Map<string, string>();
  for (const call of calls) {
    if (done.has(call)) continue;
    const label = `${site.label}.${placed.length + 1}`;
    const next = make.activationOf(call) === undefined ? follower(call) : undefined;
    if (next) done.add(next);
    const first = labels.get(call.parameters);
    if (first === undefined) labels.set(call.parameters, label);
    const place = { label, ...(first !== undefined && { parameterLabel: first }) };
    const own = make.ofCall(
      call,
      call.from.map((name) => values.get(name)!),
      place,
      next && make.activationOf(next),
    );
    const result = (next ?? call).name;
    values.set(result, {
      symbol: own.stage.result,
      shape: own.stage.site.outputShape,
      needsGradient: true,
    });
    placed.push({ ...own, call, from: call.from, result });
  }
  return placed;
}

type Pieces = Pick<Operation, "quantities" | "constants" | "observed" | "known">;

/** The inputs: x itself, or the parts of a row that holds them all. */
function entryOf(site: Site, inputs: ReadonlyMap<string, Shape>) {
  const needsGradient = site.needsInputGradient;
  const names = [...inputs.keys()];
  const none: Pieces = { quantities: [] };
  if (names.length === 1) {
    const value = { symbol: site.input, shape: site.inputShape, needsGradient };
    const indices = allIndices({ batch: site.batch, outputShape: site.inputShape });
    return {
      ...none,
      values: new Map([[names[0], value]]),
      forward: [] as readonly Line[],
      inputGradient: (entering: ReadonlyMap<string, InputGradient>): InputGradient =>
        entering.get(names[0]) ?? zeroGradient(indices),
    };
  }
  const full = (shape: Shape) => (site.batch === undefined ? shape : [site.batch, ...shape]);
  const outputs = names.map((name): GraphOutput => {
    const shape = full(inputs.get(name)!);
    const letter = shape.length > 1 ? "X" : "x";
    const meaning = words(`input "${name}"`, `输入“${name}”`);
    const error = words(`error of input "${name}"`, `输入“${name}”的误差`);
    const mark = { mark: name };
    return {
      symbol: layerSymbol(site, `in.${name}`, letter, shape, meaning, mark),
      error: layerSymbol(site, `δ.${name}`, shape.length > 1 ? "Δ" : "δ", shape, error, mark),
    };
  });
  const equations = graphEquations({
    prefix: `${site.label}.in`,
    label: site.label,
    batch: site.batch,
    loss: site.loss,
    parameters: [],
    trained: [],
    inputs: [{ symbol: site.input, shape: site.inputShape, needsGradient }],
    outputs,
    run: ([x]) => [...unpackInputs(x, inputs).values()],
  });
  const values = new Map(
    names.map((name, i) => [
      name,
      { symbol: outputs[i].symbol, shape: inputs.get(name)!, needsGradient },
    ]),
  );
  return {
    ...equations,
    values,
    quantities: [
      ...outputs.flatMap(({ symbol: s, error }) => (needsGradient ? [s, error] : [s])),
      ...equations.quantities,
    ],
    inputGradient: (entering: ReadonlyMap<string, InputGradient>): InputGradient => {
      const [own] = equations.inputGradients;
      if (own === undefined) return zeroGradient([]);
      const before = names.flatMap((name, i): Line[] => {
        const shape = inputs.get(name)!;
        const gradient =
          entering.get(name) ?? zeroGradient(allIndices({ batch: site.batch, outputShape: shape }));
        return namedGradient(outputs[i].error, gradient, outputs[i].symbol);
      });
      return { ...own, before: [...before, ...own.before] };
    },
  };
}

const zeroGradient = (indices: InputGradient["indices"]): InputGradient => ({
  indices,
  element: { type: "number", value: 0 },
  rule: "sumRule",
  steps: [],
  before: [],
});

/** A name for what comes back, and its line. Steps that speak of ∂C/∂value speak of this part of it. */
function namedGradient(
  name: MathSymbol,
  { indices, element, whole, before, rule, steps }: InputGradient,
  value?: MathSymbol,
): Line[] {
  const own = steps.map((step) =>
    retargeted(step, (key) => (key === value?.key ? name : undefined)),
  );
  if (whole === undefined) return [...before, line(equation(name, indices, element), rule, own)];
  const unfolded =
    own.length > 0 ? [...own, line(equation(name, indices, element), "scalarForm")] : [];
  return [...before, line(equation(name, [], whole), rule, unfolded)];
}

/** The outputs: one as it is, several in a row; and what the error of that row means for each. */
function exitOf(
  site: Site,
  sources: readonly string[],
  values: ReadonlyMap<string, SignalValue>,
): Pieces & {
  readonly forward: readonly Line[];
  readonly errors: readonly Line[];
  readonly gradients: readonly (readonly [string, InputGradient])[];
} {
  if (sources.length === 1) {
    const indices = allIndices(site);
    const gradient: InputGradient = {
      indices,
      element: at(site.error, indices),
      whole: symbol(site.error),
      rule: "chainRule",
      steps: [],
      before: [],
    };
    return {
      quantities: [],
      forward: [line(equation(site.output, [], symbol(values.get(sources[0])!.symbol)), "forward")],
      errors: [],
      gradients: [[sources[0], gradient]],
    };
  }
  const equations = graphEquations({
    prefix: `${site.label}.out`,
    label: site.label,
    batch: site.batch,
    loss: site.loss,
    parameters: [],
    trained: [],
    inputs: sources.map((name) => ({ ...values.get(name)!, needsGradient: true })),
    outputs: [{ symbol: site.output, error: site.error }],
    run: (outputs) => [packOutputs(outputs)],
  });
  return {
    ...equations,
    errors: equations.inputGradients.flatMap((gradient) => gradient?.before ?? []),
    gradients: equations.inputGradients.map((gradient, i) => [
      sources[i],
      { ...gradient!, before: [] },
    ]),
  };
}

/** One of the paths along which a gradient comes back. */
interface Path {
  readonly gradient: InputGradient;
  /** The label of the stage it comes from. */
  readonly through: string;
}

/** The errors of all stages, from the last to the first, and what enters the inputs. */
function backwardsOf(
  site: Site,
  placed: readonly Placed[],
  values: ReadonlyMap<string, SignalValue>,
  exit: readonly (readonly [string, InputGradient])[],
  entry: ReadonlyMap<string, SignalValue>,
): {
  readonly groups: readonly LineGroup[];
  readonly entering: ReadonlyMap<string, InputGradient>;
  readonly quantities: readonly MathSymbol[];
} {
  const paths = new Map<string, Path[]>();
  const addPath = (name: string, path: Path) => {
    paths.set(name, [...(paths.get(name) ?? []), path]);
  };
  for (const [name, gradient] of exit) addPath(name, { gradient, through: site.label });
  const quantities: MathSymbol[] = [];
  const totalOf = (name: string): InputGradient => {
    const total = addedUp(values.get(name)!, site, paths.get(name) ?? []);
    quantities.push(...total.quantities);
    return total.gradient;
  };
  const groups = placed.toReversed().map(({ stage, gradients, from, result }): LineGroup => {
    const lines = [...errorLines(stage, totalOf(result)), ...(stage.operation.errors ?? [])];
    gradients.forEach((gradient, i) => {
      if (gradient && values.get(from[i])!.needsGradient) {
        addPath(from[i], { gradient, through: stage.site.label });
      }
    });
    return { title: stageTitle(stage), lines };
  });
  const entering = new Map(
    [...entry]
      .filter(([, { needsGradient }]) => needsGradient)
      .map(([name]) => [name, totalOf(name)]),
  );
  return { groups, entering, quantities };
}

/** ∂C/∂value as the sum over all paths: each but an only one gets a name. */
function addedUp(
  value: SignalValue,
  site: Site,
  paths: readonly Path[],
): { readonly gradient: InputGradient; readonly quantities: readonly MathSymbol[] } {
  const indices = allIndices({ batch: site.batch, outputShape: value.shape });
  if (paths.length === 0) return { gradient: zeroGradient(indices), quantities: [] };
  if (paths.length === 1) return { gradient: paths[0].gradient, quantities: [] };
  const { symbol: s } = value;
  const parts = paths.map(
    ({ through }, i): MathSymbol => ({
      key: `${s.key}.part${i}`,
      letter: s.shape.length > 1 ? "G" : "g",
      shape: s.shape,
      layer: s.layer ?? site.label,
      mark:
        paths.filter((path) => path.through === through).length > 1
          ? `${through}:${i + 1}`
          : through,
      meaning: words(`what comes back through layer ${through}`, `经由第 ${through} 层传回的部分`),
    }),
  );
  return {
    gradient: {
      indices,
      element: add(...parts.map((part) => at(part, indices))),
      whole: add(...parts.map(symbol)),
      rule: "sumRule",
      steps: [],
      before: paths.flatMap(({ gradient }, i) => namedGradient(parts[i], gradient, s)),
    },
    quantities: parts,
  };
}
