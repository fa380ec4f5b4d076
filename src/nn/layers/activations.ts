/** Activations: layers without parameters that act on each element (softmax: on each row). */

import { defineLayer, type Layer } from "../layer.ts";

const reluLayer = defineLayer({ name: "relu", forward: (_, x) => x.relu() });

/** max(x, 0). */
export function relu(): Layer {
  return reluLayer({});
}

const leakyReluLayer = defineLayer({
  name: "leakyRelu",
  forward: (_, x, { options }: { options: { readonly slope: number } }) =>
    x.gt(0).where(x, x.mul(options.slope)),
});

/** x where x > 0, else slope·x. Maas, Hannun, Ng, 2013. */
export function leakyRelu({ slope = 0.01 }: { readonly slope?: number } = {}): Layer {
  return leakyReluLayer({ slope });
}

const eluLayer = defineLayer({
  name: "elu",
  // expm1 sees only x ≤ 0, so that the branch not taken cannot overflow into the gradient.
  forward: (_, x, { options }: { options: { readonly alpha: number } }) =>
    x.gt(0).where(x, x.minimum(0).expm1().mul(options.alpha)),
});

/** x where x > 0, else α(eˣ − 1). Clevert, Unterthiner, Hochreiter, 2016. */
export function elu({ alpha = 1 }: { readonly alpha?: number } = {}): Layer {
  return eluLayer({ alpha });
}

const tanhLayer = defineLayer({ name: "tanh", forward: (_, x) => x.tanh() });

export function tanh(): Layer {
  return tanhLayer({});
}

const sigmoidLayer = defineLayer({ name: "sigmoid", forward: (_, x) => x.sigmoid() });

/** The logistic function 1 / (1 + e⁻ˣ). */
export function sigmoid(): Layer {
  return sigmoidLayer({});
}

const softmaxLayer = defineLayer({ name: "softmax", forward: (_, x) => x.softmax(-1) });

/** eˣⁱ / Σⱼ eˣʲ along the last axis. For training, `losses.crossEntropy()` takes the logits instead. */
export function softmax(): Layer {
  return softmaxLayer({});
}

export const activationLayers = [
  reluLayer,
  leakyReluLayer,
  eluLayer,
  tanhLayer,
  sigmoidLayer,
  softmaxLayer,
] as const;
