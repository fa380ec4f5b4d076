/** Layers and losses equal PyTorch's results and gradients in float64; see scripts/golden/nn.py. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Tensor, tensor, valueAndGrad } from "../tensor/index.ts";
import { isJoin, lossOfBatch, type Part } from "./index.ts";
import { contextOf, forward, forwardAndBackward, type Stored, stored } from "./run.testing.ts";
import { builtInLayers, lossFrom } from "./saving.ts";

/** Both sides round in float64 and sum in other orders: some hundred units in the last place. */
const tolerance = 1e-9;

interface LayerCase {
  readonly kind: string;
  readonly options: object;
  readonly inputs: readonly Stored[];
  readonly parameters: Readonly<Record<string, Stored>>;
  readonly g: Stored;
  readonly y: Stored;
  readonly inputGradients: readonly Stored[];
  readonly parameterGradients: Readonly<Record<string, Stored>>;
  readonly training?: boolean;
  readonly state?: Readonly<Record<string, Stored>>;
  readonly nextState?: Readonly<Record<string, Stored>>;
}

interface LossCase {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly prediction: Stored;
  readonly target: Stored & { readonly isLabels: boolean };
  readonly value: number;
  readonly gradient: Stored;
}

function read<Case>(name: string): readonly Case[] {
  const url = new URL(`golden/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { cases: readonly Case[] }).cases;
}

function expectEqual(actual: Tensor, golden: Stored, what: string): void {
  expect(actual.shape, what).toEqual(golden.shape);
  actual.data.forEach((value, i) => {
    const expected = golden.values[i];
    const error = Math.abs(value - expected) / Math.max(1, Math.abs(expected));
    expect(error, `${what}[${i}]: ${value}, expected ${expected}`).toBeLessThan(tolerance);
  });
}

function partOf({ kind, options }: LayerCase): Part {
  return builtInLayers.find((factory) => factory.kind === kind)!(options as never, []);
}

const tensorsOf = (values: Readonly<Record<string, Stored>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, stored(value)]));

describe.each(["activations", "layers"])("%s", (file) => {
  test.each(
    read<LayerCase>(file).map((each, i): [string, LayerCase] => [
      `${each.kind} ${JSON.stringify(each.options)} #${i}`,
      each,
    ]),
  )("%s", (_, golden) => {
    const part = partOf(golden);
    const inputs = golden.inputs.map((input) => stored(input));
    const state = tensorsOf(golden.state ?? {});
    const parameters = { ...tensorsOf(golden.parameters), ...state };
    const specs = isJoin(part)
      ? part.parameters(inputs.map(({ shape }) => shape.slice(1)))
      : part.parameters(inputs[0].shape.slice(1));
    expect(Object.keys(specs).sort()).toEqual(Object.keys(parameters).sort());
    for (const [name, { shape }] of Object.entries(specs)) {
      expect(shape, name).toEqual(parameters[name].shape);
    }
    const result = forwardAndBackward(part, parameters, inputs, stored(golden.g), golden.training);
    expectEqual(result.y, golden.y, "y");
    golden.inputGradients.forEach((gradient, i) => {
      expectEqual(result.inputGradients[i], gradient, `gradient of input ${i}`);
    });
    for (const [name, gradient] of Object.entries(golden.parameterGradients)) {
      expectEqual(result.parameterGradients[name], gradient, `gradient of ${name}`);
    }
    if (golden.nextState !== undefined) {
      const context = contextOf(true);
      forward(part, parameters, inputs, context);
      for (const [name, next] of Object.entries(golden.nextState)) {
        expectEqual(context.next.get(state[name])!, next, `next ${name}`);
      }
    }
  });
});

describe("losses", () => {
  test.each(
    read<LossCase>("losses").map((each, i): [string, LossCase] => [
      `${each.kind} ${JSON.stringify(each.options)} #${i}`,
      each,
    ]),
  )("%s", (_, { kind, options, prediction, target, value, gradient }) => {
    const loss = lossFrom({ kind, options });
    const dtype = target.isLabels ? "int32" : "float64";
    const expected = tensor(target.values, { dtype, shape: target.shape });
    const [actual, slope] = valueAndGrad((x: Tensor) => lossOfBatch(loss, x, expected))(
      stored(prediction),
    );
    expectEqual(actual, { shape: [], values: [value] }, "value");
    expectEqual(slope, gradient, "gradient");
  });
});
