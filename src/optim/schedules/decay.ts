/** Schedules that fall in steps or along a curve. */

import { expectCounts, expectPositive, expectRates } from "../rates.ts";
import {
  defineSchedule,
  elapsed,
  expectMilestones,
  expectUnit,
  type Schedule,
  totalOf,
  type UnitOption,
} from "./schedule.ts";

export interface StepScheduleOptions extends UnitOption {
  readonly length: number;
  /** 0.1 unless told. */
  readonly factor?: number;
}

/** η₀ · factor^⌊t/length⌋, t in epochs unless told.
 *
 * @throws UsageError for a length that is not a positive integer, or a negative factor.
 */
export function step({ length, factor = 0.1, unit = "epoch" }: StepScheduleOptions): Schedule {
  expectCounts("Schedule step", { length });
  expectRates("Schedule step", { factor });
  expectUnit("Schedule step", unit);
  return defineSchedule({
    name: "step",
    options: { length, factor, unit },
    rate: (position) => position.base * factor ** Math.floor(elapsed(position, unit) / length),
  });
}

export interface MultiStepOptions extends UnitOption {
  readonly milestones: readonly number[];
  /** 0.1 unless told. */
  readonly factor?: number;
}

/** η₀ · factor^(milestones reached), in epochs unless told.
 *
 * @throws UsageError for milestones that do not rise, or a negative factor.
 */
export function multiStep(options: MultiStepOptions): Schedule {
  const { milestones, factor = 0.1, unit = "epoch" } = options;
  expectMilestones("Schedule multiStep", milestones);
  expectRates("Schedule multiStep", { factor });
  expectUnit("Schedule multiStep", unit);
  return defineSchedule({
    name: "multiStep",
    options: { milestones, factor, unit },
    rate: (position) => {
      const t = elapsed(position, unit);
      return position.base * factor ** milestones.filter((milestone) => milestone <= t).length;
    },
  });
}

/** η₀ · factorᵗ, t in epochs unless told.
 *
 * @throws UsageError for a factor that is not above 0.
 */
export function exponential(options: UnitOption & { readonly factor: number }): Schedule {
  const { factor, unit = "epoch" } = options;
  expectPositive("Schedule exponential", { factor });
  expectUnit("Schedule exponential", unit);
  return defineSchedule({
    name: "exponential",
    options: { factor, unit },
    rate: (position) => position.base * factor ** elapsed(position, unit),
  });
}

export interface PolynomialOptions extends UnitOption {
  /** The whole run unless told. */
  readonly length?: number;
  /** 1 (a line) unless told. */
  readonly power?: number;
  /** The rate at the end; 0 unless told. */
  readonly least?: number;
}

/** η_min + (η₀ − η_min) · (1 − t/length)^power until t = length, then η_min; t in steps unless told.
 *
 * @throws UsageError for a length that is not a positive integer, or negative numbers.
 */
export function polynomial(options: PolynomialOptions = {}): Schedule {
  const { length, power = 1, least = 0, unit = "step" } = options;
  if (length !== undefined) expectCounts("Schedule polynomial", { length });
  expectRates("Schedule polynomial", { power, least });
  expectUnit("Schedule polynomial", unit);
  return defineSchedule({
    name: "polynomial",
    options: { ...(length === undefined ? {} : { length }), power, least, unit },
    rate: (position) => {
      const end = length ?? totalOf(position, unit);
      const left = 1 - Math.min(elapsed(position, unit), end) / end;
      return least + (position.base - least) * left ** power;
    },
  });
}

/** η₀ / (t + 1)^power, t in steps unless told: what scikit-learn calls "invscaling" (which counts rows).
 *
 * @throws UsageError for a negative power.
 */
export function inverseScaling(options: UnitOption & { readonly power?: number } = {}): Schedule {
  const { power = 0.5, unit = "step" } = options;
  expectRates("Schedule inverseScaling", { power });
  expectUnit("Schedule inverseScaling", unit);
  return defineSchedule({
    name: "inverseScaling",
    options: { power, unit },
    rate: (position) => position.base / (elapsed(position, unit) + 1) ** power,
  });
}
