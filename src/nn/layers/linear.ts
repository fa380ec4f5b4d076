/** The fully connected layer: y = x·Wᵀ + b. */

import { formatShape, type Shape } from "../../ir/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { defineLayer, type Layer } from "../layer.ts";
import {
  fanInUniform,
  type InitializerName,
  initialized,
  type ParameterSpec,
} from "../parameter.ts";

export interface LinearOptions {
  /** Length of the result. */
  readonly units: number;
  /** Whether b is added. */
  readonly bias?: boolean;
  /** How W is drawn; W and b are U(±1/√inputs) by default, as in PyTorch. */
  readonly initializer?: InitializerName;
  /** How b is drawn. */
  readonly biasInitializer?: InitializerName;
}

export const linearLayer = defineLayer({
  name: "linear",
  parameters: ({ input }, options: LinearOptions) => {
    const inputs = vectorLength("linear", input, options.units);
    const shape = [options.units, inputs];
    const weight = options.initializer
      ? initialized(options.initializer, shape)
      : fanInUniform(shape);
    const bias = options.biasInitializer
      ? initialized(options.biasInitializer, [options.units])
      : fanInUniform([options.units], inputs);
    const specs: { weight: ParameterSpec; bias?: ParameterSpec } = { weight };
    if (options.bias ?? true) specs.bias = bias;
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

/** The length of vector samples, or an error that says what to do. */
export function vectorLength(kind: string, input: Shape, units: number): number {
  if (!Number.isInteger(units) || units < 1) {
    throw new UsageError(`Layer "${kind}": expected a whole number of units from 1, got ${units}.`);
  }
  if (input.length !== 1) {
    throw new ShapeError(
      `Layer "${kind}": expected input [batch, features], got ${formatBatch(input)}; ` +
        "add layers.flatten() before it.",
    );
  }
  return input[0];
}

/** `[batch, 28, 28]`. */
export function formatBatch(shape: Shape): string {
  return formatShape(["batch", ...shape] as unknown as Shape);
}
