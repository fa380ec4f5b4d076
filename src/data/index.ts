/** Datasets, readers, splits, transforms and batching (the part that runs in a browser). */

export {
  type Augmentation,
  type AugmentationOptions,
  augmentation,
  type Preparer,
} from "./augment/augmentation.ts";
export { type AugmentTask, pictureShape } from "./augment/augmentRows.ts";
export type { Fill } from "./augment/sample.ts";
export {
  type AffineMap,
  defineTransform,
  type FieldMap,
  type Move,
  type PictureShape,
  type PixelChange,
  type Transform,
} from "./augment/transform.ts";
export { type TransformDescription, transformFrom, transforms } from "./augment/transforms.ts";
export { augmentInWebWorker } from "./augment/worker.ts";
export { batchCount, batchIndices, type EpochOptions, epochOrder } from "./batches.ts";
export {
  type CatalogueEntry,
  type DatasetName,
  datasetCatalogue,
  datasets,
} from "./catalogue.ts";
export {
  type CsvOptions,
  type FeatureOptions,
  type FeatureRows,
  parseCsv,
  parseFeatures,
} from "./csv.ts";
export type { MissingStrategy } from "./csvColumns.ts";
export { type CsvFormat, defaultMissingValues } from "./csvTable.ts";
export { Dataset, type DatasetOptions } from "./dataset.ts";
export { digits, iris } from "./embedded.ts";
export {
  type BlobsOptions,
  blobs,
  type CirclesOptions,
  circles,
  type GeneratedOptions,
  moons,
  xor,
} from "./generated.ts";
export { type IdxArray, type IdxValues, parseIdx } from "./images/idx.ts";
export {
  type ImageSet,
  type ImageSetFile,
  type ImageSetName,
  type ImageSetPart,
  imageSets,
} from "./images/imageSets.ts";
export {
  type ImageOptions,
  imageSetFromBytes,
  imagesFromIdx,
  type ReadFile,
  type TrainAndTest,
} from "./images/images.ts";
export { fromOneHot, oneHot } from "./oneHot.ts";
export type { PackedValues } from "./packed.ts";
export {
  describePreprocessing,
  type Preprocessing,
  type PreprocessingData,
  parsePreprocessing,
} from "./preprocessing.ts";
export type { InputValues, TargetValues } from "./rowValues.ts";
export { type NoisySpiralsOptions, noisySpirals, twoSpirals } from "./spirals.ts";
export { type SplitOptions, splitIndices } from "./split.ts";
export {
  fitStandardization,
  parseStandardization,
  Standardization,
  type StandardizationData,
} from "./standardize.ts";
