/** The built-in optimizers and wrappers by name, and making them from descriptions. */

import { UsageError } from "../util/index.ts";
import { accumulate } from "./accumulate.ts";
import { adadelta } from "./adadelta.ts";
import { adagrad } from "./adagrad.ts";
import { adam, adamW } from "./adam.ts";
import { adamax } from "./adamax.ts";
import { ema, swa } from "./averages.ts";
import { backpropagation } from "./backpropagation.ts";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "./clip.ts";
import { groups, type ParameterGroup } from "./groups.ts";
import { lbfgs } from "./lbfgs.ts";
import { lion } from "./lion.ts";
import { lookahead } from "./lookahead.ts";
import { maxNorm } from "./maxNorm.ts";
import { nadam } from "./nadam.ts";
import {
  type Description,
  type EvaluatingOptimizer,
  isEvaluating,
  type Optimizer,
} from "./optimizer.ts";
import { elastic, frobenius, l1, l2 } from "./penalties.ts";
import { radam } from "./radam.ts";
import { rmsprop } from "./rmsprop.ts";
import { rprop } from "./rprop.ts";
import { sgd } from "./sgd.ts";
import type { AnyOptimizerWrapper, OptimizerWrapper } from "./wrapper.ts";

/** Constructors of the built-in optimizers. */
export const optimizers = {
  sgd,
  adam,
  adamW,
  nadam,
  radam,
  adamax,
  adagrad,
  adadelta,
  rmsprop,
  rprop,
  lion,
  lbfgs,
  backpropagation,
} as const;

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

/** Name of a built-in optimizer. */
export type OptimizerKind = keyof typeof optimizers;

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

/** The optimizer of a description: `{ kind, options }`, where the options of a wrapper hold the
 * description of what it wraps as `optimizer`.
 *
 * @throws UsageError for an unknown kind, a wrapper around nothing, or options out of range.
 * @example
 * optimizerFrom({
 *   kind: "clipByGlobalNorm",
 *   options: { limit: 1, optimizer: { kind: "adam", options: { learningRate: 0.01 } } },
 * });
 */
export function optimizerFrom(description: Description): Optimizer | EvaluatingOptimizer {
  const { kind, options = {} } = description;
  if (Object.hasOwn(optimizers, kind)) {
    const make = optimizers[kind as OptimizerKind] as (
      options: unknown,
    ) => Optimizer | EvaluatingOptimizer;
    return make(options);
  }
  if (!Object.hasOwn(wrappers, kind)) {
    const known = [...Object.keys(optimizers), ...Object.keys(wrappers)].join(", ");
    throw new UsageError(`Optimizer: expected one of ${known}, got "${kind}".`);
  }
  const { optimizer: inner, ...own } = options;
  if (inner === undefined) {
    throw new UsageError(
      `Optimizer ${kind}: expected the description of the optimizer it wraps as "optimizer", got none.`,
    );
  }
  return wrapperFrom(kind as WrapperKind, own)(optimizerFrom(inner as Description));
}

/** @throws UsageError for an optimizer that only penalties can wrap. */
function wrapperFrom(
  kind: WrapperKind,
  options: Readonly<Record<string, unknown>>,
): (optimizer: Optimizer | EvaluatingOptimizer) => Optimizer | EvaluatingOptimizer {
  if (isPenalty(kind)) {
    const make = wrappers[kind] as (options: unknown) => AnyOptimizerWrapper;
    return make(options);
  }
  const make = wrappers[kind] as (options: unknown) => OptimizerWrapper;
  const wrap = make(kind === "groups" ? groupsFrom(options.groups) : options);
  return (optimizer) => wrap(compiledOnly(kind, optimizer));
}

function isPenalty(kind: WrapperKind): kind is "l1" | "l2" | "elastic" | "frobenius" {
  return kind === "l1" || kind === "l2" || kind === "elastic" || kind === "frobenius";
}

function groupsFrom(list: unknown): ParameterGroup[] {
  return (list as (Omit<ParameterGroup, "optimizer"> & { optimizer?: Description })[]).map(
    ({ optimizer, ...group }) => ({
      ...group,
      ...(optimizer && { optimizer: compiledOnly("groups", optimizerFrom(optimizer)) }),
    }),
  );
}

function compiledOnly(kind: string, optimizer: Optimizer | EvaluatingOptimizer): Optimizer {
  if (!isEvaluating(optimizer)) return optimizer;
  throw new UsageError(
    `Optimizer ${kind}: expected an optimizer of one gradient a step, got "${optimizer.kind}", whose ` +
      "line search only penalties (l1, l2, elastic, frobenius) can wrap.",
  );
}
