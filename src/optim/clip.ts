/** Clipping: gradients with a limit to their values or to their norms. */

import type { Tensor } from "../tensor/index.ts";
import type { Tensors } from "./optimizer.ts";
import { expectPositive } from "./rates.ts";
import { defineGradientTransform, type OptimizerWrapper } from "./wrapper.ts";

export interface ClipOptions {
  /** The largest value, or the largest norm. */
  readonly limit: number;
}

/** g ← min(max(g, −limit), limit), element by element.
 *
 * @throws UsageError for a limit that is not above 0.
 * @example
 * wrappers.clipByValue({ limit: 0.5 })(optimizers.sgd());
 */
export function clipByValue({ limit }: ClipOptions): OptimizerWrapper {
  expectPositive("Optimizer clipByValue", { limit });
  return defineGradientTransform({
    name: "clipByValue",
    rates: { limit },
    transform: (gradients, { rates }) =>
      each(gradients, (gradient) => gradient.maximum(rates.limit.neg()).minimum(rates.limit)),
  });
}

/** g ← g · min(1, limit / (‖g‖₂ + 10⁻⁶)), for each parameter on its own.
 *
 * @throws UsageError for a limit that is not above 0.
 */
export function clipByNorm({ limit }: ClipOptions): OptimizerWrapper {
  expectPositive("Optimizer clipByNorm", { limit });
  return defineGradientTransform({
    name: "clipByNorm",
    rates: { limit },
    transform: (gradients, { rates }) =>
      each(gradients, (gradient) =>
        gradient.mul(shrinkage(gradient.square().sum().sqrt(), rates.limit)),
      ),
  });
}

/** g ← g · min(1, limit / (‖(g₁, g₂, …)‖₂ + 10⁻⁶)), the norm over all parameters together.
 *
 * Pascanu, Mikolov, Bengio, ICML 2013 (the 10⁻⁶ as in PyTorch).
 * @throws UsageError for a limit that is not above 0.
 */
export function clipByGlobalNorm({ limit }: ClipOptions): OptimizerWrapper {
  expectPositive("Optimizer clipByGlobalNorm", { limit });
  return defineGradientTransform({
    name: "clipByGlobalNorm",
    rates: { limit },
    transform: (gradients, { rates }) => {
      const squares = [...gradients.values()].map((gradient) => gradient.square().sum());
      const norm = squares.reduce((sum, square) => sum.add(square)).sqrt();
      const factor = shrinkage(norm, rates.limit);
      return each(gradients, (gradient) => gradient.mul(factor));
    },
  });
}

/** The factor of a gradient of some norm. */
function shrinkage(norm: Tensor, limit: Tensor): Tensor {
  return limit.div(norm.add(1e-6)).minimum(1);
}

function each(gradients: Tensors, change: (gradient: Tensor) => Tensor): Tensors {
  return new Map([...gradients].map(([path, gradient]) => [path, change(gradient)]));
}
