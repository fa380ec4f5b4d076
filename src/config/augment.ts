/** Augmentation as a configuration writes it: the options of each transform, and the transforms they make. */

import { z } from "zod";
import { type Transform, transformFrom, type transforms } from "../data/index.ts";

const share = z.number().min(0).max(1);

/** One schema a transform. Defaults are those of the transforms' own constructors. */
const schemas = {
  shift: z.strictObject({ kind: z.literal("shift"), pixels: z.number().min(0).optional() }),
  crop: z.strictObject({ kind: z.literal("crop"), padding: z.int().min(0).optional() }),
  rotate: z.strictObject({ kind: z.literal("rotate"), degrees: z.number().min(0).optional() }),
  scale: z.strictObject({
    kind: z.literal("scale"),
    from: z.number().min(0.01).optional(),
    to: z.number().min(0.01).optional(),
  }),
  flip: z.strictObject({
    kind: z.literal("flip"),
    axis: z.enum(["horizontal", "vertical"]).optional(),
    probability: share.optional(),
  }),
  elastic: z.strictObject({
    kind: z.literal("elastic"),
    pixels: z.number().min(0).optional(),
    spacing: z.number().min(1).optional(),
  }),
  erase: z.strictObject({
    kind: z.literal("erase"),
    probability: share.optional(),
    area: z.tuple([share, share]).optional(),
    value: z.number().optional(),
  }),
  noise: z.strictObject({ kind: z.literal("noise"), deviation: z.number().min(0).optional() }),
} satisfies Record<keyof typeof transforms, z.ZodObject>;

const transformSchema = z.discriminatedUnion("kind", [
  schemas.shift,
  schemas.crop,
  schemas.rotate,
  schemas.scale,
  schemas.flip,
  schemas.elastic,
  schemas.erase,
  schemas.noise,
]);

/** Random changes of the training rows of every epoch. */
export const augmentSchema = z.strictObject({
  /** In their order. */
  transforms: z.array(transformSchema).min(1),
  /** What moved pictures show beyond their border: a value, or the pixels of the border. */
  fill: z.union([z.number(), z.literal("edge")]).default("edge"),
});

/** The transforms of a configuration. @throws UsageError for options that do not go together */
export function transformsOf({ transforms: list }: z.output<typeof augmentSchema>): Transform[] {
  return list.map(({ kind, ...options }) => transformFrom({ kind, options }));
}
