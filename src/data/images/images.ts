/** From the files of an image set to its training and test part. */

import { DataError, FileError, UsageError } from "../../util/index.ts";
import { Dataset } from "../dataset.ts";
import { gunzipIfNeeded } from "./gzip.ts";
import { parseIdx } from "./idx.ts";
import { type ImageSet, type ImageSetFile, type ImageSetPart, imageSets } from "./imageSets.ts";

/** A training part and a test part that share no row. */
export interface TrainAndTest {
  readonly train: Dataset;
  readonly test: Dataset;
}

export interface ImageOptions {
  /** Shift and scale the pixels by the usual mean and deviation of the training part (MNIST: 0.1307 and
   * 0.3081 of the values from 0 to 1); default false: values from 0 to 1. */
  readonly normalize?: boolean;
}

/** Where a file came from, and its bytes. */
export interface ReadFile {
  readonly where: string;
  /** Uncompressed or gzip. */
  readonly bytes: Uint8Array;
}

/** The dataset of two IDX arrays: images [rows, height, width] or [rows, height, width, channels] of
 * bytes, and their labels [rows]. Inputs are float32 [height, width, channels] from 0 to 1, kept as the
 * bytes of the file.
 *
 * @throws FileError or DataError when the files are broken, or do not belong together
 * @example
 * imagesFromIdx({ name: "letters", images, labels, classNames: ["a", "b"] }).inputShape; // [28, 28, 1]
 */
export function imagesFromIdx({
  name,
  images,
  labels,
  classNames,
  mean = 0,
  deviation = 1,
}: {
  readonly name: string;
  readonly images: ReadFile;
  readonly labels: ReadFile;
  readonly classNames?: readonly string[];
  /** Of the values from 0 to 1, to shift and scale by. */
  readonly mean?: number;
  readonly deviation?: number;
}): Dataset {
  const pixels = expectBytes(images, [3, 4], "images [rows, height, width]");
  const classes = expectBytes(labels, [1], "labels [rows]");
  const [rows, height, width, channels = 1] = pixels.shape;
  if (classes.shape[0] !== rows) {
    throw new DataError(
      `${labels.where}: expected one label for each of the ${rows} images in ${images.where}, ` +
        `got ${classes.shape[0]}; the two files do not belong together.`,
    );
  }
  return new Dataset({
    name,
    inputs: { codes: pixels.values, meanings: shades(mean, deviation) },
    inputShape: [height, width, channels],
    targets: Int32Array.from(classes.values),
    ...(classNames && { classNames }),
  });
}

function expectBytes({ where, bytes }: ReadFile, ranks: readonly number[], what: string) {
  const { shape, values } = parseIdx(bytes, where);
  if (!ranks.includes(shape.length) || !(values instanceof Uint8Array)) {
    throw new FileError(
      `${where}: expected ${what} of bytes, got [${shape.join(", ")}]; is it the other file of the set?`,
    );
  }
  return { shape, values };
}

/** What each byte b means: float32((b/255 − mean) / deviation). */
function shades(mean: number, deviation: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / deviation);
}

/** One file of an image set, uncompressed and checked.
 *
 * @param sha256 the digest of bytes in hexadecimal
 * @throws FileError for a broken gzip, a wrong magic number, count or checksum
 */
export async function checkedFile(
  { where, bytes }: ReadFile,
  file: ImageSetFile,
  set: ImageSet,
  sha256: (bytes: Uint8Array) => string | Promise<string>,
): Promise<ReadFile> {
  const content = await gunzipIfNeeded(bytes, where);
  // The header's own words are clearer than a checksum: read it first.
  parseIdx(content, where);
  const digest = await sha256(content);
  if (digest !== file.sha256) {
    throw new FileError(
      `${where}: expected the ${set.title} file ${file.name} (SHA-256 ${file.sha256.slice(0, 12)}…), ` +
        `got other content (${digest.slice(0, 12)}…); copy or download it again, or read your own ` +
        "files with imagesFromIdx.",
    );
  }
  return { where, bytes: content };
}

/** One of the two parts of an image set from its two checked files. */
export function partFrom(
  { title, classNames, mean, deviation }: ImageSet,
  part: "train" | "test",
  { images, labels }: { readonly images: ReadFile; readonly labels: ReadFile },
  { normalize = false }: ImageOptions = {},
): Dataset {
  const scale = normalize ? { mean, deviation } : {};
  return imagesFromIdx({ name: `${title} (${part})`, images, labels, classNames, ...scale });
}

/** MNIST or Fashion-MNIST from the bytes of their four files, as a page gets them from its own server;
 * gzip or not. Needs a secure context (https or localhost) for the checksums.
 *
 * @throws FileError for a broken gzip, a wrong magic number, count or checksum; UsageError for a missing file
 * @example
 * const bytes = async (name: string) =>
 *   new Uint8Array(await (await fetch(`/mnist/${name}.gz`)).arrayBuffer());
 * const { train, test } = await imageSetFromBytes("mnist", {
 *   "train-images-idx3-ubyte": await bytes("train-images-idx3-ubyte"),
 *   "train-labels-idx1-ubyte": await bytes("train-labels-idx1-ubyte"),
 *   "t10k-images-idx3-ubyte": await bytes("t10k-images-idx3-ubyte"),
 *   "t10k-labels-idx1-ubyte": await bytes("t10k-labels-idx1-ubyte"),
 * });
 */
export async function imageSetFromBytes(
  name: keyof typeof imageSets,
  files: Readonly<Record<string, Uint8Array>>,
  options: ImageOptions = {},
): Promise<TrainAndTest> {
  const set = imageSets[name];
  const read = async (part: ImageSetPart): Promise<ReadFile> => {
    const file = set.files[part];
    const bytes = files[file.name];
    if (bytes === undefined) {
      const got = Object.keys(files).join(", ") || "none";
      throw new UsageError(`${set.title}: expected the file "${file.name}", got ${got}.`);
    }
    return checkedFile({ where: file.name, bytes }, file, set, digestOf);
  };
  const part = async (name: "train" | "test") => {
    const images = await read(`${name}Images`);
    return partFrom(set, name, { images, labels: await read(`${name}Labels`) }, options);
  };
  return { train: await part("train"), test: await part("test") };
}

async function digestOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
