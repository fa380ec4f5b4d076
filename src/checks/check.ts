/** Checks: named claims about a part, which a test runner can take one by one or all at once. */

import type { TensorData } from "../ir/index.ts";
import { UsageError } from "../util/index.ts";

/** One claim. */
export interface Check {
  readonly name: string;
  /** @throws UsageError when the claim does not hold */
  run(): void | Promise<void>;
}

/** Runs all checks.
 * @throws UsageError that lists every claim which does not hold */
export async function runChecks(what: string, checks: readonly Check[]): Promise<void> {
  const failures: string[] = [];
  for (const { name, run } of checks) {
    try {
      await run();
    } catch (error) {
      failures.push(`- ${name}: ${(error as Error).message}`);
    }
  }
  if (failures.length === 0) return;
  throw new UsageError(
    `${what}: ${failures.length} of ${checks.length} checks failed.\n${failures.join("\n")}`,
  );
}

/** @throws UsageError with the message when a claim is false */
export function expectThat(claim: boolean, message: () => string): void {
  if (!claim) throw new UsageError(message());
}

/** @throws UsageError when two shapes differ */
export function expectShape(
  what: string,
  actual: readonly number[],
  expected: readonly number[],
): void {
  expectThat(
    actual.join() === expected.join(),
    () => `${what}: expected shape [${expected.join(", ")}], got [${actual.join(", ")}].`,
  );
}

/** @throws when two runs of the same thing differ in a bit. */
export function expectSameBits(what: string, data: TensorData, again: TensorData): void {
  expectThat(
    data.every((value, i) => Object.is(value, again[i])),
    () => `${what}: expected the same bits again, got other values.`,
  );
}

/** Whether values differ by more than `tolerance` times the largest of them, or 1.
 * @throws UsageError that names the first value which does */
export function expectClose(
  what: string,
  actual: TensorData,
  expected: TensorData,
  tolerance: number,
): void {
  let scale = 1;
  for (const value of expected)
    if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
  for (let i = 0; i < expected.length; i++) {
    if (
      Object.is(actual[i], expected[i]) ||
      Math.abs(actual[i] - expected[i]) <= tolerance * scale
    ) {
      continue;
    }
    throw new UsageError(
      `${what}: expected ${expected[i]} at position ${i}, got ${actual[i]} ` +
        `(tolerance ${tolerance * scale}).`,
    );
  }
}

/** Both backends round alike but sum in other orders, some hundred terms deep. */
export const backendTolerance = { float32: 1e-4, float64: 1e-11 } as const;

/** The bound on |analytic − numeric| of a gradient check, relative to the largest slope: differences in
 * float64 with a step of 1e-5 err by about 1e-10, and by more where a function bends sharply. */
export const gradientTolerance = 1e-6;

/** ∂f/∂values by central differences. */
export function centralDifferences(
  values: Float64Array,
  f: (values: Float64Array) => number,
  step = 1e-5,
): Float64Array {
  return values.map((value, i) => {
    const moved = values.slice();
    moved[i] = value + step;
    const above = f(moved);
    moved[i] = value - step;
    return (above - f(moved)) / (2 * step);
  });
}
