/** The description of an experiment: every key with its type, its bounds and its default. */

import { z } from "zod";
import { augmentSchema } from "./augment.ts";
import type { OrName } from "./kinds.ts";
import { layerSchema, type WrittenLayer } from "./layers.ts";
import { lossSchema, type WrittenLoss } from "./losses.ts";
import { optimizerSchema, type WrittenOptimizer } from "./optimizers.ts";
import { scheduleSchema, type WrittenSchedule } from "./schedules.ts";
import { sourceSchema } from "./sources.ts";

const rows = z.number().positive();

const splitSchema = z.strictObject({
  /** The test part: a fraction below 1 or a count of rows, 0.2 unless said; "same" to test on the
   * training rows (for problems whose every case is given). Not for data that come in two parts. */
  test: z.union([rows, z.literal("same")]).optional(),
  /** Rows of the training part kept apart to watch training: a fraction or a count. */
  validation: rows.optional(),
  /** Keep the proportions of the classes; for classification unless said. */
  stratify: z.boolean().optional(),
  /** Chooses the rows; the experiment's seed unless said. */
  seed: z.int().min(0).optional(),
});

const earlyStoppingSchema = z.strictObject({
  monitor: z.enum(["loss", "accuracy"]).default("loss"),
  /** Epochs without improvement before training stops. */
  patience: z.int().min(1).default(10),
  minDelta: z.number().min(0).default(0),
  /** End with the weights of the best epoch instead of the last one's. */
  restoreBest: z.boolean().default(true),
});

const reportSchema = z.strictObject({
  /** The heading of the report. */
  title: z.string().min(1).optional(),
  /** Two features, by name or index, for a map of the classes; the others stay at their means. */
  boundary: z.tuple([z.union([z.string(), z.int()]), z.union([z.string(), z.int()])]).optional(),
  /** Height and width of rows that are pictures. */
  images: z.tuple([z.int().min(1), z.int().min(1)]).optional(),
});

/** An experiment; keys with a default may be left out. */
export const experimentSchema = z.strictObject({
  /** Names the run's folder. */
  name: z
    .string()
    .regex(/^[\w.-]+$/, "expected letters, digits, dots, hyphens and underscores")
    .optional(),
  /** One sentence for lists and reports. */
  description: z.string().optional(),
  data: sourceSchema,
  split: splitSchema.prefault({}),
  /** Shift and scale every feature, and the target of a regression, to mean 0 and deviation 1, as
   * measured on the training part. */
  standardize: z.boolean().default(true),
  network: z.array(layerSchema).min(1),
  /** Cross-entropy for classes and the mean squared error for values, unless said. */
  loss: lossSchema.optional(),
  optimizer: optimizerSchema.prefault({ kind: "adam" }),
  /** How the learning rate changes in the course of training; it stays unless said. */
  schedule: scheduleSchema.optional(),
  epochs: z.int().min(1).default(100),
  /** Rows of one step, 32 unless said; at least all of them means the full batch, which is what lbfgs
   * takes. */
  batchSize: z.int().min(1).optional(),
  /** A new order of the rows for each epoch. */
  shuffle: z.boolean().default(true),
  /** Random changes of the training pictures, others in each epoch. */
  augment: augmentSchema.optional(),
  earlyStopping: earlyStoppingSchema.optional(),
  /** Weight of each class in the loss; "balanced" makes rare classes count as much as common ones. */
  classWeights: z.union([z.literal("balanced"), z.array(z.number().min(0))]).optional(),
  /** Decides the split, the first weights and the order of the rows. */
  seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  dtype: z.enum(["float32", "float64"]).default("float32"),
  backend: z.enum(["wasm", "reference"]).default("wasm"),
  /** "strict" gives the same bits on every machine; "fast" may fuse operations where it can. */
  mode: z.enum(["strict", "fast"]).default("strict"),
  /** Threads that share the steps that are large enough; "auto" is all that the machine has, 8 at most.
   * Results do not depend on it. */
  threads: z.union([z.literal("auto"), z.int().min(1)]).default("auto"),
  report: reportSchema.prefault({}),
});

/** A validated experiment with its defaults filled in. */
export type ResolvedConfig = z.output<typeof experimentSchema>;

type Written = z.input<typeof experimentSchema>;

/** Augmentation as one writes it. */
interface WrittenAugment extends Omit<NonNullable<Written["augment"]>, "transforms"> {
  transforms: OrName<NonNullable<Written["augment"]>["transforms"][number]>[];
}

/** An experiment as one writes it: plain JSON, where defaults may be left out and a layer, a loss, an
 * optimizer, a schedule or a transform without options may be its kind's name alone.
 *
 * @example
 * export default {
 *   data: { dataset: "iris" },
 *   network: [{ kind: "linear", units: 11 }, "relu", "linear"],
 *   optimizer: { kind: "adam", learningRate: 0.01 },
 * } satisfies ExperimentConfig;
 */
export interface ExperimentConfig
  extends Omit<Written, "network" | "loss" | "optimizer" | "schedule" | "augment"> {
  network: WrittenLayer[];
  loss?: WrittenLoss;
  optimizer?: WrittenOptimizer;
  schedule?: WrittenSchedule;
  augment?: WrittenAugment;
}
