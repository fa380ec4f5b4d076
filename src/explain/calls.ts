/** Layers made of signals, as `graph` of chainrule/nn makes them: their calls, and how to run them one by one. */

import { build, type Shape, sizeOf } from "../ir/index.ts";
import { concatenate, fromNode, type Tensor } from "../tensor/index.ts";
import { nestByPath } from "../util/index.ts";
import {
  contextOf,
  type ExplainedContext,
  type ExplainedLayer,
  type ExplainedParameter,
  parameterSpecsOf,
} from "./model.ts";

/** What makes one result of several inputs; every join of `chainrule/nn` is one. */
export interface ExplainedJoin {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly takes: "several";
  parameters(inputs: readonly Shape[]): unknown;
  forward(parameters: unknown, xs: readonly Tensor[], context: ExplainedContext): Tensor;
}

export type ExplainedPart = ExplainedLayer | ExplainedJoin;

export const isJoin = (part: ExplainedPart): part is ExplainedJoin => "takes" in part;

/** One use of a part. */
export interface ExplainedCall {
  readonly name: string;
  readonly part: ExplainedPart;
  /** Names of inputs or of calls before it. */
  readonly from: readonly string[];
  /** Where its parameters lie within the layer: the name of the part's first call. */
  readonly parameters: string;
}

/** The calls of a layer made of signals, each after those it takes from. */
export interface ExplainedCalls {
  readonly inputs: ReadonlyMap<string, Shape>;
  readonly calls: readonly ExplainedCall[];
  /** The call or input that each output is. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** How a layer of kind "graph" describes itself. */
interface GraphOptions {
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly calls: readonly {
    readonly name: string;
    readonly part: number;
    readonly from: readonly string[];
  }[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** The calls of a layer, or undefined for one that is not made of signals. Layers in a row within it
 * become calls of their own. */
export function callsOf({ kind, options, children }: ExplainedLayer): ExplainedCalls | undefined {
  if (kind !== "graph") return undefined;
  const { inputs, calls, outputs } = options as unknown as GraphOptions;
  const firsts = new Map<number, string>();
  const results = new Map<string, string>();
  const flat: ExplainedCall[] = [];
  const unfold = (call: ExplainedCall): string => {
    if (call.part.kind !== "sequential") {
      flat.push(call);
      return call.name;
    }
    let [from] = call.from;
    ((call.part as ExplainedLayer).children as readonly ExplainedLayer[]).forEach((part, i) => {
      const name = `${call.name}.${i}`;
      from = unfold({ name, part, from: [from], parameters: `${call.parameters}.${i}` });
    });
    return from;
  };
  for (const { name, part, from } of calls) {
    if (!firsts.has(part)) firsts.set(part, name);
    const sources = from.map((source) => results.get(source) ?? source);
    const call = { name, part: children[part] as ExplainedPart, from: sources };
    results.set(name, unfold({ ...call, parameters: firsts.get(part)! }));
  }
  return {
    inputs: new Map(Object.entries(inputs)),
    calls: flat,
    outputs: new Map(
      Object.entries(outputs).map(([name, source]) => [name, results.get(source) ?? source]),
    ),
  };
}

/** The parameters of a part by name. */
export function partParameters(
  part: ExplainedPart,
  inputs: readonly Shape[],
): Map<string, ExplainedParameter> {
  return parameterSpecsOf(isJoin(part) ? part.parameters(inputs) : part.parameters(inputs[0]));
}

export function runPart(
  part: ExplainedPart,
  parameters: unknown,
  xs: readonly Tensor[],
  context: ExplainedContext,
): Tensor {
  return isJoin(part)
    ? part.forward(parameters, xs, context)
    : part.forward(parameters, xs[0], context);
}

/** The shape of one result for samples of some shapes, and how many random keys a pass takes. */
export function tracePart(
  part: ExplainedPart,
  inputs: readonly Shape[],
  training: boolean,
): { readonly shape: Shape; readonly keys: number } {
  const parameters = new Map(
    [...partParameters(part, inputs)].map(([name, { shape }]) => [
      name,
      fromNode(build.input(name, shape, "float64")),
    ]),
  );
  const xs = inputs.map((shape, i) => fromNode(build.input(`x${i}`, [2, ...shape], "float64")));
  const context = contextOf(training);
  const { shape } = runPart(part, nestByPath(parameters), xs, context);
  return { shape: shape.slice(1), keys: context.keysTaken() };
}

/** The inputs of a row that holds the values of all, one after the other. */
export function unpackInputs(x: Tensor, inputs: ReadonlyMap<string, Shape>): Map<string, Tensor> {
  if (inputs.size === 1) return new Map([...inputs.keys()].map((name) => [name, x]));
  const parts = x.split([...inputs.values()].map(sizeOf), 1);
  return new Map(
    [...inputs].map(([name, shape], i) => [name, parts[i].reshape([x.shape[0], ...shape])]),
  );
}

/** The outputs as one row; a single one as it is. */
export function packOutputs(outputs: readonly Tensor[]): Tensor {
  if (outputs.length === 1) return outputs[0];
  return concatenate(
    outputs.map((output) => output.reshape([output.shape[0], -1])),
    1,
  );
}
