/** The measured error bounds of the vector functions, in units in the last place. */

import type { Lanes } from "./context.ts";
import type { MathFunction } from "./vectorMath.ts";

/**
 * The largest distance of a result from the exact value, in units in the last place of the exact
 * value (0.5 is correct rounding), strict and fused alike. Measured, with a little to spare:
 * f32x4 over 16 million arguments spread over all bit patterns, f64x2 over 20 thousand arguments
 * against 200-bit arithmetic. Special values are exact.
 */
export const ulpBounds: Readonly<Record<MathFunction, Readonly<Record<Lanes, number>>>> = {
  exp: { f32x4: 1.1, f64x2: 0.9 },
  expm1: { f32x4: 1.6, f64x2: 1.3 },
  log: { f32x4: 0.9, f64x2: 0.9 },
  log1p: { f32x4: 0.9, f64x2: 0.9 },
  tanh: { f32x4: 1.5, f64x2: 2.1 },
  sigmoid: { f32x4: 1.9, f64x2: 1.9 },
  erf: { f32x4: 1.4, f64x2: 0.9 },
  sin: { f32x4: 0.51, f64x2: 0.8 },
  cos: { f32x4: 0.51, f64x2: 0.8 },
  pow: { f32x4: 0.51, f64x2: 0.9 },
};

/** Fused, exp and sigmoid are 0 where the exact result is below these, some three times the smallest normal numbers. */
export const flushedBelow: Readonly<Record<Lanes, number>> = { f32x4: 3.7e-38, f64x2: 9e-308 };

/** The functions that are. */
export const flushed: ReadonlySet<MathFunction> = new Set(["exp", "sigmoid"]);
