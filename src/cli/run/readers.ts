/** How the command line reads rows from files. */

import type { Readers } from "../../config/index.ts";
import { loadImageSet, readCsv, readImageParts } from "../../data/index.node.ts";

export const readers: Readers = { csv: readCsv, images: loadImageSet, imageFolder: readImageParts };
