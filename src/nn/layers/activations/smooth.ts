/** Smooth relatives of relu: softplus, gelu, silu, mish, and the piecewise hardSwish. */

import type { Tensor } from "../../../tensor/index.ts";
import { UsageError } from "../../../util/index.ts";
import { defineLayer, type Layer } from "../../layer.ts";

/** log(1 + eˣ) = max(x, 0) + log(1 + e^(−|x|)): nothing overflows, and small results keep their digits. */
export function logOnePlusExp(x: Tensor): Tensor {
  const isPositive = x.gt(0);
  const tail = isPositive.where(x.neg(), x).exp().log1p();
  return isPositive.where(x.add(tail), tail);
}

export interface SoftplusOptions {
  /** Sharpness of the bend; default 1. */
  readonly beta?: number;
  /** Where βx is larger, the result is x; default 20. */
  readonly threshold?: number;
}

export const softplusLayer = defineLayer({
  name: "softplus",
  forward: (_, x, { options: { beta = 1, threshold = 20 } }: { options: SoftplusOptions }) => {
    if (!(beta > 0)) {
      throw new UsageError(`Layer "softplus": expected beta above 0, got ${beta}.`);
    }
    const scaled = x.mul(beta);
    return scaled.gt(threshold).where(x, logOnePlusExp(scaled).div(beta));
  },
});

/** log(1 + e^(βx)) / β, and x itself where βx > threshold. Dugas et al., NIPS 2000. */
export function softplus(options: SoftplusOptions = {}): Layer {
  return softplusLayer(options);
}

export const logSigmoidLayer = defineLayer({
  name: "logSigmoid",
  forward: (_, x) => logOnePlusExp(x.neg()).neg(),
});

/** log σ(x) = −log(1 + e⁻ˣ). */
export function logSigmoid(): Layer {
  return logSigmoidLayer({});
}

export interface GeluOptions {
  /** `none`: x·Φ(x), the default. `tanh`: x/2·(1 + tanh(√(2/π)(x + 0.044715x³))). */
  readonly approximate?: "none" | "tanh";
}

export const geluLayer = defineLayer({
  name: "gelu",
  forward: (_, x, { options: { approximate = "none" } }: { options: GeluOptions }) => {
    if (approximate === "none") return x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5);
    const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(inner.tanh().add(1)).mul(0.5);
  },
});

/** x·Φ(x) with the normal distribution function Φ. Hendrycks and Gimpel, 2016. */
export function gelu(options: GeluOptions = {}): Layer {
  return geluLayer(options);
}

export const siluLayer = defineLayer({ name: "silu", forward: (_, x) => x.mul(x.sigmoid()) });

/** x·σ(x). Elfwing, Uchibe, Doya, 2018. */
export function silu(): Layer {
  return siluLayer({});
}

export const mishLayer = defineLayer({
  name: "mish",
  forward: (_, x) => x.mul(logOnePlusExp(x).tanh()),
});

/** x·tanh(log(1 + eˣ)). Misra, BMVC 2020. */
export function mish(): Layer {
  return mishLayer({});
}

export const hardSwishLayer = defineLayer({
  name: "hardSwish",
  forward: (_, x) => x.mul(x.add(3).clip(0, 6)).div(6),
});

/** x·clip(x + 3, 0, 6)/6. Howard et al., ICCV 2019. */
export function hardSwish(): Layer {
  return hardSwishLayer({});
}
