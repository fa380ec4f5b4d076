/** The rows of an experiment: read, split, and standardized by what the training part shows. */

import {
  type CsvOptions,
  Dataset,
  datasetCatalogue,
  datasets,
  fitStandardization,
  imageSets,
  type Standardization,
} from "../data/index.ts";
import { UsageError } from "../util/index.ts";
import type { ResolvedConfig } from "./schema.ts";
import type { CsvSource, ImageFolderSource, ImageSource, SourceConfig } from "./sources.ts";

/** The parts of a dataset; `validation` watches training, `test` is for the final result only. */
export interface Parts {
  readonly train: Dataset;
  readonly validation?: Dataset;
  readonly test: Dataset;
}

/** What an experiment learns from. */
export interface ExperimentRows {
  /** In the units of the source. */
  readonly raw: Parts;
  /** As the network sees them. */
  readonly ready: Parts;
  /** What was applied to the inputs. */
  readonly standardization?: Standardization;
  /** What was applied to the targets of a regression. */
  readonly targetStandardization?: Standardization;
  /** The choices of the split, spelled out. */
  readonly split: ResolvedConfig["split"];
  readonly facts: SourceFacts;
}

/** What is to be said about the source of the rows. */
export interface SourceFacts {
  readonly name: string;
  readonly description?: string;
  /** The name of what is predicted. */
  readonly target?: string;
}

/** Reads rows from files; passed in, because only Node.js has files. */
export interface Readers {
  csv(path: string, options: CsvOptions): Promise<Dataset>;
  images(
    dataset: ImageSource["dataset"],
    options: Omit<ImageSource, "dataset">,
  ): Promise<{ readonly train: Dataset; readonly test: Dataset }>;
  imageFolder(
    path: string,
    options: Omit<ImageFolderSource, "dataset" | "path">,
  ): Promise<Dataset | { readonly train: Dataset; readonly test: Dataset }>;
}

/** Reads, splits and standardizes the rows of an experiment. Everything random comes from its seed.
 *
 * @throws DataError and FileError of the source; UsageError for a split that leaves a part empty
 */
export async function loadRows(config: ResolvedConfig, readers: Readers): Promise<ExperimentRows> {
  const source = await read(config.data, readers);
  const split = completeSplit(config, source);
  const raw = partsOf(source, split);
  const isRegression = raw.train.task === "regression";
  const standardization = config.standardize ? fitStandardization(raw.train) : undefined;
  const targetStandardization =
    config.standardize && isRegression ? fitStandardization(targetsAsInputs(raw.train)) : undefined;
  const ready = (part: Dataset) => {
    const inputs = standardization?.apply(part) ?? part;
    return targetStandardization ? withTargets(inputs, targetStandardization) : inputs;
  };
  return {
    raw,
    ready: {
      train: ready(raw.train),
      ...(raw.validation && { validation: ready(raw.validation) }),
      test: ready(raw.test),
    },
    ...(standardization && { standardization }),
    ...(targetStandardization && { targetStandardization }),
    split,
    facts: factsOf(config.data),
  };
}

/** The dataset with standardized targets. */
export function withTargets(set: Dataset, standardization: Standardization): Dataset {
  const targets = Float64Array.from(set.targets);
  return new Dataset({ ...set, targets: standardization.applyTo(targets) });
}

function targetsAsInputs(set: Dataset): Dataset {
  const inputs = Float64Array.from(set.targets);
  return new Dataset({ ...set, inputs, inputShape: [set.targetSize], featureNames: undefined });
}

/** @throws UsageError for a test part of data that come with one */
function completeSplit(
  { split, seed, data }: ResolvedConfig,
  source: Dataset | Parts,
): ResolvedConfig["split"] {
  const hasParts = "train" in source;
  if (hasParts && split.test !== undefined) {
    throw new UsageError(
      `split.test: dataset "${data.dataset}" comes with a test part of its own, got ${split.test}; leave it out.`,
    );
  }
  const { task } = hasParts ? source.train : source;
  return {
    ...(hasParts ? {} : { test: split.test ?? 0.2 }),
    ...(split.validation !== undefined && { validation: split.validation }),
    stratify: split.stratify ?? task === "classification",
    seed: split.seed ?? seed,
  };
}

function partsOf(source: Dataset | Parts, split: ResolvedConfig["split"]): Parts {
  const { test = 0.2, validation, stratify, seed = 0 } = split;
  let parts: Parts;
  if ("train" in source) parts = source;
  else if (test === "same") parts = { train: source, test: source };
  else parts = source.split({ test, stratify, seed });
  if (validation === undefined) return parts;
  // Another seed than the test part's: the same one would shuffle alike.
  const inner = parts.train.split({ test: validation, stratify, seed: seed + 1 });
  return {
    train: inner.train.withName(parts.train.name),
    validation: inner.test.withName(
      `${source instanceof Dataset ? source.name : parts.train.name} (validation)`,
    ),
    test: parts.test,
  };
}

async function read(source: SourceConfig, readers: Readers): Promise<Dataset | Parts> {
  if (source.dataset === "csv") return readers.csv(source.path, csvOptions(source));
  if (source.dataset === "imageFolder") {
    const { dataset: _, path, ...options } = source;
    return readers.imageFolder(path, options);
  }
  if (isImages(source)) {
    const { dataset, ...options } = source;
    return readers.images(dataset, options);
  }
  const { features } = source;
  const chosen = (set: Dataset) => (features === undefined ? set : set.withFeatures(features));
  const { dataset, features: _, ...options } = source;
  const make = datasets[dataset] as (options: object) => Dataset | Parts;
  const made = make(options);
  if (!("train" in made)) return chosen(made);
  return { train: chosen(made.train), test: chosen(made.test) };
}

function isImages(source: SourceConfig): source is ImageSource {
  return Object.hasOwn(imageSets, source.dataset);
}

/** How to read the CSV file of a source. */
export function csvOptions({ dataset: _, path: __, ...options }: CsvSource): CsvOptions {
  return options;
}

function factsOf(source: SourceConfig): SourceFacts {
  if (source.dataset === "csv") {
    const target = typeof source.target === "string" ? source.target : `column ${source.target}`;
    return { name: source.path.split(/[\\/]/).at(-1)!, target };
  }
  if (source.dataset === "imageFolder") return { name: source.path.split(/[\\/]/).at(-1)! };
  if (isImages(source)) {
    const { description, source: origin } = imageSets[source.dataset];
    return { name: source.dataset, description: `${description}. Source: ${origin}.` };
  }
  const entry = datasetCatalogue.find(({ name }) => name === source.dataset)!;
  return { name: source.dataset, description: `${entry.description}. Source: ${entry.source}.` };
}
