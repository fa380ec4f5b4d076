/** Losses as a configuration writes them: the options of each kind, and the loss that they make. */

import { z } from "zod";
import type { Loss } from "../nn/index.ts";
import type { losses } from "../nn/losses/index.ts";
import { type LossDescription, lossFrom } from "../nn/saving.ts";
import { type KindTable, kindUnion, type OutputOf, type WrittenOf } from "./kinds.ts";

const reduction = z.enum(["mean", "sum"]).optional();
const flag = z.boolean().optional();
const positive = z.number().positive().optional();
const margin = z.number().optional();
const power = z.union([z.literal(1), z.literal(2)]).optional();
/** A weight for each class. */
const classWeights = z.array(z.number().min(0)).min(1).optional();
const nll = { reduction, classWeights, ignoreIndex: z.int().optional() } as const;
const shape = z.array(z.int().min(1));

/** A row for each kind that stands alone; defaults are those of the losses' own constructors. */
const plainTable = {
  crossEntropy: { ...nll, labelSmoothing: z.number().min(0).max(1).optional() },
  nll,
  focal: { reduction, gamma: z.number().min(0).optional(), classWeights },
  binaryCrossEntropy: {
    reduction,
    fromLogits: flag,
    posWeight: z.union([z.number().min(0), z.array(z.number().min(0)).min(1)]).optional(),
  },
  mse: { reduction },
  mae: { reduction },
  huber: { reduction, delta: positive },
  smoothL1: { reduction, beta: positive },
  hinge: { reduction, power },
  multiMargin: { reduction, power, margin, classWeights },
  perceptron: { reduction },
  klDivergence: {
    reduction: z.enum(["batchMean", "mean", "sum"]).optional(),
    logTarget: flag,
  },
  poissonNll: { reduction, logInput: flag, full: flag, epsilon: positive },
  gaussianNll: { reduction, logVariance: flag, full: flag, epsilon: positive },
  cosine: { reduction, margin },
  contrastive: { reduction, margin },
  triplet: { reduction, margin, order: positive, swap: flag },
} as const satisfies KindTable;

/** A weighted sum over the outputs of a graph. */
interface Combined<Part> {
  readonly kind: "combined";
  readonly parts: readonly {
    readonly loss: Part;
    readonly output: readonly number[];
    readonly target?: readonly number[] | undefined;
    readonly weight?: number | undefined;
  }[];
}

/** A loss of a configuration. */
export type LossConfig = OutputOf<typeof plainTable> | Combined<LossConfig>;

/** A loss as one writes it. */
export type WrittenLoss = WrittenOf<typeof plainTable> | Combined<WrittenLoss>;

export const lossTable = {
  ...plainTable,
  combined: {
    parts: z
      .array(
        z.strictObject({
          loss: z.lazy((): z.ZodType<LossConfig> => lossSchema),
          output: shape,
          target: shape.optional(),
          weight: z.number().min(0).optional(),
        }),
      )
      .min(1),
  },
} as const satisfies KindTable & Record<keyof typeof losses, object>;

export const lossSchema: z.ZodType<LossConfig> = kindUnion(lossTable);

/** The loss of a configuration. @throws UsageError for options that do not go together */
export function lossOfConfig(config: LossConfig): Loss {
  return lossFrom(described(config));
}

function described({ kind, ...options }: LossConfig): LossDescription {
  if (!("parts" in options)) return { kind, options };
  const parts = options.parts.map((part) => ({ ...part, loss: described(part.loss) }));
  return { kind, options: { parts } };
}
