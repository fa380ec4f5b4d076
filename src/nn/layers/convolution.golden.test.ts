/** The layers of images and sequences against PyTorch: outputs, gradients, running statistics. */

import { describe, expect, test } from "vitest";
import { referenceBackend } from "../../backend/index.ts";
import { wasmBackend } from "../../backend/wasm/index.ts";
import type { FloatDType } from "../../ir/index.ts";
import { compile, grad, type Tensor, tensor } from "../../tensor/index.ts";
import { nestByPath } from "../../util/index.ts";
import golden from "../golden/convolution.json" with { type: "json" };
import type { Layer, LayerContext } from "../layer.ts";
import { flattenSpecs } from "../parameter.ts";
import { builtInLayers } from "./kinds.ts";

interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Case {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly children?: readonly Pick<Case, "kind" | "options">[];
  /** Whether values become 0 at random: y and gradients are then those of values that are kept. */
  readonly isRandom?: boolean;
  readonly x: Stored;
  readonly parameters: Readonly<Record<string, Stored>>;
  readonly y: Stored;
  readonly weights: Stored;
  readonly gradients: Readonly<Record<string, Stored>>;
  readonly stateBefore?: Readonly<Record<string, Stored>>;
  readonly stateAfter?: Readonly<Record<string, Stored>>;
  readonly evaluation?: Stored;
}

const cases = golden.cases as unknown as readonly Case[];

const backends = [
  { name: "reference", backend: referenceBackend() },
  { name: "wasm", backend: wasmBackend() },
];

/** float64: sums of a few hundred terms of size 1 in another order than PyTorch's. float32: the same,
 * with 2⁻²⁴ for each rounding. */
const tolerances = { float64: 1e-9, float32: 2e-4 };

function layerOf({
  kind,
  options,
  children = [],
}: Pick<Case, "kind" | "options" | "children">): Layer {
  const factory = builtInLayers.find((candidate) => candidate.kind === kind)!;
  return factory(options as never, children.map(layerOf)) as Layer;
}

function toTensor({ shape, data }: Stored, dtype: FloatDType): Tensor {
  return tensor(Float64Array.from(data), { shape, dtype });
}

function record(stored: Readonly<Record<string, Stored>> = {}, dtype: FloatDType) {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [name, toTensor(value, dtype)]),
  );
}

/** @param isZero where a random zero stands instead of the expected value */
function expectClose(
  actual: Tensor,
  expected: Stored,
  tolerance: number,
  isZero: (i: number) => boolean = () => false,
): void {
  expect(actual.shape).toEqual(expected.shape);
  const errors = expected.data.map((value, i) => {
    const sought = isZero(i) ? 0 : value;
    return Math.abs(sought - actual.data[i]) / (1 + Math.abs(sought));
  });
  expect(Math.max(...errors)).toBeLessThan(tolerance);
}

/** The layer's result, the gradients of Σ y · weights, and the state after the step. */
function run(golden: Case, layer: Layer, dtype: FloatDType, training: boolean) {
  const weights = toTensor(golden.weights, dtype);
  const forward = (arguments_: Record<string, Tensor>, state: Record<string, Tensor>) => {
    const next: Record<string, Tensor> = {};
    const context: LayerContext = {
      training,
      randomKey: () =>
        golden.isRandom
          ? tensor([1, 2], { dtype: "int32" })
          : expect.fail("nothing is random here"),
      update: (old, value) => {
        const [name] = Object.entries(state).find(([, tensor]) => tensor === old)!;
        next[name] = value;
      },
    };
    const { x, ...parameters } = arguments_;
    const values = nestByPath(new Map(Object.entries({ ...parameters, ...state })));
    return { y: layer.forward(values as never, x, context), next };
  };
  return (arguments_: Record<string, Tensor>, state: Record<string, Tensor>) => ({
    ...forward(arguments_, state),
    gradients: grad((all: Record<string, Tensor>) => forward(all, state).y.mul(weights).sum())(
      arguments_,
    ),
  });
}

describe.each(backends)("$name backend", ({ backend }) => {
  describe.each(["float64", "float32"] as const)("%s", (dtype) => {
    test.each(
      cases.map((golden) => ({
        golden,
        title: `${golden.kind} ${JSON.stringify(golden.children ?? golden.options)} of [${golden.x.shape}]`,
      })),
    )("$title", ({ golden }) => {
      const tolerance = tolerances[dtype];
      const layer = layerOf(golden);
      const arguments_ = record({ x: golden.x, ...golden.parameters }, dtype);
      const state = record(golden.stateBefore, dtype);

      const shapes = flattenSpecs(layer.parameters(golden.x.shape.slice(1))).map(
        ([name, { shape }]) => [name, shape],
      );
      const stored = Object.entries({ ...golden.parameters, ...golden.stateBefore });
      expect(Object.fromEntries(shapes)).toEqual(
        Object.fromEntries(stored.map(([name, { shape }]) => [name, shape])),
      );

      const result = compile(run(golden, layer, dtype, true), { backend })(arguments_, state);
      const isZero = (i: number) => golden.isRandom === true && result.y.data[i] === 0;
      expectClose(result.y, golden.y, tolerance, isZero);
      for (const [name, gradient] of Object.entries(golden.gradients)) {
        expectClose(result.gradients[name], gradient, tolerance, isZero);
      }
      if (golden.isRandom) {
        const zeros = golden.y.data.filter((_, i) => isZero(i)).length;
        expect(zeros).toBeGreaterThan(0);
        expect(zeros).toBeLessThan(golden.y.data.length);
      }
      for (const [name, value] of Object.entries(golden.stateAfter ?? {})) {
        expectClose(result.next[name], value, tolerance);
      }
      if (golden.evaluation !== undefined) {
        const after = record(golden.stateAfter, dtype);
        const used = compile(run(golden, layer, dtype, false), { backend })(arguments_, after);
        expectClose(used.y, golden.evaluation, tolerance);
      }
    });
  });
});

describe("im2col", () => {
  const convolutions = cases.filter(({ kind }) => kind === "conv1d" || kind === "conv2d");
  test.each(convolutions)("$kind $options gives the numbers of the direct algorithm", (golden) => {
    const options = { ...golden.options, algorithm: "im2col" };
    const layer = layerOf({ ...golden, options });
    const arguments_ = record({ x: golden.x, ...golden.parameters }, "float64");
    const { y, gradients } = run(golden, layer, "float64", true)(arguments_, {});
    expectClose(y, golden.y, tolerances.float64);
    for (const [name, gradient] of Object.entries(golden.gradients)) {
      expectClose(gradients[name], gradient, tolerances.float64);
    }
  });
});
