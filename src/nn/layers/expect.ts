/** Checks that several layers share: shapes and options, with messages that say what to do. */

import type { Shape } from "../../ir/index.ts";
import { ShapeError, UsageError } from "../../util/index.ts";
import { formatBatch } from "../outputShape.ts";

/** @throws UsageError when an option is not a whole number from `least`. */
export function expectWhole(kind: string, option: string, value: number, least = 1): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new UsageError(
    `Layer "${kind}": expected ${option} to be a whole number from ${least}, got ${value}.`,
  );
}

/** @throws UsageError when an option lies outside [0, 1). */
export function expectFraction(kind: string, option: string, value: number): void {
  if (value >= 0 && value < 1) return;
  throw new UsageError(
    `Layer "${kind}": expected ${option} from 0 up to but without 1, got ${value}.`,
  );
}

/** The length of vector samples, or an error that says what to do. */
export function vectorLength(kind: string, input: Shape): number {
  if (input.length === 1) return input[0];
  throw new ShapeError(
    `Layer "${kind}": expected input [batch, features], got ${formatBatch(input)}; ` +
      "add layers.flatten() before it.",
  );
}

/** The axes of samples that are sequences of vectors. */
export function sequenceShape(kind: string, input: Shape): readonly [time: number, width: number] {
  if (input.length === 2) return [input[0], input[1]];
  throw new ShapeError(
    `Layer "${kind}": expected input [batch, time, features], got ${formatBatch(input)}; ` +
      "add layers.reshape([time, features]) before it, or layers.embedding for indices.",
  );
}

/** The number of channels: the last axis of a sample. */
export function channelCount(kind: string, input: Shape): number {
  if (input.length > 0) return input[input.length - 1];
  throw new ShapeError(`Layer "${kind}": expected input [batch, ..., channels], got [batch].`);
}
