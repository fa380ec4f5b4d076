/** Where an experiment's rows come from: a dataset of the package by name, images, or a CSV file. */

import { z } from "zod";
import type { DatasetName, ImageSetName } from "../data/index.ts";

const points = z.int().min(2).optional();
const noise = z.number().min(0).optional();
/** Draws the points of a generated set; the experiment's seed does not change it. */
const seed = z.int().min(0).optional();
/** The columns to learn from, by name or index, in this order; all of them unless said. */
const features = z
  .array(z.union([z.string(), z.int().min(0)]))
  .min(1)
  .optional();
const generated = { points, noise, seed, features };

/** One schema a dataset of the catalogue: its options. */
const schemas = {
  iris: z.strictObject({ dataset: z.literal("iris"), features }),
  digits: z.strictObject({ dataset: z.literal("digits"), features }),
  twoSpirals: z.strictObject({ dataset: z.literal("twoSpirals"), features }),
  noisySpirals: z.strictObject({
    dataset: z.literal("noisySpirals"),
    train: points,
    test: points,
    noise,
    turns: z.number().positive().optional(),
    seed,
    features,
  }),
  moons: z.strictObject({ dataset: z.literal("moons"), ...generated }),
  circles: z.strictObject({
    dataset: z.literal("circles"),
    factor: z.number().min(0).lt(1).optional(),
    ...generated,
  }),
  xor: z.strictObject({ dataset: z.literal("xor"), ...generated }),
  blobs: z.strictObject({
    dataset: z.literal("blobs"),
    centers: z.union([z.int().min(1), z.array(z.array(z.number()))]).optional(),
    ...generated,
  }),
} satisfies Record<DatasetName, z.ZodObject>;

const images = {
  /** The folder that holds the files; relative to the working folder. Else CHAINRULE_DATA_DIR, else the
   * files are fetched once. */
  dataDir: z.string().min(1).optional(),
  /** Shift and scale the pixels by the usual mean and deviation of the set; values from 0 to 1 unless said. */
  normalize: z.boolean().optional(),
};

/** One schema a set of images that is fetched: its options. */
const imageSchemas = {
  mnist: z.strictObject({ dataset: z.literal("mnist"), ...images }),
  fashionMnist: z.strictObject({ dataset: z.literal("fashionMnist"), ...images }),
} satisfies Record<ImageSetName, z.ZodObject>;

const imageFolder = z.strictObject({
  dataset: z.literal("imageFolder"),
  /** A folder with a folder of PNG pictures for each class, or with two such folders, train and test;
   * relative to the configuration's own folder. */
  path: z.string().min(1),
  /** 1 for grey, 3 for colours; 1 when every picture is grey, unless said. */
  channels: z.union([z.literal(1), z.literal(3)]).optional(),
});

const csv = z.strictObject({
  dataset: z.literal("csv"),
  /** Path of the file; relative to the configuration's own folder. */
  path: z.string().min(1),
  /** The column to predict: its name, or its index from 0 (-1 is the last). */
  target: z.union([z.string(), z.int()]),
  features,
  task: z.enum(["auto", "classification", "regression"]).optional(),
  header: z.union([z.literal("auto"), z.boolean()]).optional(),
  delimiter: z.string().min(1).optional(),
  missing: z.enum(["error", "drop", "mean"]).optional(),
  missingValues: z.array(z.string()).optional(),
});

/** The rows of a configuration; `dataset` says which of the others keys there are. */
export const sourceSchema = z.discriminatedUnion("dataset", [
  schemas.iris,
  schemas.digits,
  schemas.twoSpirals,
  schemas.noisySpirals,
  schemas.moons,
  schemas.circles,
  schemas.xor,
  schemas.blobs,
  imageSchemas.mnist,
  imageSchemas.fashionMnist,
  imageFolder,
  csv,
]);

export type SourceConfig = z.output<typeof sourceSchema>;
export type ImageSource = z.output<(typeof imageSchemas)[ImageSetName]>;
export type ImageFolderSource = z.output<typeof imageFolder>;
export type CsvSource = z.output<typeof csv>;
