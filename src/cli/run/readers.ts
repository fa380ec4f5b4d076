/** How the command line reads rows from files and from the network. */

import type { Readers } from "../../config/index.ts";
import {
  type FetchProgress,
  loadImageSet,
  readCsv,
  readImageParts,
} from "../../data/index.node.ts";
import type { Terminal } from "../output/terminal.ts";

/** Readers that tell what they fetch. */
export function readersFor(terminal: Terminal): Readers {
  return {
    csv: readCsv,
    imageFolder: readImageParts,
    images: (name, options) => {
      const onProgress = fetchLog(terminal);
      return loadImageSet(name, { ...options, onProgress });
    },
  };
}

/** A line when a file begins to come, and one when it is there. */
function fetchLog(terminal: Terminal): (progress: FetchProgress) => void {
  const begun = new Set<string>();
  return ({ file, bytes, total }) => {
    const size = `${(total / 1e6).toFixed(1)} MB`;
    if (!begun.has(file)) terminal.log(`Fetching ${file} (${size})`);
    begun.add(file);
    if (bytes === total) terminal.log(`Fetched  ${file}`);
  };
}
