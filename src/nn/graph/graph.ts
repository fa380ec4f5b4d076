/** The functional API: networks with several inputs and outputs, branches and shared layers, as one layer.
 *
 * One sample of several inputs is one row: the inputs' values one after the other, in the order of the
 * record; results of several outputs likewise. So datasets, the loop and files need not know.
 */

import { type Shape, sizeOf } from "../../ir/index.ts";
import { concatenate, type Tensor } from "../../tensor/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { isJoin, type Layer, type LayerContext, type Part } from "../layer.ts";
import { countValues, flattenSpecs, type ParameterSpecs } from "../parameter.ts";
import type { LayerFacts } from "../summary.ts";
import type { Signal } from "./signal.ts";

/** Signals by name. */
export type Signals = Readonly<Record<string, Signal>>;

/** A layer made of signals. */
export interface GraphLayer extends Layer {
  readonly kind: "graph";
  /** Shape of a sample: that of the only input, or one row that holds all. */
  readonly input: Shape;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  /** Rows of the values of every input. @throws ShapeError for values that are not equally many rows */
  pack(values: Readonly<Record<string, ArrayLike<number>>>): Float64Array;
  /** Results [batch, ...] as one tensor for each output. */
  unpack(result: Tensor): Record<string, Tensor>;
  facts(): readonly LayerFacts[];
}

interface Call {
  readonly name: string;
  readonly part: Part;
  /** Names of inputs or calls. */
  readonly from: readonly string[];
  readonly shape: Shape;
  readonly inputShapes: readonly Shape[];
  /** Where the part's parameters lie: the name of its first call. */
  readonly parameters: string;
}

/** A network that is not a chain, as one layer.
 *
 * @param signals.inputs made by `input`; at least one
 * @param signals.outputs what the inputs lead to; at least one
 * @throws UsageError for a signal that depends on an input which is not listed; ShapeError when a shared
 *   layer is given inputs of different shapes
 * @example
 * const a = input([8]);
 * const b = input([8]);
 * const encode = layers.linear(4);
 * const model = graph({
 *   inputs: { a, b },
 *   outputs: { same: join(joins.multiply(), a.to(encode), b.to(encode)).to(layers.linear(1)) },
 * });
 * const net = network({ input: model.input, layers: [model], seed: 1 });
 */
export function graph({
  inputs,
  outputs,
}: {
  readonly inputs: Signals;
  readonly outputs: Signals;
}): GraphLayer {
  if (Object.keys(inputs).length === 0 || Object.keys(outputs).length === 0) {
    throw new UsageError("graph: expected at least one input and one output.");
  }
  const { calls, names } = traceCalls(inputs, outputs);
  const specs = collectSpecs(calls);
  const inputShapes = shapesOf(inputs);
  const outputShapes = shapesOf(outputs);
  const parts = [...new Set(calls.map(({ part }) => part))];
  return {
    kind: "graph",
    options: {
      inputs: inputShapes,
      calls: calls.map(({ name, part, from }) => ({ name, part: parts.indexOf(part), from })),
      outputs: Object.fromEntries(
        Object.entries(outputs).map(([name, signal]) => [name, names.get(signal)]),
      ),
    },
    children: parts,
    input: packedShape(inputShapes),
    inputs: inputShapes,
    outputs: outputShapes,
    parameters: (shape) => {
      const expected = packedShape(inputShapes);
      if (shape.join() === expected.join()) return specs;
      throw new ShapeError(
        `Layer "graph": expected input [${["batch", ...expected].join(", ")}], ` +
          `got [${["batch", ...shape].join(", ")}].`,
      );
    },
    forward: (parameters, x, context) => {
      const known = unpackTensors(x, inputShapes);
      const values = run(calls, known, parameters as Record<string, unknown>, context);
      const results = Object.values(outputs).map((signal) => values.get(names.get(signal)!)!);
      if (results.length === 1) return results[0];
      const rows = results.map((result) => result.reshape([x.shape[0], -1]));
      return concatenate(rows, 1);
    },
    pack: (values) => packRows(values, inputShapes),
    unpack: (result) => unpackTensors(result, outputShapes),
    facts: () => calls.map((call) => factsOf(call)),
  };
}

function shapesOf(signals: Signals): Record<string, Shape> {
  return Object.fromEntries(Object.entries(signals).map(([name, { shape }]) => [name, shape]));
}

function packedShape(shapes: Readonly<Record<string, Shape>>): Shape {
  const all = Object.values(shapes);
  return all.length === 1 ? all[0] : [all.reduce((sum, shape) => sum + sizeOf(shape), 0)];
}

