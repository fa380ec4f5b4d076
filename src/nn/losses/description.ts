/** Losses made again from their descriptions. */

import { UsageError } from "../../util/index.ts";
import { losses } from "./catalogue.ts";
import type { combined } from "./combined.ts";
import type { Loss } from "./loss.ts";

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
    return losses.combined(parts.map((part) => ({ ...part, loss: lossFrom(part.loss) })));
  }
  if (!Object.hasOwn(losses, kind)) {
    const known = Object.keys(losses).join(", ");
    throw new UsageError(`Loss: expected one of ${known}, got "${kind}".`);
  }
  return (losses as unknown as Record<string, (options: unknown) => Loss>)[kind](options);
}
