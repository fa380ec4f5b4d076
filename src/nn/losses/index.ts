/** The built-in losses, together and by kind. */

import { UsageError } from "../../util/index.ts";
import { binaryCrossEntropy } from "./binary.ts";
import { combined } from "./combined.ts";
import { crossEntropy, focal, nll } from "./crossEntropy.ts";
import { gaussianNll, klDivergence, poissonNll } from "./distributions.ts";
import type { Loss } from "./loss.ts";
import { hinge, multiMargin, perceptron } from "./margin.ts";
import { huber, mae, mse, smoothL1 } from "./regression.ts";
import { contrastive, cosine, triplet } from "./similarity.ts";

/** Constructors of the built-in losses. */
export const losses = {
  crossEntropy,
  nll,
  focal,
  binaryCrossEntropy,
  mse,
  mae,
  huber,
  smoothL1,
  hinge,
  multiMargin,
  perceptron,
  klDivergence,
  poissonNll,
  gaussianNll,
  cosine,
  contrastive,
  triplet,
  combined,
} as const;

/** A loss as plain data. */
export interface LossDescription {
  readonly kind: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** The built-in loss of a description. @throws UsageError for an unknown kind. */
export function lossFrom({ kind, options = {} }: LossDescription): Loss {
  if (kind === "combined") {
    const parts = options.parts as readonly (Parameters<typeof combined>[0][number] & {
      readonly loss: LossDescription;
    })[];
    return combined(parts.map((part) => ({ ...part, loss: lossFrom(part.loss) })));
  }
  if (!Object.hasOwn(losses, kind)) {
    const known = Object.keys(losses).join(", ");
    throw new UsageError(`Loss: expected one of ${known}, got "${kind}".`);
  }
  return (losses as unknown as Record<string, (options: unknown) => Loss>)[kind](options);
}

export type { BinaryCrossEntropyOptions } from "./binary.ts";
export type { OutputLoss } from "./combined.ts";
export { type CrossEntropyOptions, crossEntropy, type NllOptions } from "./crossEntropy.ts";
export {
  defineLoss,
  type Loss,
  type LossDefinition,
  lossOfBatch,
  type Reduction,
  weightedMean,
} from "./loss.ts";
export { mse } from "./regression.ts";
