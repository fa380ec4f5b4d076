/** MNIST and Fashion-MNIST from a folder, the cache or the network. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FileError } from "../../util/index.ts";
import { fetchFile } from "./fetchFile.node.ts";
import { cacheFolder, dataDirVariable } from "./folders.node.ts";
import { brokenGzip, isGzip } from "./gzip.ts";
import {
  type ImageSet,
  type ImageSetFile,
  type ImageSetName,
  type ImageSetPart,
  imageSets,
} from "./imageSets.ts";
import {
  checkedFile,
  type ImageOptions,
  partFrom,
  type ReadFile,
  type TrainAndTest,
} from "./images.ts";

export interface ImageSetOptions extends ImageOptions {
  /** A folder that holds the files, in a folder of the set's name or directly, gzipped or not; default
   * the environment variable `CHAINRULE_DATA_DIR`. Without either the files are fetched once into the cache. */
  readonly dataDir?: string;
  /** Where fetched files are kept; default the user's cache folder. */
  readonly cacheDir?: string;
  /** Addresses to fetch from instead of the public mirrors; a file's name with `.gz` is added to each. */
  readonly mirrors?: readonly string[];
  /** Told about each file that is fetched, now and then. */
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}

export interface FetchProgress {
  /** The file's name. */
  readonly file: string;
  readonly bytes: number;
  /** The size that the file should have. */
  readonly total: number;
}

/** MNIST: handwritten digits, 60,000 images to train and 10,000 to test, [28, 28, 1], from 0 (paper) to 1 (ink).
 *
 * LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE
 * 86(11), 1998.
 * @throws FileError when the files cannot be found, fetched or understood
 * @example
 * const { train, test } = await mnist({ dataDir: "data" });
 */
export function mnist(options: ImageSetOptions = {}): Promise<TrainAndTest> {
  return loadImageSet("mnist", options);
}

/** Fashion-MNIST: ten kinds of clothes, in the format of {@link mnist}.
 *
 * Xiao, Rasul, Vollgraf, arXiv:1708.07747, 2017.
 * @throws FileError when the files cannot be found, fetched or understood
 * @example
 * const { train, test } = await fashionMnist();
 */
export function fashionMnist(options: ImageSetOptions = {}): Promise<TrainAndTest> {
  return loadImageSet("fashionMnist", options);
}

/** An image set by name.
 *
 * @throws FileError when the files cannot be found, fetched or understood
 */
export async function loadImageSet(
  name: ImageSetName,
  options: ImageSetOptions = {},
): Promise<TrainAndTest> {
  const set = imageSets[name];
  const read = (part: ImageSetPart) => readOne(set, set.files[part], options);
  const part = async (name: "train" | "test") => {
    const images = await read(`${name}Images`);
    return partFrom(set, name, { images, labels: await read(`${name}Labels`) }, options);
  };
  // Files that are here are unpacked side by side; what must be fetched comes one after the other.
  const train = part("train");
  if (!hasImageSet(name, options)) await train;
  const [trainPart, testPart] = await Promise.all([train, part("test")]);
  return { train: trainPart, test: testPart };
}

/** Whether the files of a set are on this machine, so that nothing would be fetched. */
export function hasImageSet(name: ImageSetName, options: ImageSetOptions = {}): boolean {
  const set = imageSets[name];
  const folder = namedFolder(options);
  return Object.values(set.files).every((file) =>
    folder === undefined
      ? existsSync(cachedPath(set, file, options))
      : findFile(folder.path, set, file) !== undefined,
  );
}

async function readOne(
  set: ImageSet,
  file: ImageSetFile,
  options: ImageSetOptions,
): Promise<ReadFile> {
  const check = (read: ReadFile) => checkedFile(read, file, set, sha256);
  const folder = namedFolder(options);
  if (folder !== undefined) {
    const path = findFile(folder.path, set, file);
    if (path !== undefined) return check(await unpacked(path, await readFile(path), file.bytes));
    throw new FileError(
      `${folder.source} "${folder.path}": expected ${set.title}'s ${file.name}.gz, in ` +
        `${set.folders[0]}/ or directly in the folder, found neither; put the set's four files there, ` +
        `or leave out --data-dir and ${dataDirVariable} to fetch them.`,
    );
  }
  const path = cachedPath(set, file, options);
  if (existsSync(path)) return check(await unpacked(path, await readFile(path), file.bytes));
  return fetchOne(path, set, file, options, check);
}

async function fetchOne(
  path: string,
  set: ImageSet,
  file: ImageSetFile,
  { mirrors = set.mirrors, onProgress, signal }: ImageSetOptions,
  check: (read: ReadFile) => Promise<ReadFile>,
): Promise<ReadFile> {
  let checked: ReadFile | undefined;
  try {
    await fetchFile({
      urls: mirrors.map((mirror) => `${mirror.replace(/\/*$/, "/")}${file.name}.gz`),
      path,
      check: async (bytes) => {
        checked = await check(await unpacked(`${file.name}.gz`, bytes, file.bytes));
      },
      onProgress: (bytes) => onProgress?.({ file: file.name, bytes, total: file.compressedBytes }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    throw new FileError(
      `${set.title}: ${error.message}\nWithout a network, put the set's four files in a folder and ` +
        `name it with --data-dir or the environment variable ${dataDirVariable}.`,
      { cause: error },
    );
  }
  return checked!;
}

interface NamedFolder {
  readonly path: string;
  /** What named it. */
  readonly source: string;
}

function namedFolder({ dataDir }: ImageSetOptions): NamedFolder | undefined {
  if (dataDir !== undefined) return { path: dataDir, source: "Data folder" };
  const path = process.env[dataDirVariable];
  return path ? { path, source: dataDirVariable } : undefined;
}

function findFile(folder: string, set: ImageSet, file: ImageSetFile): string | undefined {
  const dotted = file.name.replace(/-(idx\d)/, ".$1");
  const names = [`${file.name}.gz`, file.name, `${dotted}.gz`, dotted];
  return set.folders
    .flatMap((inner) => names.map((name) => join(folder, inner, name)))
    .find((path) => existsSync(path));
}

function cachedPath(set: ImageSet, file: ImageSetFile, { cacheDir }: ImageSetOptions): string {
  return join(cacheDir ?? cacheFolder(), set.folders[0], `${file.name}.gz`);
}

/** Unpacked on another thread, and into one buffer: many small ones would take twice the memory. */
async function unpacked(where: string, bytes: Uint8Array, size: number): Promise<ReadFile> {
  if (!isGzip(bytes)) return { where, bytes };
  try {
    return { where, bytes: await promisify(gunzip)(bytes, { chunkSize: size + 64 }) };
  } catch (cause) {
    throw brokenGzip(where, cause);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
