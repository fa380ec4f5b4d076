/** Writes files of a cache folder. */

import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file beside its place and moves it there: other processes see a whole file or none. One that cannot be
 * written is left out: what is in a cache can be made again. */
export function writeCacheFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    try {
      writeFileSync(draft, content);
      renameSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
  } catch {
    // The next process makes it again.
  }
}
