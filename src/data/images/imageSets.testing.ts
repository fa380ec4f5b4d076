/** Where the tests find MNIST and Fashion-MNIST, and small IDX files. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { hasImageSet } from "./imageSets.node.ts";
import type { ImageSetName } from "./imageSets.ts";

const besideRepository = join(import.meta.dirname, "../../../../shared/data");

/** What to give to `mnist()` and `fashionMnist()`: a folder that holds them, or nothing when the
 * variable or the cache does; undefined when they would have to be fetched. */
export function localImageSet(name: ImageSetName): { readonly dataDir?: string } | undefined {
  if (hasImageSet(name)) return {};
  const isBeside = existsSync(besideRepository) && hasImageSet(name, { dataDir: besideRepository });
  return isBeside ? { dataDir: besideRepository } : undefined;
}

/** An IDX file of bytes. */
export function idxBytes(shape: readonly number[], values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + values.length);
  bytes.set([0, 0, 8, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((size, axis) => {
    view.setUint32(4 + 4 * axis, size);
  });
  bytes.set(values, 4 + 4 * shape.length);
  return bytes;
}
