/** Where tests find the files of MNIST and Fashion-MNIST: CHAINRULE_DATA_DIR, the folder shared/data beside the
 * repository, or the cache. */

import { join } from "node:path";
import { hasImageSet } from "../../src/data/index.node.ts";

const beside = join(import.meta.dirname, "..", "..", "..", "shared", "data");

/** What to give as `dataDir`; `undefined` for the cache. */
export const dataDir: string | undefined =
  process.env.CHAINRULE_DATA_DIR ||
  (hasImageSet("mnist", { dataDir: beside }) ? beside : undefined);

/** Whether the files of both sets are there. */
export const hasFiles: boolean = (["mnist", "fashionMnist"] as const).every((name) =>
  hasImageSet(name, { dataDir }),
);

if (!hasFiles) {
  console.warn(
    "Tests on MNIST are skipped: name a folder that holds its files with CHAINRULE_DATA_DIR.",
  );
}
