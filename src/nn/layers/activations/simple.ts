/** Identity, the perceptron's step, and activations of one's own. */

import type { Tensor } from "../../../tensor/index.ts";
import { ShapeError } from "../../../util/index.ts";
import { defineLayer, type Layer, type LayerFactory } from "../../layer.ts";
import { formatBatch } from "../../outputShape.ts";

export const identityLayer = defineLayer({ name: "identity", forward: (_, x) => x });

/** x itself. */
export function identity(): Layer {
  return identityLayer({});
}

export interface StepOptions {
  /** The gradient to pretend: none (0, the true one and the default), `identity` (1 everywhere; Bengio,
   * Léonard, Courville, 2013), or `clipped` (1 where |x| ≤ 1; Hubara et al., NeurIPS 2016). */
  readonly straightThrough?: "identity" | "clipped";
}

export const stepLayer = defineLayer({
  name: "step",
  forward: (_, x, { options: { straightThrough } }: { options: StepOptions }) => {
    const dtype = x.dtype;
    const step = x.ge(0).cast(dtype);
    if (straightThrough === undefined) return step;
    const stand = straightThrough === "identity" ? x : x.clip(-1, 1);
    return step.add(stand.sub(stand.detach()));
  },
});

/** 1 where x ≥ 0, else 0: the unit of McCulloch and Pitts (1943) and of Rosenblatt's perceptron. */
export function step(options: StepOptions = {}): Layer {
  return stepLayer(options);
}

/** A new kind of activation from a function of the elements, equal in rights to the built-in ones.
 *
 * @example
 * const cube = defineActivation("cube", (x) => x.mul(x).mul(x));
 * network({ input: [2], layers: [layers.linear(8), cube({}), layers.linear(1)] });
 */
export function defineActivation(
  name: string,
  f: (x: Tensor) => Tensor,
): LayerFactory<Record<string, never>> {
  return defineLayer({
    name,
    forward: (_, x) => {
      const result = f(x);
      if (result.shape.join() === x.shape.join()) return result;
      throw new ShapeError(
        `Layer "${name}": an activation keeps the shape; expected ` +
          `${formatBatch(x.shape.slice(1))}, got ${formatBatch(result.shape.slice(1))}. ` +
          "For other functions there is layers.lambda.",
      );
    },
  });
}

/** An activation of one's own, used once. To save and load networks with it, define it by
 * `defineActivation` instead, whose name a file can hold. */
export function activation(f: (x: Tensor) => Tensor): Layer {
  return { ...defineActivation("activation", f)({}), options: { function: f } };
}
