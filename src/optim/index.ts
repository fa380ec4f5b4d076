/** Optimizers. */

import { UsageError } from "../util/index.ts";
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgd } from "./sgd.ts";

/** Constructors of the built-in optimizers. */
export const optimizers = { sgd, adam } as const;

/** The built-in optimizer of a description. @throws UsageError for an unknown kind. */
export function optimizerFrom(description: {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
}): Optimizer {
  const make = (optimizers as Record<string, (options?: never) => Optimizer>)[description.kind];
  if (make === undefined) {
    const known = Object.keys(optimizers).join(", ");
    throw new UsageError(`Optimizer: expected one of ${known}, got "${description.kind}".`);
  }
  return make(description.options as never);
}

export { type AdamOptions, adam } from "./adam.ts";
export {
  defineOptimizer,
  type Optimizer,
  type OptimizerDefinition,
  type UpdateInputs,
  type UpdateResult,
} from "./optimizer.ts";
export { type SgdOptions, sgd } from "./sgd.ts";
