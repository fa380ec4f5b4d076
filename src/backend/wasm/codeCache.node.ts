/** Keeps compiled programs in files, so that a network is compiled once a machine. */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeCacheFile } from "./cacheFile.node.ts";
import type { CodeCache, CodeKey, CompiledCode } from "./codeCache.ts";

/** Files that are kept; of more, those that were not read for the longest time go. */
const mostFiles = 256;

/** Bytes of the checksum that stands before the content of a file. */
const checksumBytes = 32;

/** A place for compiled programs in a cache folder: a later process with the same network, data sizes and backend
 * takes them from there instead of compiling (a tenth of the time). Files are found by everything that the code
 * depends on, the build of this package included, and checked against a checksum; one that is damaged is compiled
 * anew and replaced, one that cannot be written is left out. The 256 used last are kept.
 *
 * @param folder the cache folder; a folder `code` is made in it. Whoever can write to it decides what code runs on
 *   the arrays of a network, and only there: it is WebAssembly with no other access
 * @param build which compiler it is (default: a checksum of the sources that this package was built from)
 * @returns undefined where the build is not known, as when sources run unbuilt: nothing is kept then
 * @example
 * import { codeCache } from "chainrule/backend/node";
 * const backend = wasmBackend({ mode: "fast", code: codeCache("cache") });
 */
export function codeCache(folder: string, build = ownBuild()): CodeCache | undefined {
  return build === undefined ? undefined : new CodeFolder(join(folder, "code"), build);
}

class CodeFolder implements CodeCache {
  readonly #folder: string;
  readonly #build: string;

  constructor(folder: string, build: string) {
    this.#folder = folder;
    this.#build = build;
  }

  find(key: CodeKey): CompiledCode | undefined {
    const path = this.#pathOf(key);
    try {
      const file = readFileSync(path);
      const content = file.subarray(checksumBytes);
      if (!checksumOf(content).equals(file.subarray(0, checksumBytes))) return undefined;
      const code: CompiledCode = deserialize(content);
      markRead(path);
      return code;
    } catch {
      return undefined;
    }
  }

  keep(key: CodeKey, code: CompiledCode): void {
    const content = serialize(code);
    writeCacheFile(this.#pathOf(key), Buffer.concat([checksumOf(content), content]));
    this.#dropOldest();
  }

  #pathOf(key: CodeKey): string {
    const all = JSON.stringify([this.#build, process.versions.v8, ...key]);
    return join(this.#folder, checksumOf(all).toString("hex").slice(0, 32));
  }

  #dropOldest(): void {
    try {
      const names = readdirSync(this.#folder);
      if (names.length <= mostFiles) return;
      const files = names.map((name) => {
        const path = join(this.#folder, name);
        return { path, read: statSync(path).mtimeMs };
      });
      files.sort((a, b) => b.read - a.read);
      for (const { path } of files.slice(mostFiles)) rmSync(path, { force: true });
    } catch {
      // Another process is at it.
    }
  }
}

function markRead(path: string): void {
  try {
    const now = new Date();
    utimesSync(path, now, now);
  } catch {
    // A folder that can only be read serves as well.
  }
}

function checksumOf(content: string | Uint8Array): Buffer {
  return createHash("sha256").update(content).digest();
}

/** The checksum that a build of this package writes beside its compiled sources. */
function ownBuild(): string | undefined {
  try {
    const text = readFileSync(new URL("../../../.sources", import.meta.url), "utf8");
    return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
