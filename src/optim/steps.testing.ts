/** Running an optimizer on gradients that are given, without a network. */

import type { Backend } from "../backend/index.ts";
import { referenceBackend } from "../backend/index.ts";
import { wasmBackend } from "../backend/wasm/index.ts";
import { allocate, build, type FloatDType, type Shape, sizeOf } from "../ir/index.ts";
import { fromNode, type Tensor } from "../tensor/index.ts";
import type { Optimizer } from "./optimizer.ts";

/** One for all tests of a file. */
export const backends: readonly Backend[] = [referenceBackend(), wasmBackend()];

/** Values by path. */
export type Values = Readonly<Record<string, readonly number[]>>;

export interface StepsOptions {
  readonly backend?: Backend;
  readonly dtype?: FloatDType;
  readonly shapes: Readonly<Record<string, Shape>>;
  readonly start: Values;
  /** One for each step. */
  readonly gradients: readonly Values[];
  /** Of each step; the optimizer's unless told. */
  readonly learningRates?: readonly number[];
}

/** What is left after a step. */
export interface AfterStep {
  readonly parameters: Values;
  /** What the network is evaluated with. */
  readonly evaluated: Values;
}

/** The parameters after each step. */
export function runSteps(optimizer: Optimizer, options: StepsOptions): AfterStep[] {
  const { backend = backends[0], dtype = "float64", start, gradients, learningRates } = options;
  const shapes = new Map(Object.entries(options.shapes));
  const inputs = (prefix: string) =>
    new Map(
      [...shapes].map(([path, shape]) => [path, build.input(`${prefix}${path}`, shape, dtype)]),
    );
  const [parameters, slopes] = [inputs(""), inputs("gradient ")];
  const specs = optimizer.state(shapes);
  const states = new Map(
    [...specs].map(([name, { shape }]) => [name, build.input(name, shape, dtype)]),
  );
  const rates = new Map(
    Object.keys(optimizer.rates).map((name) => [name, build.input(name, [], dtype)]),
  );
  const step = build.input("step", [], dtype);
  const tensors = (nodes: typeof parameters): Map<string, Tensor> =>
    new Map([...nodes].map(([name, node]) => [name, fromNode(node)]));
  const next = optimizer.step({
    parameters: tensors(parameters),
    gradients: tensors(slopes),
    state: tensors(states),
    rates: Object.fromEntries(tensors(rates)),
    step: fromNode(step),
  });
  // Outputs of zero times the inputs keep those alive that an optimizer does not read.
  const idle = [...slopes.values(), ...rates.values(), step].map((node) =>
    fromNode(node).mul(0).sum(),
  );
  const executable = backend.compile([
    {
      name: "step",
      outputs: idle.map(({ node }) => node),
      updates: [
        ...[...parameters].map(([path, target]) => ({
          target,
          value: next.parameters.get(path)!.node,
        })),
        ...[...states].map(([name, target]) => ({ target, value: next.state.get(name)!.node })),
      ],
    },
  ]);
  for (const [path, node] of parameters) executable.write(node, Float64Array.from(start[path]));
  for (const [name, { initial }] of specs) {
    const node = states.get(name)!;
    executable.write(
      node,
      typeof initial === "number"
        ? allocate(dtype, sizeOf(node.shape)).fill(initial)
        : Float64Array.from(start[initial.parameter]),
    );
  }
  for (const [name, node] of rates) {
    executable.write(node, Float64Array.of(optimizer.rates[name]));
  }
  return gradients.map((gradient, i) => {
    executable.write(step, Float64Array.of(i + 1));
    if (learningRates !== undefined) {
      executable.write(rates.get("learningRate")!, Float64Array.of(learningRates[i]));
    }
    for (const [path, node] of slopes) executable.write(node, Float64Array.from(gradient[path]));
    executable.run("step");
    const read = (path: string, state: string | undefined) =>
      Array.from(executable.read(state === undefined ? parameters.get(path)! : states.get(state)!));
    const paths = [...shapes.keys()];
    return {
      parameters: Object.fromEntries(paths.map((path) => [path, read(path, undefined)])),
      evaluated: Object.fromEntries(
        paths.map((path) => [path, read(path, optimizer.evaluated?.(path))]),
      ),
    };
  });
}
