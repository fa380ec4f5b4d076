/** Optimizers made again from their descriptions. */

import { UsageError } from "../util/index.ts";
import type { ParameterGroup } from "./groups.ts";
import {
  type Description,
  type EvaluatingOptimizer,
  isEvaluating,
  type Optimizer,
} from "./optimizer.ts";
import { allOptimizers, type OptimizerKind } from "./variantCatalogue.ts";
import type { AnyOptimizerWrapper, OptimizerWrapper } from "./wrapper.ts";
import { type WrapperKind, wrappers } from "./wrapperCatalogue.ts";

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
  if (Object.hasOwn(allOptimizers, kind)) {
    const make = allOptimizers[kind as OptimizerKind] as (
      options: unknown,
    ) => Optimizer | EvaluatingOptimizer;
    return make(options);
  }
  if (!Object.hasOwn(wrappers, kind)) {
    const known = [...Object.keys(allOptimizers), ...Object.keys(wrappers)].join(", ");
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
