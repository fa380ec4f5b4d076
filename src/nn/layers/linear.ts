/** The fully connected layer: y = x·Wᵀ + b. */

import {
  fanInUniform,
  glorotUniform,
  type InitializerName,
  initialized,
  presets,
  zeros,
} from "../initializers.ts";
import { defineLayer, type Layer } from "../layer.ts";
import type { ParameterSpec } from "../parameter.ts";
import { expectWhole, vectorLength } from "./expect.ts";

export interface LinearOptions {
  /** Length of the result. */
  readonly units: number;
  /** Whether b is added; default true. */
  readonly bias?: boolean;
  /** How W is drawn; W and b are U(±1/√inputs) by default, as in PyTorch (Keras: Glorot uniform). */
  readonly initializer?: InitializerName;
  /** How b is drawn (Keras: zeros). */
  readonly biasInitializer?: InitializerName;
}

export const linearLayer = defineLayer({
  name: "linear",
  parameters: ({ input }, options: LinearOptions) => {
    const { units, initializer, biasInitializer, bias: isBiased = true } = options;
    expectWhole("linear", "units", units);
    const inputs = vectorLength("linear", input);
    const shape = [units, inputs];
    const weight = initializer
      ? initialized(initializer, shape)
      : presets({ pytorch: fanInUniform(shape), keras: glorotUniform(shape) });
    const bias = biasInitializer
      ? initialized(biasInitializer, [units])
      : presets({ pytorch: fanInUniform([units], inputs), keras: zeros([units]) });
    const specs: { weight: ParameterSpec; bias?: ParameterSpec } = { weight };
    if (isBiased) specs.bias = bias;
    return specs as { weight: ParameterSpec; bias: ParameterSpec };
  },
  forward: ({ weight, bias }, x) => {
    const product = x.matmul(weight.T);
    return bias === undefined ? product : product.add(bias);
  },
});

/** y = x·Wᵀ + b with W [units, inputs], b [units]: x [batch, inputs] → [batch, units].
 *
 * @throws UsageError when `units` is not a positive integer; ShapeError when samples are not vectors.
 * @example
 * layers.linear(10, { initializer: "heNormal", biasInitializer: "zeros" });
 */
export function linear(units: number, options: Omit<LinearOptions, "units"> = {}): Layer {
  return linearLayer({ units, ...options });
}