/** The calls that the outputs need, each after those it takes from, and the name of every signal. */
function traceCalls(inputs: Signals, outputs: Signals) {
  const names = new Map<Signal, string>(
    Object.entries(inputs).map(([name, signal]) => [signal, name]),
  );
  const taken = new Set(Object.keys(inputs));
  const firstCalls = new Map<Part, string>();
  const calls: Call[] = [];
  const visit = (signal: Signal): void => {
    if (names.has(signal)) return;
    if (signal.part === undefined) {
      throw new UsageError(
        `graph: an output depends on an input of shape [${signal.shape.join(", ")}] that is not ` +
          "among { inputs }; add it there.",
      );
    }
    for (const source of signal.from) visit(source);
    const { kind } = signal.part;
    let name = kind;
    for (let i = 1; taken.has(name); i++) name = `${kind}_${i}`;
    taken.add(name);
    names.set(signal, name);
    if (!firstCalls.has(signal.part)) firstCalls.set(signal.part, name);
    calls.push({
      name,
      part: signal.part,
      from: signal.from.map((source) => names.get(source)!),
      shape: signal.shape,
      inputShapes: signal.from.map(({ shape }) => shape),
      parameters: firstCalls.get(signal.part)!,
    });
  };
  for (const signal of Object.values(outputs)) visit(signal);
  return { calls, names };
}

function specsOf({ part, inputShapes }: Call): ParameterSpecs {
  return isJoin(part) ? part.parameters(inputShapes) : part.parameters(inputShapes[0]);
}

function collectSpecs(calls: readonly Call[]): ParameterSpecs {
  const specs: Record<string, ParameterSpecs> = {};
  const shapes = (each: ParameterSpecs) =>
    JSON.stringify(flattenSpecs(each).map(([path, { shape }]) => [path, shape]));
  for (const call of calls) {
    const own = specsOf(call);
    specs[call.parameters] ??= own;
    if (shapes(own) === shapes(specs[call.parameters])) continue;
    throw new ShapeError(
      `graph: "${call.name}" shares its layer with "${call.parameters}", but its input ` +
        `[${["batch", ...call.inputShapes[0]].join(", ")}] needs parameters of other shapes.`,
    );
  }
  return specs;
}

function run(
  calls: readonly Call[],
  inputs: Readonly<Record<string, Tensor>>,
  parameters: Record<string, unknown>,
  context: LayerContext,
): Map<string, Tensor> {
  const values = new Map(Object.entries(inputs));
  for (const { name, part, from, parameters: path } of calls) {
    const xs = from.map((source) => values.get(source)!);
    const own = parameters[path] ?? {};
    values.set(
      name,
      isJoin(part) ? part.forward(own, xs, context) : part.forward(own, xs[0], context),
    );
  }
  return values;
}

function factsOf(call: Call): LayerFacts {
  const { name, part, from, shape, parameters } = call;
  const facts = { name, kind: part.kind, outputShape: shape, from };
  return name === parameters
    ? { ...facts, ...countValues(specsOf(call)) }
    : { ...facts, parameterCount: 0, sharedWith: parameters };
}

function unpackTensors(x: Tensor, shapes: Readonly<Record<string, Shape>>): Record<string, Tensor> {
  const entries = Object.entries(shapes);
  if (entries.length === 1) return { [entries[0][0]]: x };
  const parts = x.split(
    entries.map(([, shape]) => sizeOf(shape)),
    1,
  );
  return Object.fromEntries(
    entries.map(([name, shape], i) => [name, parts[i].reshape([x.shape[0], ...shape])]),
  );
}

function packRows(
  values: Readonly<Record<string, ArrayLike<number>>>,
  shapes: Readonly<Record<string, Shape>>,
): Float64Array {
  const entries = Object.entries(shapes);
  const counts = entries.map(([name, shape]) => {
    const count = (values[name]?.length ?? 0) / sizeOf(shape);
    if (name in values && Number.isInteger(count)) return count;
    throw new ShapeError(
      `graph: expected rows of ${sizeOf(shape)} values for input "${name}", ` +
        `got ${values[name]?.length ?? "none"}.`,
    );
  });
  const [rows] = counts;
  if (counts.some((count) => count !== rows)) {
    throw new ShapeError(
      `graph: expected equally many rows of every input, got ${counts.join(", ")}.`,
    );
  }
  const width = entries.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const packed = new Float64Array(rows * width);
  let offset = 0;
  for (const [name, shape] of entries) {
    const size = sizeOf(shape);
    for (let i = 0; i < rows * size; i++) {
      packed[Math.floor(i / size) * width + offset + (i % size)] = values[name][i];
    }
    offset += size;
  }
  return packed;
}
