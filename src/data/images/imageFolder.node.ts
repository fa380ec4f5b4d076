/** Folders of PNG pictures as datasets: each folder is a class. */

import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { DataError, FileError } from "../../util/index.ts";
import { Dataset } from "../dataset.ts";
import { decodePicture } from "./png.ts";

export interface ImageFolderOptions {
  /** 1 for grey, 3 for colours; "auto" (default) is 1 when every picture is grey. */
  readonly channels?: 1 | 3 | "auto";
  /** The classes in their order; default the folders by name. Give the training part's names for a test
   * part, in which a class may be missing. */
  readonly classNames?: readonly string[];
  /** Default the folder's. */
  readonly name?: string;
}

/** Reads a folder of folders: `folder/cat/1.png` is a picture of the class "cat". Inputs are float32
 * [height, width, channels] from 0 to 1, ordered by class and file name; other files are passed over.
 *
 * @throws FileError for a folder or file that cannot be read; DataError when there is no picture, or
 *   pictures differ in size
 * @example
 * const letters = await readImageFolder("letters", { channels: 1 });
 */
export async function readImageFolder(
  folder: string,
  { channels = "auto", classNames, name = basename(resolve(folder)) }: ImageFolderOptions = {},
): Promise<Dataset> {
  const found = (await entriesOf(folder)).filter((entry) => entry.isDirectory());
  const names = classNames ?? found.map((entry) => entry.name).sort();
  const files: { readonly path: string; readonly label: number }[] = [];
  for (const entry of found) {
    const label = names.indexOf(entry.name);
    if (label < 0) {
      throw new DataError(
        `Folder "${folder}": expected the classes ${names.join(", ")}, got a folder "${entry.name}".`,
      );
    }
    const pictures = await picturesIn(join(folder, entry.name));
    files.push(...pictures.map((path) => ({ path, label })));
  }
  if (files.length === 0) {
    throw new DataError(
      `Folder "${folder}": expected a folder for each class with .png files in it, such as ` +
        `${folder}/cat/1.png, found ${found.length} folders and no .png file in them.`,
    );
  }
  files.sort((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1));
  const wanted = channels === "auto" ? await commonChannels(files) : channels;
  const first = decodePicture(await read(files[0].path), { channels: wanted });
  const { height, width } = first;
  const inputs = new Float32Array(files.length * first.pixels.length);
  for (const [i, { path }] of files.entries()) {
    const picture = decodePicture(await read(path), { where: `File "${path}"`, channels: wanted });
    if (picture.height !== height || picture.width !== width) {
      throw new DataError(
        `File "${path}": expected ${width} x ${height} pixels as in ${basename(files[0].path)}, got ` +
          `${picture.width} x ${picture.height}; scale all pictures to one size.`,
      );
    }
    inputs.set(picture.pixels, i * first.pixels.length);
  }
  return new Dataset({
    name,
    inputs,
    inputShape: [height, width, wanted],
    targets: Int32Array.from(files, ({ label }) => label),
    classNames: names,
  });
}

/** Reads a folder of pictures that may hold two parts, `train` and `test`, each a folder of folders.
 *
 * @throws as {@link readImageFolder}; DataError when the two differ in classes or size
 */
export async function readImageParts(
  folder: string,
  options: ImageFolderOptions = {},
): Promise<Dataset | { readonly train: Dataset; readonly test: Dataset }> {
  const found = (await entriesOf(folder)).filter((entry) => entry.isDirectory());
  const names = found.map((entry) => entry.name).sort();
  if (names.join() !== "test,train") return readImageFolder(folder, options);
  const { name = basename(resolve(folder)) } = options;
  const train = await readImageFolder(join(folder, "train"), {
    ...options,
    name: `${name} (train)`,
  });
  const test = await readImageFolder(join(folder, "test"), {
    channels: train.inputShape[2] as 1 | 3,
    classNames: train.classNames,
    name: `${name} (test)`,
  });
  if (test.inputShape.join() === train.inputShape.join()) return { train, test };
  const size = ([height, width]: readonly number[]) => `${width} x ${height}`;
  throw new DataError(
    `Folder "${folder}": expected pictures of ${size(train.inputShape)} pixels in test/ as in train/, ` +
      `got ${size(test.inputShape)}; scale all pictures to one size.`,
  );
}

/** 1 when all pictures are grey. */
async function commonChannels(files: readonly { readonly path: string }[]): Promise<1 | 3> {
  for (const { path } of files) {
    if (decodePicture(await read(path), { where: `File "${path}"` }).channels === 3) return 3;
  }
  return 1;
}

async function picturesIn(folder: string): Promise<string[]> {
  return (await entriesOf(folder))
    .filter((entry) => entry.isFile() && /\.png$/i.test(entry.name))
    .map((entry) => join(folder, entry.name));
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "found nothing there; check the path" : message;
    throw new FileError(`Folder "${folder}": expected folders of pictures, ${reason}.`, { cause });
  }
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FileError(`File "${path}": cannot be read (${(cause as Error).message}).`, { cause });
  }
}
