/** Schedules with a beginning of its own. */

import { UsageError } from "../../util/index.ts";
import { expectCounts, expectFractions, expectRates } from "../rates.ts";
import { arch } from "./cosine.ts";
import {
  defineSchedule,
  elapsed,
  expectUnit,
  type Schedule,
  totalOf,
  type UnitOption,
} from "./schedule.ts";

export interface LinearWarmUpOptions extends UnitOption {
  /** Share of η₀ in the first step; ⅓ unless told. */
  readonly startFactor?: number;
  /** Share of η₀ in the end; 1 unless told. */
  readonly endFactor?: number;
  /** 5 unless told. */
  readonly length?: number;
}

/** η₀ · (start + (end − start) · min(t/length, 1)), t in steps unless told.
 *
 * Goyal et al., "Accurate, Large Minibatch SGD", 2017; as PyTorch's LinearLR.
 * @throws UsageError for negative factors, or a length that is not a positive integer.
 */
export function linearWarmUp(options: LinearWarmUpOptions = {}): Schedule {
  const { startFactor = 1 / 3, endFactor = 1, length = 5, unit = "step" } = options;
  expectRates("Schedule linearWarmUp", { startFactor, endFactor });
  expectCounts("Schedule linearWarmUp", { length });
  expectUnit("Schedule linearWarmUp", unit);
  return defineSchedule({
    name: "linearWarmUp",
    options: { startFactor, endFactor, length, unit },
    rate: (position) => {
      const share = Math.min(elapsed(position, unit) / length, 1);
      return position.base * (startFactor + (endFactor - startFactor) * share);
    },
  });
}

export interface OneCycleOptions extends UnitOption {
  /** The whole run unless told. */
  readonly length?: number;
  /** Share of the length in which the rate rises; 0.3 unless told. */
  readonly warmUp?: number;
  /** Share of η₀ at the start; 1/25 unless told. */
  readonly startFactor?: number;
  /** Share of η₀ at the end; startFactor/10⁴ unless told. */
  readonly endFactor?: number;
  readonly shape?: "cosine" | "linear";
  /** Whether the fall first mirrors the rise, and only then goes on to the end. */
  readonly isThreePhase?: boolean;
}

/** One rise from startFactor·η₀ to η₀ and one fall to endFactor·η₀; in steps unless told.
 *
 * Smith and Topin, "Super-Convergence", 2017; as in PyTorch, without its cycle of the momentum.
 * @throws UsageError for shares outside [0, 1], or a length that is not a positive integer.
 */
export function oneCycle(options: OneCycleOptions = {}): Schedule {
  const { length, warmUp = 0.3, startFactor = 1 / 25, endFactor = startFactor / 1e4 } = options;
  const { shape = "cosine", isThreePhase = false, unit = "step" } = options;
  if (length !== undefined) expectCounts("Schedule oneCycle", { length });
  expectFractions("Schedule oneCycle", { warmUp, startFactor, endFactor });
  expectUnit("Schedule oneCycle", unit);
  if (shape !== "cosine" && shape !== "linear") {
    throw new UsageError(
      `Schedule oneCycle: expected the shape "cosine" or "linear", got "${shape}".`,
    );
  }
  const all = { warmUp, startFactor, endFactor, shape, isThreePhase, unit };
  return defineSchedule({
    name: "oneCycle",
    options: { ...(length === undefined ? {} : { length }), ...all },
    rate: (position) => {
      const total = length ?? totalOf(position, unit);
      const top = warmUp * total - 1;
      // Where each phase ends, and with which share of η₀.
      const phases: readonly (readonly [number, number])[] = isThreePhase
        ? [
            [top, 1],
            [2 * top, startFactor],
            [total - 1, endFactor],
          ]
        : [
            [top, 1],
            [total - 1, endFactor],
          ];
      const t = elapsed(position, unit);
      let [from, factor] = [0, startFactor];
      for (const [to, next] of phases) {
        if (t <= to) return position.base * between(factor, next, (t - from) / (to - from));
        [from, factor] = [to, next];
      }
      return position.base * endFactor;
    },
  });

  function between(start: number, end: number, x: number): number {
    return shape === "linear" ? start + (end - start) * x : end + (start - end) * arch(x);
  }
}
