/** The kernels and biases of convolutions: their options and how their first values are drawn. */

import { type Shape, stridesOf } from "../../ir/index.ts";
import { concatenate, type Tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import {
  fanInUniform,
  fans,
  glorotUniform,
  type InitializerName,
  initialized,
  presets,
  zeros,
} from "../initializers.ts";
import type { ParameterSpec } from "../parameter.ts";
import { expectWhole } from "./expect.ts";

export interface KernelOptions {
  /** Channels of the result: the number of kernels. */
  readonly channels: number;
  /** Parts of the channels that are convolved apart from each other; default 1. */
  readonly groups?: number;
  /** Whether b is added; default true. */
  readonly bias?: boolean;
  /** How W is drawn; W and b are U(±1/√fanIn) by default, as in PyTorch (Keras: Glorot uniform). */
  readonly initializer?: InitializerName;
  /** How b is drawn (Keras: zeros). */
  readonly biasInitializer?: InitializerName;
}

/** W and b for kernels whose values are drawn as [out, in, ...kernel] and stored as W [...kernel, in,
 * out], or, `transposed`, drawn as [in, out, ...kernel] (as PyTorch and Keras count the fans).
 * @throws UsageError where the groups do not divide the channels */
export function kernelSpecs(
  kind: string,
  inputs: number,
  kernel: Shape,
  options: KernelOptions,
  { transposed = false } = {},
): { readonly weight: ParameterSpec; readonly bias: ParameterSpec } {
  const { channels: outputs, groups = 1, bias: isBiased = true } = options;
  expectWhole(kind, "channels", outputs);
  expectWhole(kind, "groups", groups);
  if (inputs % groups !== 0 || outputs % groups !== 0) {
    throw new UsageError(
      `Layer "${kind}": expected groups that divide ${inputs} channels of the input and ${outputs} of ` +
        `the result, got ${groups}.`,
    );
  }
  const drawn = transposed
    ? [inputs, outputs / groups, ...kernel]
    : [outputs, inputs / groups, ...kernel];
  const { initializer, biasInitializer } = options;
  const weight = initializer
    ? initialized(initializer, drawn)
    : presets({ pytorch: fanInUniform(drawn), keras: glorotUniform(drawn) });
  const bias = biasInitializer
    ? initialized(biasInitializer, [outputs])
    : presets({ pytorch: fanInUniform([outputs], fans(drawn).fanIn), keras: zeros([outputs]) });
  const places = kernel.map((_, axis) => axis + 2);
  const specs: { weight: ParameterSpec; bias?: ParameterSpec } = {
    weight: permuted(weight, [...places, ...(transposed ? [0, 1] : [1, 0])]),
  };
  if (isBiased) specs.bias = bias;
  return specs as { weight: ParameterSpec; bias: ParameterSpec };
}

/** The same values with axis i of the result being axis order[i]. */
function permuted(spec: ParameterSpec, order: readonly number[]): ParameterSpec {
  const { shape, initialize, keras } = spec;
  const target = order.map((axis) => shape[axis]);
  const steps = stridesOf(target);
  const strides = stridesOf(shape);
  const position = (index: number) =>
    order.reduce(
      (sum, axis, i) => sum + (Math.floor(index / steps[i]) % target[i]) * strides[axis],
      0,
    );
  return {
    ...spec,
    shape: target,
    initialize: (generator) => {
      const values = initialize(generator);
      return values.map((_, i) => values[position(i)]);
    },
    ...(keras === undefined ? {} : { keras: permuted(keras, order) }),
  };
}

/** Convolves each part of the channels with its kernels, which lie next to each other along an axis of
 * W, and puts the results next to each other. */
export function convolveGroups(
  x: Tensor,
  weight: Tensor,
  { groups = 1, axis }: { readonly groups?: number; readonly axis: number },
  convolve: (x: Tensor, weight: Tensor) => Tensor,
): Tensor {
  if (groups === 1) return convolve(x, weight);
  const kernels = weight.split(groups, axis);
  return concatenate(
    x.split(groups, -1).map((part, i) => convolve(part, kernels[i])),
    -1,
  );
}
