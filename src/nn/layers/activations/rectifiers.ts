/** Activations that pass positive values on: relu and its relatives with other negative sides. */

import { type Tensor, uniform } from "../../../tensor/index.ts";
import { UsageError } from "../../../util/index.ts";
import { defineLayer, type Layer, type LayerContext } from "../../layer.ts";

export const reluLayer = defineLayer({ name: "relu", forward: (_, x) => x.relu() });

/** max(x, 0). Nair and Hinton, ICML 2010. */
export function relu(): Layer {
  return reluLayer({});
}

export const relu6Layer = defineLayer({ name: "relu6", forward: (_, x) => x.clip(0, 6) });

/** min(max(x, 0), 6). Krizhevsky, 2010. */
export function relu6(): Layer {
  return relu6Layer({});
}

/** x where x > 0, else slope·x; `slope` broadcasts. */
export function leaky(x: Tensor, slope: Tensor | number): Tensor {
  return x.gt(0).where(x, x.mul(slope));
}

export const leakyReluLayer = defineLayer({
  name: "leakyRelu",
  forward: (_, x, { options: { slope = 0.01 } }: { options: { readonly slope?: number } }) =>
    leaky(x, slope),
});

/** x where x > 0, else slope·x; slope 0.01 unless told. Maas, Hannun, Ng, 2013. */
export function leakyRelu(options: { readonly slope?: number } = {}): Layer {
  return leakyReluLayer(options);
}

export interface RreluOptions {
  /** Smallest slope; default 1/8. */
  readonly low?: number;
  /** Largest slope; default 1/3. */
  readonly high?: number;
}

export const rreluLayer = defineLayer({
  name: "rrelu",
  forward: (_, x, { options, training, randomKey }: LayerContext & { options: RreluOptions }) => {
    const { low = 1 / 8, high = 1 / 3 } = options;
    if (!(low <= high)) {
      throw new UsageError(`Layer "rrelu": expected low up to high, got ${low} and ${high}.`);
    }
    if (!training) return leaky(x, (low + high) / 2);
    const dtype = x.dtype === "float64" ? "float64" : "float32";
    return leaky(x, uniform({ shape: x.shape, key: randomKey(), dtype, low, high }));
  },
});

/** x where x > 0, else a·x with a drawn from U(low, high) for each element while training, and the
 * mean slope otherwise. Xu, Wang, Chen, Li, 2015. */
export function rrelu(options: RreluOptions = {}): Layer {
  return rreluLayer(options);
}

/** eᶻ − 1 of the negative part of x. Positive elements become 0 before, so that the branch not taken
 * cannot overflow into the gradient; at 0 the gradient is the negative side's, as in PyTorch. */
function expm1OfNegative(x: Tensor, scale = 1): Tensor {
  return x.gt(0).where(0, x.mul(scale)).expm1();
}

export const eluLayer = defineLayer({
  name: "elu",
  forward: (_, x, { options: { alpha = 1 } }: { options: { readonly alpha?: number } }) =>
    x.gt(0).where(x, expm1OfNegative(x).mul(alpha)),
});

/** x where x > 0, else α(eˣ − 1); α is 1 unless told. Clevert, Unterthiner, Hochreiter, ICLR 2016. */
export function elu(options: { readonly alpha?: number } = {}): Layer {
  return eluLayer(options);
}

export const celuLayer = defineLayer({
  name: "celu",
  forward: (_, x, { options: { alpha = 1 } }: { options: { readonly alpha?: number } }) =>
    x.gt(0).where(x, expm1OfNegative(x, 1 / alpha).mul(alpha)),
});

/** x where x > 0, else α(e^(x/α) − 1): smooth at 0 for every α. Barron, 2017. */
export function celu(options: { readonly alpha?: number } = {}): Layer {
  return celuLayer(options);
}

/** The fixed point's constants: mean 0 and variance 1 reproduce themselves. */
const seluConstants = { alpha: 1.6732632423543772, scale: 1.0507009873554805 } as const;

export const seluLayer = defineLayer({
  name: "selu",
  forward: (_, x) =>
    x.gt(0).where(x, expm1OfNegative(x).mul(seluConstants.alpha)).mul(seluConstants.scale),
});

/** λx where x > 0, else λα(eˣ − 1) with λ ≈ 1.0507, α ≈ 1.6733; for weights by lecunNormal.
 * Klambauer, Unterthiner, Mayr, Hochreiter, NeurIPS 2017. */
export function selu(): Layer {
  return seluLayer({});
}
