/** Hyper-parameters: their checks, and which of them a step reads. */

import { UsageError } from "../util/index.ts";

/** @throws UsageError unless every rate is finite and at least 0. */
export function expectRates(who: string, rates: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(rates)) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new UsageError(`${who}: expected ${name} of at least 0, got ${value}.`);
    }
  }
}

/** @throws UsageError unless every value is finite and above 0. */
export function expectPositive(who: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!(Number.isFinite(value) && value > 0)) {
      throw new UsageError(`${who}: expected ${name} above 0, got ${value}.`);
    }
  }
}

/** @throws UsageError unless every value is an integer of at least `least`. */
export function expectCounts(
  who: string,
  counts: Readonly<Record<string, number>>,
  least = 1,
): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isInteger(value) || value < least) {
      throw new UsageError(
        `${who}: expected ${name} to be an integer from ${least}, got ${value}.`,
      );
    }
  }
}

/** @throws UsageError unless every decay is in [0, 1). */
export function expectDecay(who: string, decays: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(decays)) {
    if (!(value >= 0 && value < 1)) {
      throw new UsageError(`${who}: expected ${name} in [0, 1), got ${value}.`);
    }
  }
}

/** @throws UsageError unless every value is in [0, 1]. */
export function expectFractions(who: string, fractions: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(fractions)) {
    if (!(value >= 0 && value <= 1)) {
      throw new UsageError(`${who}: expected ${name} in [0, 1], got ${value}.`);
    }
  }
}

/** The rates above 0: a step leaves out the terms of the others. */
export function withoutZeros(rates: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(rates).filter(([, value]) => value > 0));
}
