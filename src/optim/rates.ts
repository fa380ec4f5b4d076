/** Checks of hyper-parameters. */

import { UsageError } from "../util/index.ts";

/** @throws UsageError unless every rate is finite and at least 0. */
export function expectRates(optimizer: string, rates: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(rates)) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new UsageError(`Optimizer ${optimizer}: expected ${name} of at least 0, got ${value}.`);
    }
  }
}

/** @throws UsageError unless every decay is in [0, 1). */
export function expectDecay(optimizer: string, decays: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(decays)) {
    if (!(value >= 0 && value < 1)) {
      throw new UsageError(`Optimizer ${optimizer}: expected ${name} in [0, 1), got ${value}.`);
    }
  }
}
