/** Joins that combine their inputs element by element, or pair by pair. */

import type { Shape } from "../../ir/index.ts";
import type { Tensor } from "../../tensor/index.ts";
import { ShapeError } from "../../util/index.ts";
import { fanInUniform } from "../initializers.ts";
import { defineJoin, type Join } from "../layer.ts";
import { formatBatch } from "../outputShape.ts";
import type { ParameterSpec } from "../parameter.ts";
import { expectWhole, vectorLength } from "./expect.ts";

function sameShapes(kind: string, xs: readonly Tensor[]): void {
  const shapes = xs.map(({ shape }) => formatBatch(shape.slice(1)));
  if (new Set(shapes).size <= 1) return;
  throw new ShapeError(
    `Join "${kind}": expected inputs of one shape, got ${shapes.join(" and ")}; ` +
      "add a layer that brings them to one, such as layers.linear(units).",
  );
}

function folded(name: string, combine: (a: Tensor, b: Tensor) => Tensor) {
  return defineJoin({
    name,
    forward: (_, xs) => {
      sameShapes(name, xs);
      return xs.reduce(combine);
    },
  });
}

export const addJoin = folded("add", (a, b) => a.add(b));

/** The sum of the inputs. */
export function add(): Join {
  return addJoin({});
}

export const multiplyJoin = folded("multiply", (a, b) => a.mul(b));

/** The product of the inputs, element by element. */
export function multiply(): Join {
  return multiplyJoin({});
}

export const maximumJoin = folded("maximum", (a, b) => a.maximum(b));

/** The largest of the inputs, element by element. */
export function maximum(): Join {
  return maximumJoin({});
}

export const averageJoin = defineJoin({
  name: "average",
  forward: (_, xs) => {
    sameShapes("average", xs);
    return xs.reduce((a, b) => a.add(b)).div(xs.length);
  },
});

/** The mean of the inputs. */
export function average(): Join {
  return averageJoin({});
}

export interface BilinearOptions {
  readonly units: number;
  /** Whether b is added; default true. */
  readonly bias?: boolean;
}

export const bilinearJoin = defineJoin({
  name: "bilinear",
  parameters: ({ inputs }, { units, bias = true }: BilinearOptions) => {
    expectWhole("bilinear", "units", units);
    const [first, second] = vectorPair("bilinear", inputs);
    const specs: { weight: ParameterSpec; bias?: ParameterSpec } = {
      weight: fanInUniform([units, first, second], first),
    };
    if (bias) specs.bias = fanInUniform([units], first);
    return specs as { weight: ParameterSpec; bias: ParameterSpec };
  },
  // Σᵢⱼ aᵢ Wₖᵢⱼ bⱼ = Σⱼ (a·Wₖ)ⱼ bⱼ: one product for all units, then row by row.
  forward: ({ weight, bias }, [a, b]) => {
    const [units, first, second] = weight.shape;
    const stacked = weight.permute([1, 0, 2]).reshape([first, units * second]);
    const partial = a.matmul(stacked).reshape([-1, units, second]);
    const product = partial.mul(b.expandDims(1)).sum(2);
    return bias === undefined ? product : product.add(bias);
  },
});

function vectorPair(kind: string, inputs: readonly Shape[]): [number, number] {
  if (inputs.length !== 2) {
    throw new ShapeError(`Join "${kind}": expected two inputs, got ${inputs.length}.`);
  }
  return [vectorLength(kind, inputs[0]), vectorLength(kind, inputs[1])];
}

/** yₖ = aᵀ Wₖ b + cₖ of two inputs, with W [units, a, b] drawn as in PyTorch:
 * [batch, a], [batch, b] → [batch, units]. */
export function bilinear(units: number, options: Omit<BilinearOptions, "units"> = {}): Join {
  return bilinearJoin({ units, ...options });
}
