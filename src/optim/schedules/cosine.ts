/** Schedules along the cosine from its top to its bottom. */

import { expectCounts, expectRates } from "../rates.ts";
import {
  defineSchedule,
  elapsed,
  expectUnit,
  type Schedule,
  totalOf,
  type UnitOption,
} from "./schedule.ts";

export interface CosineOptions extends UnitOption {
  /** From the top to the bottom; the whole run unless told. */
  readonly length?: number;
  /** The rate at the bottom; 0 unless told. */
  readonly least?: number;
}

/** η_min + (η₀ − η_min)(1 + cos(π t/length))/2, t in steps unless told; up again after `length`.
 *
 * Loshchilov and Hutter, "SGDR", ICLR 2017, without restarts; as in PyTorch.
 * @throws UsageError for a length that is not a positive integer, or a negative rate.
 */
export function cosine({ length, least = 0, unit = "step" }: CosineOptions = {}): Schedule {
  if (length !== undefined) expectCounts("Schedule cosine", { length });
  expectRates("Schedule cosine", { least });
  expectUnit("Schedule cosine", unit);
  return defineSchedule({
    name: "cosine",
    options: { ...(length === undefined ? {} : { length }), least, unit },
    rate: (position) => {
      const fraction = elapsed(position, unit) / (length ?? totalOf(position, unit));
      return least + (position.base - least) * arch(fraction);
    },
  });
}

export interface CosineWarmRestartsOptions extends UnitOption {
  /** Length of the first descent. */
  readonly length: number;
  /** What multiplies the length after each descent, an integer; 1 unless told. */
  readonly growth?: number;
  /** The rate at the bottom; 0 unless told. */
  readonly least?: number;
}

/** A cosine from η₀ to η_min over `length`, then from η₀ again over `length · growth`, and so on; in
 * epochs unless told.
 *
 * Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", ICLR 2017.
 * @throws UsageError for lengths or factors that are not positive integers, or a negative rate.
 */
export function cosineWarmRestarts(options: CosineWarmRestartsOptions): Schedule {
  const { length, growth = 1, least = 0, unit = "epoch" } = options;
  expectCounts("Schedule cosineWarmRestarts", { length, growth });
  expectRates("Schedule cosineWarmRestarts", { least });
  expectUnit("Schedule cosineWarmRestarts", unit);
  return defineSchedule({
    name: "cosineWarmRestarts",
    options: { length, growth, least, unit },
    rate: (position) => {
      let left = elapsed(position, unit);
      let descent = length;
      if (growth === 1) left %= length;
      for (; left >= descent; descent *= growth) left -= descent;
      return least + (position.base - least) * arch(left / descent);
    },
  });
}

/** (1 + cos πx)/2: from 1 at 0 to 0 at 1. */
export function arch(x: number): number {
  return (1 + Math.cos(Math.PI * x)) / 2;
}
