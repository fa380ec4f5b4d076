/** Running single layers and losses in tests: values, gradients and the state that they set. */

import type { FloatDType, Shape } from "../ir/index.ts";
import { type Tensor, tensor, valueAndGrad } from "../tensor/index.ts";
import { nestByPath } from "../util/index.ts";
import { isJoin, type LayerContext, type Part } from "./index.ts";

/** Values with their shape, as golden files hold them. */
export interface Stored {
  readonly shape: Shape;
  readonly values: readonly number[];
}

export function stored({ shape, values }: Stored, dtype: FloatDType = "float64"): Tensor {
  return tensor(values, { dtype, shape });
}

/** A context whose keys are 0, 1, 2, … and which remembers the states that were set. */
export function contextOf(training: boolean): LayerContext & {
  readonly next: Map<Tensor, Tensor>;
} {
  const next = new Map<Tensor, Tensor>();
  let call = 0;
  return {
    training,
    randomKey: () => tensor([7, call++], { dtype: "int32" }),
    update: (state, value) => next.set(state, value),
    next,
  };
}

/** The result of a layer or a join. */
export function forward(
  part: Part,
  parameters: Readonly<Record<string, Tensor>>,
  inputs: readonly Tensor[],
  context: LayerContext = contextOf(false),
): Tensor {
  const nested = nestByPath(new Map(Object.entries(parameters)));
  return isJoin(part)
    ? part.forward(nested, inputs, context)
    : part.forward(nested, inputs[0], context);
}

/** Result y, and the gradients of Σ y·g with respect to inputs and parameters. */
export function forwardAndBackward(
  part: Part,
  parameters: Readonly<Record<string, Tensor>>,
  inputs: readonly Tensor[],
  g: Tensor,
  training = false,
) {
  const y = forward(part, parameters, inputs, contextOf(training));
  const [, gradients] = valueAndGrad((args: { p: Record<string, Tensor>; xs: Tensor[] }) =>
    forward(part, args.p, args.xs, contextOf(training)).mul(g).sum(),
  )({ p: { ...parameters }, xs: [...inputs] });
  return { y, parameterGradients: gradients.p, inputGradients: gradients.xs };
}
