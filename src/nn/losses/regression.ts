/** Losses for values: mse, mae, huber, smoothL1. */

import type { Tensor } from "../../tensor/index.ts";
import { UsageError } from "../../util/index.ts";
import { defineLoss, type Loss, overOutputs, type Reduction } from "./loss.ts";
import { asRows } from "./target.ts";

export interface ReductionOption {
  /** Mean, the default, or sum: over the samples and over the outputs of each. */
  readonly reduction?: Reduction;
}

/** A loss of the differences between outputs and targets. */
function ofDifferences(
  name: string,
  reduction: Reduction,
  options: Readonly<Record<string, unknown>>,
  each: (difference: Tensor) => Tensor,
): Loss {
  return defineLoss({
    name,
    options: { ...options, reduction },
    reduction,
    perSample: (prediction, target) => {
      const { values, expected } = asRows(name, prediction, target);
      return overOutputs(each(values.sub(expected)), reduction);
    },
  });
}

/** Mean over the outputs of (prediction − target)² for each sample (their sum with reduction sum).
 * Targets [batch, ...output], or labels, which are taken one-hot. */
export function mse({ reduction = "mean" }: ReductionOption = {}): Loss {
  return ofDifferences("mse", reduction, {}, (difference) => difference.square());
}

/** Mean over the outputs of |prediction − target| for each sample. Targets as for `mse`. */
export function mae({ reduction = "mean" }: ReductionOption = {}): Loss {
  return ofDifferences("mae", reduction, {}, (difference) => difference.abs());
}

/** ½d² where |d| ≤ δ, else δ(|d| − δ/2); δ is 1 unless told. Huber, 1964. Targets as for `mse`. */
export function huber(options: ReductionOption & { readonly delta?: number } = {}): Loss {
  const { delta = 1, reduction = "mean" } = options;
  expectPositive("huber", "delta", delta);
  return ofDifferences("huber", reduction, { delta }, (difference) => {
    const size = difference.abs();
    const tail = size.sub(delta / 2).mul(delta);
    return size.le(delta).where(difference.square().mul(0.5), tail);
  });
}

/** ½d²/β where |d| < β, else |d| − β/2; β is 1 unless told: huber(β)/β. Girshick, ICCV 2015.
 * Targets as for `mse`. */
export function smoothL1(options: ReductionOption & { readonly beta?: number } = {}): Loss {
  const { beta = 1, reduction = "mean" } = options;
  expectPositive("smoothL1", "beta", beta);
  return ofDifferences("smoothL1", reduction, { beta }, (difference) => {
    const size = difference.abs();
    return size.lt(beta).where(difference.square().mul(0.5 / beta), size.sub(beta / 2));
  });
}

function expectPositive(kind: string, option: string, value: number): void {
  if (value > 0) return;
  throw new UsageError(`Loss "${kind}": expected ${option} above 0, got ${value}.`);
}
