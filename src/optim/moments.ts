/** Running means of gradients and of their squares, which Adam and its kin share. */

import type { Tensor } from "../tensor/index.ts";
import type { UpdateInputs } from "./perParameter.ts";

/** m ← β·m + (1 − β)·x */
export function decayedMean(mean: Tensor, beta: Tensor, x: Tensor): Tensor {
  return withoutResidue(mean.mul(beta).add(x.mul(complement(beta))));
}

/** 1 − x of a scalar. */
export function complement(x: Tensor): Tensor {
  return x.neg().add(1);
}

/** 1 − βᵗ: what a mean that began at 0 lacks after t steps; as −(e^(t ln β) − 1), exact to the last digits where βᵗ
 * is near 1. */
export function biasCorrection(beta: Tensor, step: Tensor): Tensor {
  return beta.log().mul(step).expm1().neg();
}

/** Where and how the weight decay λ enters. */
export interface Decay {
  /** λ is above 0. */
  readonly isOn: boolean;
  /** θ shrinks by ηλθ beside the step (Loshchilov and Hutter, ICLR 2019); otherwise g grows by λθ. */
  readonly isDecoupled: boolean;
}

/** The parameter and the gradient that a step starts from. */
export function decayed(
  { parameter, gradient, rates }: Pick<UpdateInputs, "parameter" | "gradient" | "rates">,
  { isOn, isDecoupled }: Decay,
): { readonly parameter: Tensor; readonly gradient: Tensor } {
  if (!isOn) return { parameter, gradient };
  if (!isDecoupled) return { parameter, gradient: gradient.add(parameter.mul(rates.weightDecay)) };
  const kept = complement(rates.learningRate.mul(rates.weightDecay));
  return { parameter: parameter.mul(kept), gradient };
}

/** Drops float32 moments that have decayed to nothing: numbers near the subnormal range (1e-38) slow
 * every multiplication that meets them, and (x + c) − c = 0 where x is below about c·2⁻²⁴, far under
 * the effect of ε. */
function withoutResidue(x: Tensor): Tensor {
  return x.dtype === "float32" ? x.add(1e-28).sub(1e-28) : x;
}
