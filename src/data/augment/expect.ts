/** Checks of the options of transforms. */

import { UsageError } from "../../util/index.ts";

/** @throws UsageError unless every value is finite and at least `least`. */
export function expectAtLeast(
  kind: string,
  values: Readonly<Record<string, number>>,
  least: number,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isFinite(value) && value >= least) continue;
    throw new UsageError(`Transform ${kind}: expected ${name} of at least ${least}, got ${value}.`);
  }
}

/** @throws UsageError unless every value is a whole number of at least `least`. */
export function expectWhole(
  kind: string,
  values: Readonly<Record<string, number>>,
  least: number,
): void {
  for (const [name, value] of Object.entries(values)) {
    if (Number.isInteger(value) && value >= least) continue;
    throw new UsageError(
      `Transform ${kind}: expected ${name} to be a whole number of at least ${least}, got ${value}.`,
    );
  }
}

/** @throws UsageError unless every value is from 0 to 1. */
export function expectShare(kind: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value >= 0 && value <= 1) continue;
    throw new UsageError(`Transform ${kind}: expected ${name} from 0 to 1, got ${value}.`);
  }
}
