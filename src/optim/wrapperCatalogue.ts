/** The built-in wrappers by name, and putting several around an optimizer. */

import { accumulate } from "./accumulate.ts";
import { ema, swa } from "./averages.ts";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "./clip.ts";
import { groups } from "./groups.ts";
import { lookahead } from "./lookahead.ts";
import { maxNorm } from "./maxNorm.ts";
import type { EvaluatingOptimizer, Optimizer } from "./optimizer.ts";
import { elastic, frobenius, l1, l2 } from "./penalties.ts";
import type { AnyOptimizerWrapper, OptimizerWrapper } from "./wrapper.ts";

/** Constructors of the built-in wrappers. */
export const wrappers = {
  accumulate,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  elastic,
  ema,
  frobenius,
  groups,
  l1,
  l2,
  lookahead,
  maxNorm,
  swa,
} as const;

/** Name of a built-in wrapper. */
export type WrapperKind = keyof typeof wrappers;

/** Wrappers around an optimizer, the outermost (which sees the gradients first) first:
 * `chain(a, b, optimizer)` is `a(b(optimizer))`.
 *
 * @example
 * chain(
 *   wrappers.clipByGlobalNorm({ limit: 1 }),
 *   wrappers.l2({ strength: 1e-4, parameters: "weight" }),
 *   wrappers.ema({ decay: 0.99 }),
 *   optimizers.adam({ learningRate: 0.01 }),
 * );
 */
export function chain(...parts: readonly [...OptimizerWrapper[], Optimizer]): Optimizer;
/** Penalties around an optimizer with a line search. */
export function chain(
  ...parts: readonly [...AnyOptimizerWrapper[], EvaluatingOptimizer]
): EvaluatingOptimizer;
export function chain(
  ...parts: readonly (OptimizerWrapper | AnyOptimizerWrapper | Optimizer | EvaluatingOptimizer)[]
): Optimizer | EvaluatingOptimizer {
  const optimizer = parts.at(-1) as Optimizer;
  const around = parts.slice(0, -1) as OptimizerWrapper[];
  return around.reduceRight((inner, wrap) => wrap(inner), optimizer);
}
