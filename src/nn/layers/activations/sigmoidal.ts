/** Activations with two bounds: sigmoid, tanh, their piecewise linear forms, softsign. */

import { defineLayer, type Layer } from "../../layer.ts";

export const sigmoidLayer = defineLayer({ name: "sigmoid", forward: (_, x) => x.sigmoid() });

/** The logistic function σ(x) = 1 / (1 + e⁻ˣ). */
export function sigmoid(): Layer {
  return sigmoidLayer({});
}

export const tanhLayer = defineLayer({ name: "tanh", forward: (_, x) => x.tanh() });

/** tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ). */
export function tanh(): Layer {
  return tanhLayer({});
}

export interface HardSigmoidOptions {
  /** `pytorch`: clip(x/6 + 1/2, 0, 1), the default. `taylor`: clip(x/4 + 1/2, 0, 1), the tangent of the
   * sigmoid at 0. */
  readonly form?: "pytorch" | "taylor";
}

const hardSigmoidSlopes = { pytorch: 1 / 6, taylor: 1 / 4 } as const;

export const hardSigmoidLayer = defineLayer({
  name: "hardSigmoid",
  forward: (_, x, { options }: { options: HardSigmoidOptions }) =>
    x
      .mul(hardSigmoidSlopes[options.form ?? "pytorch"])
      .add(0.5)
      .clip(0, 1),
});

/** A straight line from 0 to 1 in place of the sigmoid: clip(slope·x + 1/2, 0, 1).
 * Courbariaux, Bengio, David, 2015. */
export function hardSigmoid(options: HardSigmoidOptions = {}): Layer {
  return hardSigmoidLayer(options);
}

export interface HardTanhOptions {
  /** Default −1. */
  readonly low?: number;
  /** Default 1. */
  readonly high?: number;
}

export const hardTanhLayer = defineLayer({
  name: "hardTanh",
  forward: (_, x, { options: { low = -1, high = 1 } }: { options: HardTanhOptions }) =>
    x.clip(low, high),
});

/** clip(x, low, high). Collobert, 2004. */
export function hardTanh(options: HardTanhOptions = {}): Layer {
  return hardTanhLayer(options);
}

export const softsignLayer = defineLayer({
  name: "softsign",
  forward: (_, x) => x.div(x.abs().add(1)),
});

/** x / (1 + |x|). Bergstra et al., 2009. */
export function softsign(): Layer {
  return softsignLayer({});
}
