/** CSV files as datasets, and as rows of features to predict for, in Node.js. */

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { FileError } from "../util/index.ts";
import {
  type CsvOptions,
  type FeatureOptions,
  type FeatureRows,
  parseCsv,
  parseFeatures,
} from "./csv.ts";
import type { Dataset } from "./dataset.ts";

/** Reads a dataset from a CSV file in UTF-8, also a gzipped one; options as {@link parseCsv}, and the
 * dataset's name is the file's unless another is given.
 *
 * @throws FileError when the file cannot be read or is not UTF-8; DataError as {@link parseCsv}.
 * @example
 * await readCsv("iris.csv", { target: "species" });
 */
export async function readCsv(path: string, options: CsvOptions): Promise<Dataset> {
  return parseCsv(await readText(path), { ...options, name: options.name ?? basename(path) });
}

/** Reads rows of features from a CSV file in UTF-8, also a gzipped one; options as {@link parseFeatures}.
 *
 * @throws FileError when the file cannot be read or is not UTF-8; DataError as {@link parseFeatures}.
 * @example
 * await readFeatures("new.csv", { featureNames: ["length", "width"] });
 */
export async function readFeatures(path: string, options: FeatureOptions): Promise<FeatureRows> {
  return parseFeatures(await readText(path), { ...options, name: options.name ?? basename(path) });
}

async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError(
      `File "${path}": expected CSV text in UTF-8, got other bytes; save it as "CSV UTF-8".`,
      { cause },
    );
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new FileError(`File "${path}": ${reasonOf(cause)}`, { cause });
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip) return bytes;
  try {
    return await promisify(gunzip)(bytes);
  } catch (cause) {
    throw new FileError(
      `File "${path}": expected a complete gzip file, got a damaged one; copy or compress it again.`,
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  switch (code) {
    case "ENOENT":
      return "expected a CSV file, found nothing there; check the path.";
    case "EISDIR":
      return "expected a CSV file, got a folder; name a file in it.";
    case "EACCES":
    case "EPERM":
      return "expected a CSV file, got no permission to read it.";
    default:
      return `cannot be read (${cause instanceof Error ? cause.message : String(cause)}).`;
  }
}
