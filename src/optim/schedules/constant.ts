/** The schedule that keeps one rate. */

import { expectCounts, expectRates } from "../rates.ts";
import { defineSchedule, elapsed, expectUnit, type Schedule, type UnitOption } from "./schedule.ts";

export interface ConstantOptions extends UnitOption {
  /** 1 unless told. */
  readonly factor?: number;
  /** After which the factor no longer counts; for ever unless told. */
  readonly length?: number;
}

/** η₀ · factor, and η₀ from t = length on; t in epochs unless told.
 *
 * @throws UsageError for a negative factor, or a length that is not a positive integer.
 */
export function constant({ factor = 1, length, unit = "epoch" }: ConstantOptions = {}): Schedule {
  expectRates("Schedule constant", { factor });
  if (length !== undefined) expectCounts("Schedule constant", { length });
  expectUnit("Schedule constant", unit);
  return defineSchedule({
    name: "constant",
    options: { factor, ...(length === undefined ? {} : { length }), unit },
    rate: (position) => {
      const isOver = length !== undefined && elapsed(position, unit) >= length;
      return isOver ? position.base : position.base * factor;
    },
  });
}
